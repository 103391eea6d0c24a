"""Freezes the requirement of a new escalation: the rule, and the people who may answer."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Literal

import msgspec

from approvals_hub.core.errors import Conflict, HubError, Invalid
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.requirement import CRITICAL, SHORTEST_LIFE, Requirement, requirement_hash, stored
from approvals_hub.domain.tightened import tightened
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.people import store as people
from approvals_hub.people.names import answers, names_of
from approvals_hub.people.person import ACTIVE
from approvals_hub.routing.resolve import groups_in
from approvals_hub_client.rule import Resolve

OwnerCounts = Literal["alone", "requirement"]
"""Nobody else could ever answer here; or the organisation's default requirement says so."""


class Frozen(msgspec.Struct, frozen=True):
    """A frozen requirement with its canonical text and hash, and why the agent's own owner may answer, if they may."""

    requirement: Requirement
    text: str
    hash: str
    owner_counts: OwnerCounts | None
    others: tuple[str, ...] = ()
    """Who is not asked, and may stand in for somebody who is: a role that answers and a key, at the opening."""
    veto: tuple[str, ...] = ()
    """The names of those who have a veto."""
    urgent: bool = False
    """Whether nobody's quiet hours count: the organisation or its policy calls the risk critical. What the request asks
    more never does, or any agent would wake whom it likes."""


class _Answerers(msgspec.Struct, frozen=True):
    """Who could answer now, who of them has a key, and whom each name of the requirement stands for."""

    may_answer: tuple[str, ...]
    with_key: frozenset[str]
    named: tuple[tuple[str, frozenset[str]], ...]
    owner_id: str
    alone: bool


async def freeze_in(
    tx: Tx,
    *,
    org_id: str,
    owner_id: str,
    default: str,
    expires_in: int | None,
    tighter: dict[str, Any] | None = None,
) -> Frozen | HubError:
    """What this organisation asks of an escalation by an agent of `owner_id`, opening now.

    The agent's owner does not count, except in an organisation of one or where the default says so. Nobody with a key
    who could answer, or fewer than the rule takes, is a refusal: a question that can only expire is not asked.
    `tighter` is what the request asks more.
    """
    urgent = stored(default).risk == CRITICAL
    if tighter is not None:
        try:
            default = tightened(stored(default), tighter).text().decode()
        except HubError as refusal:
            return refusal
    rows = await people.standings(tx, org_id)
    answering = [row for row in rows if answers(row["roles"])]
    active = [row for row in answering if row["state"] == ACTIVE]
    standing = _Answerers(
        may_answer=tuple(row["id"] for row in active),
        with_key=frozenset(row["id"] for row in active if row["key"] == 2),
        named=await _named_in(tx, org_id, rows, default),
        owner_id=owner_id,
        alone=is_alone(answering, owner_id) and is_alone(await _gone_in(tx, org_id), owner_id),
    )
    try:
        return _freeze(default, standing, expires_in, urgent)
    except HubError as refusal:
        return refusal


def is_alone(answering: list[Row], owner_id: str) -> bool:
    """Whether nobody but the owner could ever answer here.

    Who was invited and has no key yet is nobody so far. Who had one once stays somebody: otherwise an owner who
    revokes a colleague's device, or disables or removes the colleague, would approve what their own agent asks.
    """
    return not any(row["key"] for row in answering if row["id"] != owner_id)


async def _gone_in(tx: Tx, org_id: str) -> list[Row]:
    """Those who left and could answer; read only where nobody else is there."""
    return [row for row in await memberships.gone_with_keys(tx, org_id) if answers(row["roles"])]


async def _named_in(tx: Tx, org_id: str, members: list[Row], default: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Whom the names in the requirement can stand for; nothing is read for a requirement that names nobody."""
    names = _names(default)
    if not names:
        return ()
    groups = await groups_in(tx, org_id, members) if any(name.startswith("group:") for name in names) else {}
    return tuple(names_of(members, groups).items())


@lru_cache(maxsize=256)
def _names(default: str) -> frozenset[str]:
    return frozenset(stored(default).paths_of_names())


@lru_cache(maxsize=4096)
def _freeze(default: str, standing: _Answerers, expires_in: int | None, urgent: bool) -> Frozen:
    """Remembered, as every question needs it. Refusals are raised, hence made anew: an exception that is kept and
    raised again and again grows by a traceback each time."""
    rule, owner_id = stored(default), standing.owner_id
    counts: OwnerCounts | None = "alone" if standing.alone else "requirement" if rule.owner_counts else None
    may_answer = tuple(p for p in standing.may_answer if counts or p != owner_id)
    life = rule.expires_in if expires_in is None else expires_in
    frozen = rule.frozen_by(_resolver(standing, may_answer), may_answer, life)
    if not frozen.could_be_approved_by(standing.with_key):
        raise _no_approvers(frozen, standing, counts)
    if not SHORTEST_LIFE + rule.wait <= life <= rule.longest:
        raise Invalid(
            "expires_in_out_of_range",
            f"expires_in must be from {SHORTEST_LIFE + rule.wait} to {rule.longest} seconds here",
            next_step="Ask again with a value in that range.",
            field="$.expires_in",
        )
    text = frozen.text()
    return Frozen(
        requirement=frozen,
        text=text.decode(),
        hash=requirement_hash(text),
        owner_counts=counts if owner_id in frozen.people else None,
        others=tuple(sorted(standing.with_key.difference(frozen.people))),
        veto=rule.veto or (),
        urgent=urgent,
    )


def _resolver(standing: _Answerers, may_answer: tuple[str, ...]) -> Resolve:
    """Finds the people behind a name, without the agent's owner where they do not count."""
    named, able = dict(standing.named), frozenset(may_answer)

    def resolve(name: str, path: str) -> Collection[str]:
        """Raises Conflict for a name that nobody has: the rule without it might be one that nobody wants."""
        if name not in named:
            raise Conflict(
                "requirement_names_nobody",
                f"the requirement names {name} ({path}), and there is nobody of that name here",
                next_step="Correct the name; an owner or admin corrects what the organisation asks.",
            )
        return named[name] & able

    return resolve


def _no_approvers(frozen: Requirement, standing: _Answerers, counts: OwnerCounts | None) -> Conflict:
    able = len(frozen.voters() & standing.with_key)
    rule = "" if frozen.quorum is None else ", in the groups and the order that the requirement asks for"
    return Conflict(
        "no_approvers",
        f"{able} people with a key could answer and {frozen.approvals} must approve{rule}"
        + ("" if counts else " (the agent's owner does not count)"),
        next_step="Invite an approver, who enrols a key (approvals-hub people invite), or let owners count.",
    )
