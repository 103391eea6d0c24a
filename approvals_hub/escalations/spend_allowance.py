"""Before people are asked: whether this agent may ask them now. The inbox is never shut, only the way into it."""

from __future__ import annotations

from collections.abc import Collection

from approvals_hub.agents.agent import Agent
from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.allowance import FORGOTTEN_AFTER, Limits, back_off
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.escalations import allowance_store as store

_WHO = {
    "agent": "this agent has asked as much as it may for now",
    "person": "the people who would be asked are asked as much as they may be for now",
    "pair": "this agent has asked the same people as much as it may for now",
}


async def refuse_asking_in(
    tx: Tx, agent: Agent, *, hub_limits: HubLimits, similarity_hash: str, people: Collection[str], now: int
) -> TooMany | None:
    """Take one question from every bucket that it touches, or say when to come back; then nothing is taken.

    The caller holds the agent's row, and has read `agent` since. No answer names a person, or says which of them is
    asked so much.
    """
    limits, org_id, agent_id = hub_limits.of(agent.limits), agent.org_id, agent.agent_id
    if limits.back_off:
        refusal = await _refuse_insisting_in(tx, agent_id, similarity_hash, now)
        if refusal is not None:
            return refusal
    wanted = {f"agent:{agent_id}"}
    wanted |= {f"person:{org_id}:{one}" for one in people} | {f"pair:{agent_id}:{one}" for one in people}
    ids = sorted(wanted)
    taken = await store.take(tx, ids, limits, at=now)
    if len(taken) == len(ids):
        return None
    there = {row["id"]: row for row in await store.standing(tx, ids)}
    # Not there, or made by another agent's question since: PostgreSQL shows each statement what is there by then.
    new = [one for one in ids if one not in taken and (one not in there or _has_one(there[one], limits, now))]
    if new:
        await store.make(tx, org_id=org_id, agent_id=agent_id, people=people, at=now)
        taken |= await store.take(tx, new, limits, at=now)
        there = {row["id"]: row for row in await store.standing(tx, ids)}
    # Whoever has left the organisation meanwhile has no bucket, and is asked nothing.
    short = [row for name, row in there.items() if name not in taken]
    if not short:
        return None
    if taken:
        await store.give_back(tx, sorted(taken), limits)
    last = max(short, key=lambda row: row["full_at"] - limits.of(row["kind"]).span)
    return _asked_too_often(last["kind"], last["full_at"] - limits.of(last["kind"]).span - now, limits)


def _has_one(row: Row, limits: Limits, now: int) -> bool:
    return bool(row["full_at"] <= now + limits.of(row["kind"]).span)


async def _refuse_insisting_in(tx: Tx, agent_id: str, similarity_hash: str, now: int) -> TooMany | None:
    rows = await store.denials(tx, agent_id=agent_id, similarity_hash=similarity_hash, since=now - FORGOTTEN_AFTER)
    # A denial may be stored at a later moment than the one that this request came at: without a wait it costs nothing.
    waits = [
        (row["last_at"] + wait - now, row["denials"])
        for row in rows
        if (wait := back_off(row["denials"], same=row["similarity_hash"] != "")) > 0
    ]
    left, count = max(waits, default=(0, 0))
    if left <= 0:
        return None
    return TooMany(
        "denied_recently",
        f"people have denied {count} questions like this in a row",
        next_step="Wait as Retry-After says, and ask for something else than was denied: each further denial doubles"
        " the wait, an approval ends it.",
        retry_after=_seconds(left),
        extra={"denials": count},
    )


def _asked_too_often(kind: str, left: int, limits: Limits) -> TooMany:
    bucket = limits.of(kind)
    return TooMany(
        "asked_too_often",
        f"{_WHO[kind]}: {bucket.burst} at once, {bucket.hourly} an hour",
        next_step="Wait as Retry-After says, and ask once for what belongs together. An owner or admin changes the"
        " limits of the organisation.",
        retry_after=_seconds(left),
        extra={"limit": kind},
    )


def _seconds(milliseconds: int) -> int:
    """Rounded up: who comes back then is not too early."""
    return max(-(-milliseconds // SECOND), 1)
