"""What beside its condition makes a rule match: constraints on the payload and the clock, and who asks from where.

In three values, as `judge.py` says. A rule that denies one kind of action expects the kind's amount and counterparty:
left out, they cannot be judged, and it denies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from approvals_hub.core.clock import to_text
from approvals_hub.policies.document import DENY, PROFILES, Constraints, Rule, Times, Where
from approvals_hub.policies.host import Hosts
from approvals_hub.policies.index import EVERY
from approvals_hub.policies.judge import Truth, every
from approvals_hub.policies.path import MISSING, value_at
from approvals_hub.policies.view import View
from approvals_hub.routing.wall_clock import at_minute, instant, shown

_AMOUNT = ("payload", "amount_minor")
_CURRENCY = ("payload", "currency")


def expects(rule: Rule) -> bool:
    """Whether what is missing counts for the worse: a rule that denies everything speaks of actions without amounts
    too, one that denies payments does not."""
    return rule.effect == DENY and rule.action != EVERY


def constraints_hold(rule: Rule, view: View) -> Truth:
    """Whether all constraints of a rule hold."""
    return True if rule.constraints is None else every(truth for _, _, truth in constraints_of(rule, view))


def where_holds(rule: Rule, view: View) -> Truth:
    """Whether it is asked from where the rule says."""
    return True if rule.where is None else every(truth for _, _, truth in where_of(rule, view))


def constraints_of(rule: Rule, view: View) -> Iterator[tuple[str, Any, Truth]]:
    """Name, value that was looked at, and outcome of each constraint that is written."""
    wanted = rule.constraints or Constraints()
    absent = None if expects(rule) else False
    if wanted.amount_min is not None or wanted.amount_max is not None:
        amount = value_at(view.members, _AMOUNT)
        yield "amount", amount, _within(wanted, amount, absent)
    if wanted.currency is not None:
        currency = value_at(view.members, _CURRENCY)
        yield "currency", currency, _currency(wanted.currency, currency, absent)
    for name, hosts, member in (
        ("merchant_domain", wanted.merchant_domain, "merchant_domain"),
        ("allowed_domains", wanted.allowed_domains, "domain"),
    ):
        if hosts is not None:
            yield name, view.domains[member], _named(hosts, view.domains[member], absent)
    if wanted.blocked_domains is not None:
        found = view.domains["domain"]
        named = _named(wanted.blocked_domains, found, False)
        yield "blocked_domains", found, None if named is None else not named
    if wanted.times is not None:
        now = view.facts.now
        yield "times", to_text(now), any(is_within(times, now) for times in wanted.times)


def where_of(rule: Rule, view: View) -> Iterator[tuple[str, Any, Truth]]:
    """The same of each selector."""
    wanted, facts, known = rule.where or Where(), view.facts, view.known
    if wanted.team is not None:
        yield "team", sorted(facts.teams), not facts.teams.isdisjoint(wanted.team)
    for name in ("project", "environment", "mode"):
        names = getattr(wanted, name)
        if names is not None:
            found = getattr(facts, name)
            yield name, found, None if found is None else found in names
    if wanted.signal is not None:
        yield "signal", sorted(facts.signals), not facts.signals.isdisjoint(wanted.signal)
    if wanted.reversible is not None:
        yield (
            "reversible",
            known.reversible,
            None if known.reversible is None else known.reversible == wanted.reversible,
        )
    if wanted.risk is not None:
        yield "risk", known.risk, None if known.risk is None else known.risk in wanted.risk
    if wanted.trust_min is not None:
        yield "trust_min", view.trust, PROFILES.index(view.trust) >= PROFILES.index(wanted.trust_min)
    if wanted.chain_most is not None:
        yield "chain_most", view.chain, None if view.chain is None else len(view.chain) <= wanted.chain_most
    if wanted.chain_only is not None:
        yield "chain_only", view.chain, None if view.chain is None else set(view.chain) <= set(wanted.chain_only)


def is_within(times: Times, now: int) -> bool:
    """Whether an instant lies in these hours.

    They begin and end at the first instant at which a clock of the zone shows the time or a later one: an hour that
    does not exist is empty, one that exists twice is two hours long. Hours that pass midnight belong to the day on
    which they begin.
    """
    today = shown(times.zone, now).date()
    yesterday = today - timedelta(days=1)
    return any(
        start <= now < end
        for day in (today, yesterday)
        if day.weekday() in times.days
        for start, end in [_span(times, day.toordinal())]
    )


@lru_cache(maxsize=4_096)
def _span(times: Times, ordinal: int) -> tuple[int, int]:
    day = date.fromordinal(ordinal)
    end = times.end if times.end > times.start else times.end + 24 * 60
    return instant(times.zone, at_minute(day, times.start)), instant(times.zone, at_minute(day, end))


def _within(wanted: Constraints, amount: Any, absent: Truth) -> Truth:
    if amount is MISSING or amount is None:
        return absent
    # A payment of less than nothing is below every maximum.
    if type(amount) not in (int, float) or (amount < 0 and wanted.amount_min is None):
        return None
    least, most = wanted.amount_min, wanted.amount_max
    return (least is None or amount >= least) and (most is None or amount <= most)


def _currency(wanted: tuple[str, ...], currency: Any, absent: Truth) -> Truth:
    if currency is MISSING or currency is None:
        return absent
    if type(currency) is not str:
        return None
    if currency in wanted:
        return True
    # `rub` is no code, and not every executor says so.
    return None if currency.upper() in {each.upper() for each in wanted} else False


def _named(hosts: Hosts, found: tuple[str | None, ...], absent: Truth) -> Truth:
    """Whether the counterparty is in the list. Where payload and relying party name different ones, what is not the
    same of both is not known."""
    if not found:
        return absent
    truths = {None if host is None else hosts.name(host) for host in found}
    return truths.pop() if len(truths) == 1 else None
