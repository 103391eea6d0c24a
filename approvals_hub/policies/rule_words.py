"""A rule as words for people: under which conditions it decides, and what it then decides. Pure.

Texts of the policy are quoted as JSON, so that none of them breaks a line or passes for words of the hub.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from approvals_hub.policies.decision import ALLOW, DENY, REQUIRE_APPROVAL, REQUIRE_DEPOSIT
from approvals_hub.policies.document import DENY as DENIES
from approvals_hub.policies.document import (
    DEPOSIT,
    HUMAN_APPROVAL,
    SPEND,
    STEP_UP,
    All,
    AnyOf,
    Constraints,
    Limit,
    Match,
    Not,
    Rule,
    Times,
    Where,
)
from approvals_hub.policies.labels import Known
from approvals_hub.routing.wall_clock import WEEKDAYS

LONGEST: Final = 600
"""Characters of a condition or of what is decided; the text itself is at hand for the rest."""

_OPERATORS: Final = {
    "eq": "is",
    "neq": "is not",
    "in": "is one of",
    "nin": "is none of",
    "lt": "is below",
    "lte": "is at most",
    "gt": "is above",
    "gte": "is at least",
    "regex": "looks like",
    "host_in": "is a host of",
    "host_nin": "is no host of",
}
_ABOVE: Final = {
    "step_up": "above it somebody proves who they are",
    "approval": "above it people are asked",
    "deny": "above it refused",
}


class Said(msgspec.Struct, frozen=True):
    """One rule in words. `outcome` is the decision's name where it matches and no limit is passed."""

    condition: str
    """Empty where it always matches."""
    outcome: str
    verdict: str


def rule_in_words(rule: Rule, known: Known) -> Said:
    """What a rule says of actions of a kind of which `known` is known."""
    return Said(_short(" and ".join(_conditions(rule))), *_verdict(rule, known))


def _verdict(rule: Rule, known: Known) -> tuple[str, str]:
    if rule.effect == DENIES:
        return DENY, "refused"
    kinds = [duty.type for duty in rule.obligations]
    asks = rule.approval is not None or HUMAN_APPROVAL in kinds
    proves = STEP_UP in kinds or rule.min_assurance not in (None, "LOW")
    if asks:
        outcome, words = REQUIRE_APPROVAL, "allowed once people have approved"
    elif proves:
        outcome, words = REQUIRE_APPROVAL, "allowed once somebody has proven who they are"
    elif known.reversible is False:
        outcome, words = REQUIRE_APPROVAL, "allowed once people have approved, as it cannot be undone"
    elif DEPOSIT in kinds:
        outcome, words = REQUIRE_DEPOSIT, "allowed once a deposit is made"
    else:
        outcome, words = ALLOW, "allowed, and nobody is asked"
    return outcome, _short(", ".join([words, *_more(rule, proves=asks and proves)]))


def _more(rule: Rule, *, proves: bool) -> Iterator[str]:
    if rule.approval is not None and rule.approval.members:
        yield "(" + ", ".join(f"{name} {_plain(value)}" for name, value in rule.approval.members.items()) + ")"
    if rule.approval is not None and rule.approval.route is not None:
        yield f"by the route {_plain(rule.approval.route)}"
    if proves:
        yield "and proven who they are"
    if rule.min_assurance is not None:
        yield f"as surely as {rule.min_assurance}"
    if rule.counterparty_proof:
        yield "with a proof of the counterparty, else refused"
    for limit in rule.limits:
        yield _limit(limit)
    for duty in rule.obligations:
        if duty.type not in (HUMAN_APPROVAL, STEP_UP, DEPOSIT) or duty.params:
            yield f"owing {duty.type} {_plain(duty.params)}" if duty.params else f"owing {duty.type}"
    if rule.proof:
        yield "with a proof"


def _limit(limit: Limit) -> str:
    what = f"{limit.most} minor units of {limit.currency}" if limit.kind == SPEND else f"{limit.most} times"
    window = f"{'an' if limit.window == 'hour' else 'a'} {limit.window}"
    return f"up to {what} {window} for each {' and '.join(limit.per)} ({_ABOVE[limit.above]})"


def _conditions(rule: Rule) -> Iterator[str]:
    if rule.where is not None:
        yield from _where(rule.where)
    if rule.constraints is not None:
        yield from _constraints(rule.constraints)
    if rule.when is not None:
        yield condition(rule.when)


def condition(part: Any) -> str:
    """A condition in words."""
    if isinstance(part, Match):
        if part.op == "exists":
            return f"{_plain(part.path)} {'is not there' if part.value is False else 'is there'}"
        return f"{_plain(part.path)} {_OPERATORS[part.op]} {_plain(part.value)}"
    if isinstance(part, Not):
        return f"not ({condition(part.part)})"
    assert isinstance(part, All | AnyOf)
    word = " and " if isinstance(part, All) else " or "
    if not part.parts:
        return "always" if isinstance(part, All) else "never"
    return f"({word.join(condition(each) for each in part.parts)})"


def _where(wanted: Where) -> Iterator[str]:
    for name in ("team", "project", "environment", "mode", "signal", "risk"):
        names = getattr(wanted, name)
        if names is not None:
            yield f"the {name} is one of {_plain(names)}"
    if wanted.reversible is not None:
        yield "it can be undone" if wanted.reversible else "it cannot be undone"
    if wanted.trust_min is not None:
        yield f"the counterparty is trusted at least {wanted.trust_min}"
    if wanted.chain_most is not None:
        yield f"at most {wanted.chain_most} agents stand between"
    if wanted.chain_only is not None:
        yield f"only {_plain(wanted.chain_only)} stand between"


def _constraints(wanted: Constraints) -> Iterator[str]:
    if wanted.amount_min is not None:
        yield f"the amount is at least {wanted.amount_min} minor units"
    if wanted.amount_max is not None:
        yield f"the amount is at most {wanted.amount_max} minor units"
    if wanted.currency is not None:
        yield f"the currency is one of {_plain(wanted.currency)}"
    for name, words in (
        ("merchant_domain", "the merchant is one of"),
        ("allowed_domains", "the domain is one of"),
        ("blocked_domains", "the domain is none of"),
    ):
        found = getattr(wanted, name)
        if found is not None:
            yield f"{words} {_plain(found.written)}"
    if wanted.times is not None:
        yield " or ".join(_hours(times) for times in wanted.times)


def _hours(times: Times) -> str:
    days = "every day" if len(times.days) == len(WEEKDAYS) else ", ".join(WEEKDAYS[day] for day in times.days)
    return f"it is {days} from {_clock(times.start)} until {_clock(times.end)} in {_plain(times.zone)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _plain(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (the text has the rest)"
