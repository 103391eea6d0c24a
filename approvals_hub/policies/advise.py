"""What is allowed in a policy and still worth a warning to whoever writes it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from approvals_hub.domain.advice import advice
from approvals_hub.domain.assurance import SENT
from approvals_hub.domain.requirement import Requirement
from approvals_hub.policies.document import ALLOW, COUNT, DENY, HUMAN_APPROVAL, All, AnyOf, Match, Not, Policy, Rule
from approvals_hub.policies.index import includes
from approvals_hub.policies.labels import CRITICAL, critical_within
from approvals_hub.policies.path import FIRST
from approvals_hub.policies.select import expects


class Warned(msgspec.Struct, frozen=True):
    """One warning, about the rule that begins on this line."""

    code: str
    detail: str
    line: int
    rule_id: str | None = None


def warnings(policy: Policy) -> list[Warned]:
    """Every warning about a policy, in the order of its lines."""
    found = [Warned(code, detail, rule.line, rule.id) for rule in policy.rules for code, detail in _of(rule)]
    if policy.default == ALLOW:
        found.append(Warned("default_allows", "what no rule speaks of is allowed: a new kind of action is, too", 1))
    found += _sent_codes(policy)
    found += _doubles(policy)
    found += _behind(policy)
    return sorted(found, key=lambda each: (each.line, each.code))


def _of(rule: Rule) -> Iterator[tuple[str, str]]:
    wanted = rule.constraints
    if rule.effect == DENY and wanted is not None:
        if wanted.allowed_domains is not None:
            yield "deny_selects", "on a rule that denies, 'allowed_domains' are the domains that it denies"
        if wanted.blocked_domains is not None:
            yield "deny_selects", "on a rule that denies, 'blocked_domains' are the domains that it does not deny"
        if wanted.amount_max is not None:
            yield "deny_selects", "on a rule that denies, 'amount_max' denies what is below it"
        if not expects(rule) and (wanted.amount_min is not None or wanted.currency is not None):
            yield "deny_without_amount", "this denies nothing where no amount is sent: name the kinds of action instead"
    for match in _matches(rule.when):
        if match.steps == ("payload", "assurance_level"):
            yield "self_claimed", "what an agent says of its own assurance counts for nothing: this is never true"
        elif match.steps == ("relying_party", "trust_profile"):
            yield "registry_decides", "the trust profile is the one of your registry, not what the agent sends"
        elif match.steps[0] not in FIRST:
            yield "unknown_path", f"an action has nothing at {match.path}"
    for duty in rule.obligations:
        if duty.type == HUMAN_APPROVAL and duty.params:
            yield "params_only_told", "params of HUMAN_APPROVAL are told to the agent; people are asked by 'approval'"
    allows = rule.effect == ALLOW and rule.approval is None and not rule.obligations
    if allows and rule.where is not None and rule.where.signal is not None:
        detail = "whoever sets the signal has this allowed: let rules that deny, or that ask people, select by signals"
        yield "signal_allows", detail
    if rule.effect == DENY and rule.obligations:
        yield "deny_owes_nothing", "a rule that denies owes nothing: its obligations are never asked"
    if rule.credential_scheme is not None:
        yield "scheme_ignored", "'credential_scheme' decides nothing, as with OpenLeash: name 'approval.methods'"
    if rule.approval is not None:
        for each in advice(msgspec.convert({**rule.approval.members, "number_match": None}, Requirement)):
            yield each.code, each.detail
    spends = [limit for limit in rule.limits if limit.kind != COUNT]
    if spends and (wanted is None or wanted.currency is None):
        names = ", ".join(sorted({str(limit.currency) for limit in spends}))
        yield "other_currencies", f"other currencies than {names} are taken for what passes the limit"


def _matches(condition: Any) -> Iterator[Match]:
    if isinstance(condition, Match):
        yield condition
    elif isinstance(condition, Not):
        yield from _matches(condition.part)
    elif isinstance(condition, All | AnyOf):
        for part in condition.parts:
            yield from _matches(part)


def _sent_codes(policy: Policy) -> Iterator[Warned]:
    """Rules that take codes by mail or SMS for something that is critical, beside what is not: that is an error."""
    for rule in policy.rules:
        sent = [] if rule.approval is None else sorted(SENT.intersection(rule.approval.members.get("methods", ())))
        if not sent:
            continue
        label = critical_within(rule.action, policy.labels)[1]
        selects = rule.where is not None and CRITICAL in (rule.where.risk or ())
        if label is not None or selects:
            what = "what is labelled critical" + (f", like {label}" if label is not None else "")
            detail = f"{sent[0]} approves nothing of {what}: nobody would be asked about it"
            yield Warned("sent_codes_where_risk_is_critical", detail, rule.line, rule.id)


def _doubles(policy: Policy) -> Iterator[Warned]:
    seen: dict[str, int] = {}
    for rule in policy.rules:
        if rule.id in seen:
            detail = (
                f"the id {rule.id!r} is that of the rule on line {seen[rule.id]} too: proofs do not tell them apart"
            )
            yield Warned("same_id", detail, rule.line, rule.id)
        seen.setdefault(rule.id, rule.line)


def _behind(policy: Policy) -> Iterator[Warned]:
    """Rules behind one that takes everything they are about."""
    closed: list[Rule] = []
    for rule in policy.rules:
        before = next((each for each in closed if includes(each.action, rule.action)), None)
        if before is not None:
            detail = (
                f"rule {before.id!r} on line {before.line} takes everything that this one is about: it is never read"
            )
            yield Warned("never_read", detail, rule.line, rule.id)
        elif rule.when is None and rule.constraints is None and rule.where is None:
            closed.append(rule)
