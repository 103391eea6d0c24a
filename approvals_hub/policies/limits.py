"""Limits on how much and how often: which totals a rule needs, and what an action would add to them. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from approvals_hub.policies.decision import Reservation
from approvals_hub.policies.document import COUNT, Limit, Policy, Rule
from approvals_hub.policies.facts import Counter
from approvals_hub.policies.host import site_of
from approvals_hub.policies.path import MISSING, value_at
from approvals_hub.policies.view import View
from approvals_hub_client.canonical import MAX_INTEGER

NOBODY = "-"
"""Stands for a vendor or team that is not known: they share one total."""


class Unreadable(Exception):
    """The action's amount or currency cannot be counted; the text says why."""


def reservations(policy: Policy, rule: Rule, view: View) -> tuple[Reservation, ...]:
    """What the action would add, and whether it fits, for each limit that counts it.

    Raises Unreadable where there is a limit on spending and no amount in whole minor units, or no currency.
    """
    totals = view.facts.totals
    found = []
    for limit in rule.limits:
        amount = _amount(limit, view)
        if amount is None:
            continue
        for counter in _counters(policy, limit, view):
            total = totals.get(counter)
            fits = total is not None and total + amount <= limit.most
            found.append(Reservation(counter, amount, limit.most, total, fits))
    return tuple(found)


def has_no_limit_in(rule: Rule, currency: Any) -> bool:
    """Whether a rule limits spending, but none of it in this currency: currencies are never mixed."""
    wanted = [limit.currency for limit in rule.limits if limit.kind != COUNT]
    return bool(wanted) and currency not in wanted


def passed(rule: Rule, found: tuple[Reservation, ...]) -> list[Limit]:
    """The limits that these would pass."""
    full = {_marks(each.counter, each.most) for each in found if not each.fits}
    return [limit for limit in rule.limits if _marks(limit, limit.most) in full]


def currency_of(view: View) -> Any:
    """As the payload says it."""
    return value_at(view.members, ("payload", "currency"))


def _marks(one: Limit | Counter, most: int) -> tuple[object, ...]:
    """What a limit and its counters have in common."""
    return one.kind, one.name, one.currency or "", one.window, most


def _amount(limit: Limit, view: View) -> int | None:
    if limit.kind == COUNT:
        return 1
    amount = value_at(view.members, ("payload", "amount_minor"))
    if type(amount) is not int or not 0 <= amount <= MAX_INTEGER:
        raise Unreadable("payload.amount_minor is no whole number of minor units, so nothing can be counted")
    currency = currency_of(view)
    if currency is MISSING or type(currency) is not str:
        raise Unreadable("payload.currency is no currency, so nothing can be counted")
    return amount if currency == limit.currency else None


def _counters(policy: Policy, limit: Limit, view: View) -> Iterator[Counter]:
    """One for each combination of those whose total it is: an agent of two teams counts for both."""
    each = [[f"{kind}:{name}" for name in _names(kind, view)] for kind in limit.per]
    for who in itertools.product(*each):
        yield Counter(policy.id, limit.name, limit.kind, limit.currency or "", limit.window, who)


def _names(kind: str, view: View) -> list[str]:
    if kind == "agent":
        agent = value_at(view.members, ("principal", "agent_id"))
        return [agent if type(agent) is str else NOBODY]
    if kind == "team":
        return sorted(view.facts.teams) or [NOBODY]
    if kind == "vendor":
        # Whoever owns a name owns all below it: a limit must not begin anew at each of them.
        return sorted({NOBODY if host is None else site_of(host) for host in view.domains["merchant_domain"]}) or [
            NOBODY
        ]
    return ["org"]
