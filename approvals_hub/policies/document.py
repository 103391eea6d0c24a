"""A policy as it was understood: what `load.py` makes of a text and `policy.py` decides by. Pure data."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from approvals_hub.policies.expression import Expression
from approvals_hub.policies.host import Hosts
from approvals_hub.policies.pattern import Pattern

CODE: Final = "policy_invalid"
"""Of every refusal of a policy's text."""

ALLOW: Final = "allow"
DENY: Final = "deny"
PASSTHROUGH: Final = "passthrough"
REQUIRE_APPROVAL: Final = "require_approval"
EFFECTS: Final = (ALLOW, DENY)
DEFAULTS: Final = (ALLOW, DENY, PASSTHROUGH, REQUIRE_APPROVAL)

AGENT: Final = "agent"
GROUP: Final = "group"
OWNER: Final = "owner"
TIERS: Final = (AGENT, GROUP, OWNER)
"""The most specific first."""
RANK: Final = 100
"""Of a policy that was given none."""

HUMAN_APPROVAL: Final = "HUMAN_APPROVAL"
STEP_UP: Final = "STEP_UP_AUTH"
DEPOSIT: Final = "DEPOSIT"
OBLIGATIONS: Final = (HUMAN_APPROVAL, STEP_UP, DEPOSIT, "COUNTERPARTY_ATTESTATION", "NOTIFY", "RECORD")
"""The first three hold an action back; the others are told to whoever carries it out."""

ORDERED: Final = ("lt", "lte", "gt", "gte")
OPERATORS: Final = ("eq", "neq", "in", "nin", *ORDERED, "regex", "exists", "host_in", "host_nin")
"""The last two are ours, the others OpenLeash's."""

SPEND: Final = "spend"
COUNT: Final = "count"
PER: Final = ("agent", "vendor", "team", "org")
WINDOWS: Final = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 31 * 86_400}
"""Seconds. They slide: a month is its longest, so that no calendar month sees more than one limit."""
ABOVE: Final = ("step_up", "approval", "deny")
"""What becomes of an action that would pass a limit."""

PROFILES: Final = ("LOW", "MEDIUM", "HIGH", "REGULATED")
"""How far a counterparty is trusted, the least first."""

Step = str | int


class All(msgspec.Struct, frozen=True):
    """True when every part is; also with none."""

    parts: tuple[Any, ...]


class AnyOf(msgspec.Struct, frozen=True):
    """True when some part is; never with none."""

    parts: tuple[Any, ...]


class Not(msgspec.Struct, frozen=True):
    """The opposite."""

    part: Any


class Match(msgspec.Struct, frozen=True):
    """One value of the action compared with one that is written."""

    path: str
    steps: tuple[Step, ...]
    op: str
    value: Any = None
    pattern: Pattern | None = None
    hosts: Hosts | None = None


class Cel(msgspec.Struct, frozen=True):
    """An expression in CEL."""

    expression: Expression


class Times(msgspec.Struct, frozen=True):
    """Some hours of some days of the week, as a clock in a zone shows them."""

    days: tuple[int, ...]
    """0 is Monday."""
    start: int
    """Minutes since midnight."""
    end: int
    """Minutes since midnight, not included; not later than `start`: the next day's."""
    zone: str


class Constraints(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold of the payload and the clock for a rule to match; None where nothing is said."""

    amount_min: int | float | None = None
    amount_max: int | float | None = None
    currency: tuple[str, ...] | None = None
    merchant_domain: Hosts | None = None
    allowed_domains: Hosts | None = None
    blocked_domains: Hosts | None = None
    times: tuple[Times, ...] | None = None


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold of the asker and its surroundings, as the hub knows them, for a rule to match."""

    team: tuple[str, ...] | None = None
    project: tuple[str, ...] | None = None
    environment: tuple[str, ...] | None = None
    mode: tuple[str, ...] | None = None
    signal: tuple[str, ...] | None = None
    reversible: bool | None = None
    risk: tuple[str, ...] | None = None
    trust_min: str | None = None
    chain_most: int | None = None
    """How many agents may stand between the asker and whoever began."""
    chain_only: tuple[str, ...] | None = None
    """Those who may."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """How much, or how often, in a sliding window."""

    kind: str
    """`spend` or `count`."""
    name: str
    """Rules of one policy that name the same share one total."""
    most: int
    """Minor units of the currency, or times."""
    currency: str | None
    window: str
    per: tuple[str, ...]
    above: str
    min_assurance: str
    """How sure whoever approves what passes the limit must be, where `above` is `step_up`."""


class Asked(msgspec.Struct, frozen=True):
    """What a policy asks of an approval: members of `domain.requirement.Requirement`, and the route's name."""

    members: dict[str, Any] = {}
    route: str | None = None


class Duty(msgspec.Struct, frozen=True):
    """An obligation as a rule says it."""

    type: str
    params: dict[str, Any] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule."""

    id: str
    effect: str
    action: str
    line: int
    description: str = ""
    when: Any = None
    constraints: Constraints | None = None
    where: Where | None = None
    min_assurance: str | None = None
    credential_scheme: str | None = None
    obligations: tuple[Duty, ...] = ()
    approval: Asked | None = None
    limits: tuple[Limit, ...] = ()
    counterparty_proof: bool = False
    proof: bool = False
    proof_ttl: int | float | None = None
    """Seconds, as written."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a kind of action."""

    action: str
    reversible: bool | None = None
    risk: str | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy, named by id, version and the hash of the bytes that it was read from."""

    id: str
    version: int
    hash: str
    default: str
    rules: tuple[Rule, ...]
    labels: tuple[Label, ...] = ()


class Layer(msgspec.Struct, frozen=True):
    """A policy where it is bound: to one agent, to a group of agents, or to all agents of the owner."""

    policy: Policy
    tier: str = OWNER
    rank: int = RANK
