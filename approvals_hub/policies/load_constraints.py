"""Reads what a rule selects by beside its condition: constraints, hours, and who asks from where. Pure."""

from __future__ import annotations

from typing import Final

from approvals_hub.core.strict_yaml import Listed, Node, refuse
from approvals_hub.core.yaml_fields import Fields
from approvals_hub.domain.requirement import RISKS
from approvals_hub.policies.document import CODE, PROFILES, Constraints, Times, Where
from approvals_hub.policies.host import LIST_LIMIT, Hosts, hosts
from approvals_hub.policies.reading import Faults, boolean, mapping, names, number, texts, value_of
from approvals_hub.routing.wall_clock import WEEKDAYS, minute_of, zone_named

TIMES_LIMIT: Final = 32
NAMES_LIMIT: Final = 100
CONSTRAINTS: Final = (
    "amount_max",
    "amount_min",
    "currency",
    "merchant_domain",
    "allowed_domains",
    "blocked_domains",
    "times",
)
WHERE: Final = ("team", "project", "environment", "mode", "signal", "reversible", "risk", "trust_min", "chain")
TIMES: Final = ("days", "from", "until", "zone")
CHAIN: Final = ("most", "only")


def read_constraints(node: Node, faults: Faults) -> Constraints:
    """The constraints of a rule. Raises Invalid."""
    fields = mapping(node, CONSTRAINTS, faults)
    least, most = number(fields, "amount_min"), number(fields, "amount_max")
    if least is not None and most is not None and least > most:
        fields.refuse("amount_min", "'amount_min' is above 'amount_max': nothing lies between")
    return Constraints(
        amount_min=least,
        amount_max=most,
        currency=texts(fields, "currency", NAMES_LIMIT),
        merchant_domain=_hosts(fields, "merchant_domain"),
        allowed_domains=_hosts(fields, "allowed_domains"),
        blocked_domains=_hosts(fields, "blocked_domains"),
        times=_times(fields, faults),
    )


def read_where(node: Node, faults: Faults) -> Where:
    """The selectors of a rule. Raises Invalid."""
    fields = mapping(node, WHERE, faults)
    most: int | None = None
    only: tuple[str, ...] | None = None
    if fields.has("chain"):
        chain = mapping(fields.node("chain"), CHAIN, faults)
        most = chain.whole("most", 0, 16) if chain.has("most") else None
        only = texts(chain, "only", NAMES_LIMIT)
    return Where(
        team=names(fields, "team", NAMES_LIMIT),
        project=names(fields, "project", NAMES_LIMIT),
        environment=names(fields, "environment", NAMES_LIMIT),
        mode=names(fields, "mode", NAMES_LIMIT),
        signal=names(fields, "signal", NAMES_LIMIT),
        reversible=boolean(fields, "reversible") if fields.has("reversible") else None,
        risk=names(fields, "risk", len(RISKS), RISKS),
        trust_min=fields.choice("trust_min", PROFILES) if fields.has("trust_min") else None,
        chain_most=most,
        chain_only=only,
    )


def _hosts(fields: Fields, key: str) -> Hosts | None:
    written = texts(fields, key, LIST_LIMIT)
    if written is None:
        return None
    try:
        return hosts(written)
    except ValueError as error:
        refuse(CODE, fields.node(key).place, str(error))


def _times(fields: Fields, faults: Faults) -> tuple[Times, ...] | None:
    if not fields.has("times"):
        return None
    node = fields.node("times")
    items = node.items if isinstance(node, Listed) else (node,)
    if not 1 <= len(items) <= TIMES_LIMIT:
        refuse(CODE, node.place, f"'times' is a list of 1 to {TIMES_LIMIT}")
    return tuple(_hours(item, faults) for item in items)


def _hours(node: Node, faults: Faults) -> Times:
    fields = mapping(node, TIMES, faults)
    days = names(fields, "days", len(WEEKDAYS), WEEKDAYS) or WEEKDAYS
    start, end = _minute(fields, "from"), _minute(fields, "until")
    zone = value_of(fields.node("zone"))
    try:
        zone_named(str(zone))
    except ValueError as error:
        fields.refuse("zone", f"{str(zone)[:64]!r} is {error}: write one like Europe/Stockholm, or UTC")
    return Times(tuple(sorted(map(WEEKDAYS.index, days))), start, end, str(zone))


def _minute(fields: Fields, key: str) -> int:
    """Minutes since midnight; `24:00` is the end of the day. Midnight to midnight where neither is written."""
    if not fields.has(key):
        return 0
    found = value_of(fields.node(key))
    try:
        return 0 if found == "24:00" and key == "until" else minute_of(str(found))
    except ValueError as error:
        fields.refuse(key, f"{str(found)[:20]!r} is {error}, in quotes")
