"""Asking for more never lets more through: properties over policies, payloads and facts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.domain.assurance import LEVELS
from approvals_hub.policies.decision import STRICTNESS, Decision
from tests.unit.policies.written import action, decided

CONDITIONS = st.sampled_from(
    [
        "",
        ", constraints: {amount_max: 50}",
        ", constraints: {amount_min: 10, currency: [EUR]}",
        ", when: {match: {path: $.payload.note, op: eq, value: ok}}",
        ", when: {not: {match: {path: $.payload.note, op: in, value: [bad, 1]}}}",
        ", when: {match: {path: $.payload.amount_minor, op: gt, value: 20}}",
        ", where: {environment: production}",
        ", where: {trust_min: HIGH}",
    ]
)
DUTIES = st.lists(
    st.sampled_from(
        [
            "requirements: {min_assurance_level: SUBSTANTIAL}",
            "obligations: [{type: HUMAN_APPROVAL}]",
            "obligations: [{type: STEP_UP_AUTH}]",
            "obligations: [{type: DEPOSIT}]",
            "approval: {quorum: 2, min_assurance: LOW}",
            "spend: {limit: 60, currency: EUR, window: day}",
            "spend: {limit: 60, currency: EUR, window: day, above: deny}",
            "frequency: {most: 3, window: day}",
            "counterparty_proof: required",
            "proof: {required: true}",
        ]
    ),
    max_size=3,
    unique_by=lambda each: each.partition(":")[0],
)
EXTRA = {
    "requirements": "requirements: {min_assurance_level: HIGH}",
    "obligations": "obligations: [{type: HUMAN_APPROVAL}, {type: STEP_UP_AUTH}]",
    "approval": "approval: {quorum: 3, min_assurance: HIGH}",
    "spend": "spend: {limit: 10, currency: EUR, window: day, above: deny}",
    "frequency": "frequency: {most: 0, window: day}",
    "counterparty_proof": "counterparty_proof: required",
}
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "amount_minor": st.sampled_from([0, 5, 20, 50, 51, -1, "20", 20.5, None, True, [20]]),
        "currency": st.sampled_from(["EUR", "SEK", "eur", 5]),
        "note": st.sampled_from(["ok", "bad", 1, None, ["ok"]]),
        "assurance_level": st.sampled_from(["HIGH", "LOW"]),
    },
)
KNOWN = st.fixed_dictionaries(
    {}, optional={"environment": st.sampled_from(["production", "test"]), "counterparties": st.just(("a.example",))}
)


def level(made: Decision) -> int:
    """How sure whoever approves must be; 0 where nobody is asked."""
    return 0 if made.asked is None else LEVELS[made.asked.members.get("min_assurance", "LOW")]


def is_at_least_as_strict(new: Decision, old: Decision) -> bool:
    """Denied, or asking for everything that the old one asks for."""
    if new.decision == "DENY":
        return True
    owed = {each.type for each in old.obligations} <= {each.type for each in new.obligations}
    return STRICTNESS[new.decision] >= STRICTNESS[old.decision] and owed and level(new) >= level(old)


def rule(duties: list[str], condition: str, name: str = "r", effect: str = "allow") -> str:
    return ", ".join([f"id: {name}, effect: {effect}, action: pay", *duties]) + condition


@given(DUTIES, st.sampled_from(sorted(EXTRA)), CONDITIONS, PAYLOADS, KNOWN, st.sampled_from([0, 3, 55]))
def test_a_requirement_that_is_added_never_loosens(
    duties: list[str], extra: str, condition: str, payload: Any, known: Any, total: int
) -> None:
    kept = [each for each in duties if each.partition(":")[0] != extra]
    old = decided(rule(kept, condition), action(payload=payload), total, **known)
    new = decided(rule([*kept, EXTRA[extra]], condition), action(payload=payload), total, **known)
    assert is_at_least_as_strict(new, old)


@given(DUTIES, CONDITIONS, CONDITIONS, PAYLOADS, KNOWN)
def test_a_rule_that_denies_put_before_others_never_loosens(
    duties: list[str], condition: str, denies: str, payload: Any, known: Any
) -> None:
    one = rule(duties, condition)
    old = decided(one, action(payload=payload), default="require_approval", **known)
    new = decided(
        f"{rule([], denies, 'd', 'deny')}\n{one}", action(payload=payload), default="require_approval", **known
    )
    assert new.text() != old.text() or new.decision == old.decision
    assert is_at_least_as_strict(new, old)


@given(DUTIES, CONDITIONS, PAYLOADS, KNOWN, st.sampled_from(["assurance_level", "acr", "trust_profile", "approved"]))
def test_nothing_that_an_agent_adds_about_itself_loosens(
    duties: list[str], condition: str, payload: Any, known: Any, claim: str
) -> None:
    asked = action(payload=payload, relying_party={"domain": "a.example"})
    claimed = action(
        payload={**payload, claim: "HIGH"}, relying_party={"domain": "a.example", "trust_profile": "REGULATED"}
    )
    old, new = (decided(rule(duties, condition), each, **known) for each in (asked, claimed))
    assert is_at_least_as_strict(new, old)


@given(DUTIES, CONDITIONS, PAYLOADS, st.integers(0, 100), st.integers(0, 100))
def test_a_higher_total_never_loosens(duties: list[str], condition: str, payload: Any, one: int, more: int) -> None:
    old, new = (decided(rule(duties, condition), action(payload=payload), total) for total in (one, one + more))
    assert is_at_least_as_strict(new, old)


@given(DUTIES, CONDITIONS, PAYLOADS, KNOWN)
def test_the_order_of_an_actions_members_changes_no_byte(
    duties: list[str], condition: str, payload: Any, known: Any
) -> None:
    turned = dict(reversed(action(payload=dict(reversed(payload.items()))).items()))
    same = decided(rule(duties, condition), action(payload=payload), **known)
    assert decided(rule(duties, condition), turned, **known).text() == same.text()
