"""SQL of how much an agent may ask, and of how much came to whom."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.domain.allowance import Limits

_EACH = (
    "(CASE kind WHEN 'agent' THEN CAST(:agent_each AS INTEGER) WHEN 'person' THEN CAST(:person_each AS INTEGER)"
    " ELSE CAST(:pair_each AS INTEGER) END)"
)
_SPAN = (
    "(CASE kind WHEN 'agent' THEN CAST(:agent_span AS INTEGER) WHEN 'person' THEN CAST(:person_span AS INTEGER)"
    " ELSE CAST(:pair_span AS INTEGER) END)"
)


async def count_repeat(tx: Tx, escalation_id: str) -> None:
    """The very same was asked once more while it was open."""
    await tx.execute("UPDATE escalations SET repeats = repeats + 1 WHERE id = :id", id=escalation_id)


async def make(tx: Tx, *, org_id: str, agent_id: str, people: Collection[str], at: int) -> None:
    """Full buckets, where there are none yet, for an agent, for these people, and for both."""
    await tx.execute(
        "INSERT INTO allowances (id, org_id, kind, full_at) VALUES (:id, :org, 'agent', :at)"
        " ON CONFLICT (id) DO NOTHING",
        id=f"agent:{agent_id}",
        org=org_id,
        at=at,
    )
    for kind, owner in (("person", org_id), ("pair", agent_id)):
        await tx.execute(
            "INSERT INTO allowances (id, org_id, kind, full_at)"
            " SELECT CAST(:before AS TEXT) || person_id, org_id, CAST(:kind AS TEXT), CAST(:at AS INTEGER)"
            " FROM memberships WHERE org_id = :org AND person_id IN :people ORDER BY person_id"
            " ON CONFLICT (id) DO NOTHING",
            before=f"{kind}:{owner}:",
            kind=kind,
            at=at,
            org=org_id,
            people=In(people),
        )


async def take(tx: Tx, ids: Collection[str], limits: Limits, *, at: int) -> set[str]:
    """Take one from each of these buckets that has one; returns from which.

    One statement compares and takes, so that nobody takes in between: on PostgreSQL it waits for a row that another
    unit changed, and compares anew.
    """
    rows = await tx.rows(
        f"UPDATE allowances SET full_at = (CASE WHEN full_at > :at THEN full_at ELSE :at END) + {_EACH}"
        f" WHERE id IN :ids AND full_at <= :at + {_SPAN} RETURNING id",
        ids=In(ids),
        at=at,
        **_of(limits, "each"),
        **_of(limits, "span"),
    )
    return {row["id"] for row in rows}


async def give_back(tx: Tx, ids: Collection[str], limits: Limits) -> None:
    """Put one back into each of these."""
    await tx.execute(
        f"UPDATE allowances SET full_at = full_at - {_EACH} WHERE id IN :ids", ids=In(ids), **_of(limits, "each")
    )


async def standing(tx: Tx, ids: Collection[str]) -> list[Row]:
    """Those of these buckets that are there: id, kind, and when each is full again.

    By id: of two that are empty until the same moment the same one is named each time, on both engines.
    """
    return await tx.rows("SELECT id, kind, full_at FROM allowances WHERE id IN :ids ORDER BY id", ids=In(ids))


async def denied(tx: Tx, *, org_id: str, agent_id: str, similarity_hash: str, at: int, forgotten_before: int) -> None:
    """One more denial in a row, of anything of this agent and of this kind of action; older ones are forgotten."""
    for similar in ("", similarity_hash):
        await tx.execute(
            "INSERT INTO back_offs (agent_id, similarity_hash, org_id, denials, last_at)"
            " VALUES (:agent, :similar, :org, 1, :at) ON CONFLICT (agent_id, similarity_hash) DO UPDATE SET"
            " denials = CASE WHEN back_offs.last_at < :before THEN 1 ELSE back_offs.denials + 1 END, last_at = :at",
            agent=agent_id,
            similar=similar,
            org=org_id,
            at=at,
            before=forgotten_before,
        )


async def approved(tx: Tx, *, agent_id: str, similarity_hash: str) -> None:
    """People approved something of this agent: denials are counted anew."""
    await tx.execute(
        "DELETE FROM back_offs WHERE agent_id = :agent AND similarity_hash IN :similar",
        agent=agent_id,
        similar=In(["", similarity_hash]),
    )


async def denials(tx: Tx, *, agent_id: str, similarity_hash: str, since: int) -> list[Row]:
    """The denials in a row that still count: of anything, and of this kind of action."""
    return await tx.rows(
        "SELECT similarity_hash, denials, last_at FROM back_offs"
        " WHERE agent_id = :agent AND similarity_hash IN :similar AND last_at >= :since",
        agent=agent_id,
        similar=In(["", similarity_hash]),
        since=since,
    )


async def count_prompts(tx: Tx, *, org_id: str, people: Collection[str], day: int) -> None:
    """A question came into the inbox of each of these people."""
    await tx.execute(
        "INSERT INTO prompts (org_id, person_id, day, count)"
        " SELECT org_id, person_id, CAST(:day AS INTEGER), 1 FROM memberships"
        " WHERE org_id = :org AND person_id IN :people ORDER BY person_id"
        " ON CONFLICT (org_id, person_id, day) DO UPDATE SET count = prompts.count + 1",
        org=org_id,
        people=In(people),
        day=day,
    )


async def forget(tx: Tx, *, at: int, denied_before: int, before_day: int, limit: int) -> int:
    """Drop what says nothing any more: buckets that are full again, denials that count no more, and the prompts of days
    that nobody looks back at. A bucket that is dropped while it is taken from is made anew, full, as it was."""
    dropped = await tx.execute(
        "DELETE FROM allowances WHERE id IN (SELECT id FROM allowances WHERE full_at <= :at LIMIT :limit)"
        " AND full_at <= :at",
        at=at,
        limit=limit,
    )
    dropped += await tx.execute(
        "DELETE FROM back_offs WHERE (agent_id, similarity_hash) IN"
        " (SELECT agent_id, similarity_hash FROM back_offs WHERE last_at < :before LIMIT :limit) AND last_at < :before",
        before=denied_before,
        limit=limit,
    )
    return dropped + await tx.execute(
        "DELETE FROM prompts WHERE (org_id, person_id, day) IN"
        " (SELECT org_id, person_id, day FROM prompts WHERE day < :day LIMIT :limit)",
        day=before_day,
        limit=limit,
    )


@lru_cache(maxsize=512)
def _of(limits: Limits, name: str) -> dict[str, int]:
    return {f"{kind}_{name}": getattr(limits.of(kind), name) for kind in ("agent", "person", "pair")}
