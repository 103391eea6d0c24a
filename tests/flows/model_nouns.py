"""The nouns of the reference hub: who asks, who answers, what they said, and a question with its token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.flows.model_rule import Rule

if TYPE_CHECKING:
    from tests.flows.model_places import Away


LIMITS = {"agent": (4, 17), "person": (5, 43), "pair": (3, 61)}
"""How many questions at once and in an hour: of an agent, to a person, of one agent to one person. Each of the three is
met; no sum of moments meets a time at which a question comes back."""
TRIES = 3
"""Wrong numbers that bar somebody's approval."""


@dataclass
class Asker:
    """An agent; `owner` does not count for its questions."""

    owner: str
    state: str = "active"
    revoked_at: int = 0


@dataclass
class Bucket:
    """So many questions at once, of which each comes back after the one before it."""

    at_once: int
    each: int
    """Milliseconds in which one comes back."""
    back: list[int] = field(default_factory=list)
    """When each that was taken has come back."""

    @classmethod
    def of(cls, kind: str) -> Bucket:
        """A full one."""
        at_once, hourly = LIMITS[kind]
        return cls(at_once, 3_600_000 // hourly)

    def has_one(self, now: int) -> bool:
        """Whether one may be taken."""
        self.back = [at for at in self.back if at > now]
        return len(self.back) < self.at_once

    def take(self, now: int) -> None:
        """Take it."""
        self.back.append(max([now, *self.back]) + self.each)


@dataclass
class Member:
    """A person. `revoked` are devices that do not count any more."""

    role: str
    state: str = "active"
    signed_in: bool = True
    revoked: set[str] = field(default_factory=set)


@dataclass
class Vote:
    """One person's present answer."""

    decision: str
    device: str
    stage: int
    places: tuple[Away, ...] = ()


@dataclass
class Question:
    """One escalation and its token."""

    agent: str
    people: frozenset[str]
    rule: Rule
    effective: int
    expires: int
    latest: int
    created: int
    may_stand_in: frozenset[str]
    state: str = "open"
    version: int = 1
    seen: bool = False
    votes: dict[str, Vote] = field(default_factory=dict)
    token: str | None = None
    cause: str | None = None
    valid_until: int = 0
    counted: list[tuple[str, str, int, list[Away]]] = field(default_factory=list)
    stage: int = 0
    held: bool = False
    redeemed_with: str | None = None
    redeemed_at: int = 0
    wrong: dict[str, int] = field(default_factory=dict)
    """How many wrong numbers each person typed."""
    burnt: set[str] = field(default_factory=set)
    """Nonces that came with one."""

    def typed(self, person: str, nonce: str, *, right: bool) -> str | None:
        """Why an approval with this number is not taken."""
        if self.rule.digits is None or self.state != "open":
            return None
        if self.wrong.get(person, 0) >= TRIES:
            return "number_barred"
        if nonce in self.burnt:
            return "nonce_invalid"
        if not right:
            self.burnt.add(nonce)
            self.wrong[person] = self.wrong.get(person, 0) + 1
        return None if right else "number_wrong"

    def end(self, state: str) -> None:
        self.state, self.version = state, self.version + 1

    def revoke(self, cause: str) -> None:
        if self.token == "ready":
            self.token, self.cause, self.version = "revoked", cause, self.version + 1
