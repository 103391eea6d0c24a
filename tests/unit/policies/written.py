"""Policies, actions and facts of tests, written as shortly as they can be read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.decision import Decision
from approvals_hub.policies.document import Layer, Policy, Rule
from approvals_hub.policies.facts import Facts
from approvals_hub.policies.labels import Known
from approvals_hub.policies.load import load
from approvals_hub.policies.policy import counters, decide
from approvals_hub.policies.stack import Stack
from approvals_hub.policies.view import View

MONDAY = 1_772_445_600_000
"""2026-03-02T10:00:00Z."""


def policy(rules: str, default: str = "deny", more: str = "", policy_id: str = "test") -> Policy:
    """A policy with these rules, each a YAML flow mapping on a line of its own."""
    lines = "".join(f"  - {{{line.strip()}}}\n" for line in rules.strip().splitlines())
    return load(
        f"version: 1\ndefault: {default}\n{more}rules:{' []' if not lines else ''}\n{lines}", policy_id=policy_id
    )


def stack(*policies: Policy) -> Stack:
    """All of the owner's."""
    return Stack([Layer(each) for each in policies])


def one_rule(text: str) -> Rule:
    """The one rule of a policy."""
    (found,) = policy(text).rules
    return found


def action(kind: str = "pay", payload: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An action's members."""
    return {"action_type": kind, "principal": {"agent_id": "agt_1"}, "payload": payload or {}, **more}


def party(domain: Any, **more: Any) -> dict[str, Any]:
    """A relying party."""
    return {"relying_party": {"domain": domain, **more}}


def facts(**known: Any) -> Facts:
    """Facts at a Monday morning."""
    return Facts(**{"now": MONDAY, **known})


def view(payload: dict[str, Any] | None = None, kind: str = "pay", known: Known = Known(), **more: Any) -> View:  # noqa: B008 - frozen
    """An action as rules see it."""
    return View(action(kind, payload, **more), facts(), known)


def decided(
    rules: str, asked: dict[str, Any] | None = None, total: int = 0, default: str = "deny", **known: Any
) -> Decision:
    """What a policy of these rules decides, with that total in every counter."""
    whole = stack(policy(rules, default))
    asked = action() if asked is None else asked
    there = facts(**known)
    totals = dict.fromkeys(counters(whole, asked, there), total)
    return decide(whole, asked, msgspec.structs.replace(there, totals=totals))


def faults(text: str | bytes) -> list[tuple[int, int, str]]:
    """Line, column and words of everything that a text is refused for."""
    with pytest.raises(Invalid) as caught:
        load(text)
    assert caught.value.code == "policy_invalid"
    return [(each["line"], each["column"], each["detail"].partition(": ")[2]) for each in caught.value.extra["errors"]]
