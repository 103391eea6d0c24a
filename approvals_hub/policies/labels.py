"""What is known of kinds of actions: whether they can be undone, and how much is at risk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from approvals_hub.domain.requirement import RISKS
from approvals_hub.policies.document import Label
from approvals_hub.policies.index import breadth, covers, includes

DEFAULT: Final = (
    Label(action="communication.email.send", reversible=False, risk="medium"),
    Label(action="communication.email.delete", reversible=False, risk="medium"),
    Label(action="communication.sms.send", reversible=False, risk="medium"),
    Label(action="communication.phone.call", reversible=False, risk="medium"),
    Label(action="communication.social.*", reversible=False, risk="high"),
    Label(action="commerce.*", risk="medium"),
    Label(action="finance.*", reversible=False, risk="high"),
    Label(action="data.personal.read", reversible=True, risk="high"),
    Label(action="data.personal.share", reversible=False, risk="high"),
    Label(action="data.personal.delete", reversible=False, risk="critical"),
    Label(action="data.business.export", reversible=False, risk="high"),
    Label(action="web.browse", reversible=True, risk="low"),
    Label(action="web.account.delete", reversible=False, risk="high"),
    Label(action="scheduling.*", reversible=True, risk="low"),
    Label(action="legal.*", reversible=False, risk="critical"),
    Label(action="healthcare.records.share", reversible=False, risk="critical"),
    Label(action="healthcare.*", risk="high"),
    Label(action="system.file.read", reversible=True, risk="low"),
    Label(action="system.file.write", reversible=True, risk="medium"),
    Label(action="system.file.delete", reversible=False, risk="high"),
    Label(action="system.*", risk="high"),
)
"""What `taxonomy: default` says of OpenLeash's nine roots; a policy's own labels stand over it."""


CRITICAL: Final = RISKS[-1]


class Known(msgspec.Struct, frozen=True):
    """Of one action; None is not known."""

    reversible: bool | None = None
    risk: str | None = None


def known_of(action_type: str, policies: Sequence[tuple[Label, ...]]) -> Known:
    """What several policies say of a kind of action.

    Within one the narrowest pattern counts. Among them the worse: that one policy calls something harmless takes back
    nothing of what another says.
    """
    reversible: bool | None = None
    risk: str | None = None
    for labels in policies:
        said = _within(action_type, labels)
        if said.reversible is not None and reversible is not False:
            reversible = said.reversible
        if said.risk is not None and (risk is None or RISKS.index(said.risk) > RISKS.index(risk)):
            risk = said.risk
    return Known(reversible, risk)


def critical_within(pattern: str, labels: Sequence[Label]) -> tuple[bool, str | None]:
    """Whether all that a pattern names is labelled critical by one policy, and a label that calls some of it so."""
    said = [label for label in labels if label.risk is not None]
    around = min((each for each in said if includes(each.action, pattern)), key=_breadth, default=None)
    inside = [each for each in said if each.action != pattern and includes(pattern, each.action)]
    deciding = [*([] if around is None else [around]), *_narrowest_of_each(inside)]
    critical = [each.action for each in deciding if each.risk == CRITICAL]
    return around is not None and len(critical) == len(deciding), next(iter(critical), None)


def _narrowest_of_each(labels: list[Label]) -> list[Label]:
    """Of two labels of one pattern the first one counts."""
    return list({each.action: each for each in reversed(labels)}.values())


def _breadth(label: Label) -> tuple[int, int]:
    return breadth(label.action)


def _within(action_type: str, labels: tuple[Label, ...]) -> Known:
    here = sorted((each for each in labels if covers(each.action, action_type)), key=_breadth)
    reversible = next((each.reversible for each in here if each.reversible is not None), None)
    return Known(reversible, next((each.risk for each in here if each.risk is not None), None))
