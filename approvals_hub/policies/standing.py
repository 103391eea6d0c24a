"""What stands in an organisation when an action is decided about: its mode, and the signals that are set. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from approvals_hub.policies.document import Rule

NORMAL: Final = "normal"
"""The mode of an organisation that has defined none."""
HUB: Final = "hub."
"""Begins the signals that the hub measures itself."""


class Standing(msgspec.Struct, frozen=True):
    """The signals in order. Of those that the hub measures only what a policy in force names is looked at."""

    mode: str = NORMAL
    signals: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    """Which of the hub's own were looked at, in order."""

    def recorded(self) -> dict[str, str | int | bool | list[str] | None]:
        """As the log has it: nothing where nothing stands out."""
        mode: dict[str, str | int | bool | list[str] | None] = {} if self.mode == NORMAL else {"mode": self.mode}
        return {**mode, **({"signals": list(self.signals)} if self.signals else {})}


NOTHING: Final = Standing()


def signals_of(rule: Rule) -> tuple[str, ...]:
    """The signals that a rule selects by."""
    return () if rule.where is None or rule.where.signal is None else rule.where.signal


def measured_of(rules: Iterable[Rule]) -> frozenset[str]:
    """Those of them that the hub measures."""
    return frozenset(name for rule in rules for name in signals_of(rule) if name.startswith(HUB))


def is_known(rule: Rule, standing: Standing | None) -> bool:
    """Whether what this rule selects by was looked at; `standing` None: nobody wrote down what stood."""
    named = signals_of(rule)
    if standing is None:
        return not named and (rule.where is None or rule.where.mode is None)
    return all(name in standing.measured for name in named if name.startswith(HUB))
