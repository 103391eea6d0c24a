"""The SQL of the log: entries, tiles, checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from approvals_hub.audit.batch import Run, Written
from approvals_hub.audit.entry import Entry
from approvals_hub.audit.filter import EVERYTHING, Filter
from approvals_hub.audit.tiles import Place
from approvals_hub.db.database import Tx
from approvals_hub.db.sql import In
from approvals_hub_client.tree import EMPTY_ROOT, HASH_SIZE

_ADD_ENTRY = """
INSERT INTO audit_entries (org_id, writer, seq, at, id, kind, actor_type, actor_id, agent_id, escalation_id, action_id,
                           action_type, decision, policy_id, body, mac)
VALUES (:org_id, :writer, :seq, :at, :id, :kind, :actor_type, :actor_id, :agent_id, :escalation_id, :action_id,
        :action_type, :decision, :policy_id, :body, :mac)
"""

_RUNS = 32
"""Runs that get their indexes in one statement; entries of one connection are one run, however many they are."""

# The statement begins with UPDATE because Python's sqlite3 counts no rows of one that begins with WITH.
_ASSIGN = f"""
UPDATE audit_entries SET idx = audit_entries.seq + runs.shift
FROM (WITH listed (writer, first, last, shift) AS (VALUES
{
    ", ".join(
        f"(CAST(:writer{n} AS TEXT), CAST(:first{n} AS INTEGER), CAST(:last{n} AS INTEGER), CAST(:shift{n} AS INTEGER))"
        for n in range(_RUNS)
    )
}) SELECT writer, first, last, shift FROM listed) AS runs
WHERE audit_entries.org_id = :org_id AND audit_entries.writer = runs.writer
  AND audit_entries.seq BETWEEN runs.first AND runs.last
"""


_SEALED = "FROM audit_entries WHERE org_id = :org_id AND idx >= :first AND idx < :end"
_MATCHES = """
  AND (CAST(:since AS INTEGER) IS NULL OR at >= :since)
  AND (CAST(:until AS INTEGER) IS NULL OR at < :until)
  AND (CAST(:actor AS TEXT) IS NULL OR actor_id = :actor)
  AND (CAST(:agent AS TEXT) IS NULL OR agent_id = :agent)
  AND (CAST(:kind AS TEXT) IS NULL OR kind = :kind)
  AND (CAST(:action_type AS TEXT) IS NULL OR action_type = :action_type)
  AND (CAST(:decision AS TEXT) IS NULL OR decision = :decision)
  AND (CAST(:policy AS TEXT) IS NULL OR policy_id = :policy)
"""
# The entries of one escalation are few and have an index, which a nullable condition would not use.
_OF_ESCALATION = " AND escalation_id = :escalation"


class Head(msgspec.Struct, frozen=True):
    """The newest checkpoint of an organisation's log; `note` is empty before the first."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


async def add_entry(tx: Tx, at: int, entry: Entry, body: bytes, mac: bytes) -> None:
    """Insert an entry that is not sealed yet."""
    await tx.execute(
        _ADD_ENTRY,
        org_id=entry.org_id,
        writer=entry.writer,
        seq=entry.seq,
        at=at,
        id=entry.id,
        kind=entry.kind,
        actor_type=entry.actor_type,
        actor_id=entry.actor_id,
        agent_id=entry.agent_id,
        escalation_id=entry.escalation_id,
        action_id=entry.action_id,
        action_type=entry.action_type,
        decision=entry.decision,
        policy_id=entry.policy_id,
        body=body,
        mac=mac,
    )


async def waiting(tx: Tx) -> dict[str, int]:
    """The organisations with unsealed entries, and the time of the oldest of each."""
    rows = await tx.rows("SELECT org_id, MIN(at) AS oldest FROM audit_entries WHERE idx IS NULL GROUP BY org_id")
    return {row["org_id"]: row["oldest"] for row in rows}


async def unsealed(tx: Tx, org_id: str, limit: int) -> list[Written]:
    """The oldest entries that have no index yet."""
    rows = await tx.rows(
        "SELECT writer, seq, at, body, mac FROM audit_entries WHERE org_id = :org_id AND idx IS NULL "
        "ORDER BY at LIMIT :limit",
        org_id=org_id,
        limit=limit,
    )
    return [Written(row["writer"], row["seq"], row["at"], row["body"], row["mac"]) for row in rows]


async def unsealed_of(tx: Tx, org_id: str, writer: str, up_to: int, limit: int) -> list[Written]:
    """One writer's first entries that have no index yet, up to a sequence number."""
    rows = await tx.rows(
        "SELECT writer, seq, at, body, mac FROM audit_entries WHERE org_id = :org_id AND writer = :writer "
        "AND seq <= :up_to AND idx IS NULL ORDER BY seq LIMIT :limit",
        org_id=org_id,
        writer=writer,
        up_to=up_to,
        limit=limit,
    )
    return [Written(row["writer"], row["seq"], row["at"], row["body"], row["mac"]) for row in rows]


async def sealed_mac(tx: Tx, org_id: str, writer: str, seq: int) -> bytes | None:
    """The MAC of an entry that has its index; None where there is no such entry."""
    row = await tx.row(
        "SELECT mac FROM audit_entries WHERE org_id = :org_id AND writer = :writer AND seq = :seq AND idx IS NOT NULL",
        org_id=org_id,
        writer=writer,
        seq=seq,
    )
    return None if row is None else row["mac"]


async def hold(tx: Tx, org_id: str) -> None:
    """Keep every other sealer of this log waiting until the unit ends.

    The hub's own log belongs to no row of `orgs` that could be locked: what is written here is the lock.
    """
    await tx.execute(
        "INSERT INTO hub_settings (name, value) VALUES (:name, '') "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=f"sealing:{org_id}",
    )


async def assign(tx: Tx, org_id: str, runs: Sequence[Run]) -> int:
    """Give entries their indexes; how many got one."""
    changed = 0
    for start in range(0, len(runs), _RUNS):
        part = list(runs[start : start + _RUNS])
        part += [Run("", 1, 0, 0)] * (_RUNS - len(part))
        params: dict[str, str | int] = {"org_id": org_id}
        for number, run in enumerate(part):
            params[f"writer{number}"] = run.writer
            params[f"first{number}"] = run.first
            params[f"last{number}"] = run.last
            params[f"shift{number}"] = run.shift
        changed += await tx.execute(_ASSIGN, **params)
    return changed


async def head(tx: Tx, org_id: str) -> Head:
    """The newest checkpoint."""
    row = await tx.row(
        "SELECT size, root, note FROM audit_checkpoints WHERE org_id = :org_id ORDER BY size DESC LIMIT 1",
        org_id=org_id,
    )
    return Head() if row is None else Head(row["size"], row["root"], row["note"])


async def newest(tx: Tx, org_id: str) -> int | None:
    """When the newest checkpoint was signed, in milliseconds; None before the first."""
    row = await tx.row(
        "SELECT at FROM audit_checkpoints WHERE org_id = :org_id ORDER BY size DESC LIMIT 1", org_id=org_id
    )
    return None if row is None else row["at"]


async def add_checkpoint(tx: Tx, org_id: str, head: Head, at: int) -> None:
    """Insert a checkpoint; there is one for each size."""
    await tx.execute(
        "INSERT INTO audit_checkpoints (org_id, size, root, note, at) VALUES (:org_id, :size, :root, :note, :at)",
        org_id=org_id,
        size=head.size,
        root=head.root,
        note=head.note,
        at=at,
    )


async def tiles(tx: Tx, org_id: str, places: Iterable[Place]) -> dict[Place, bytes]:
    """Those of the tiles that are stored."""
    found: dict[Place, bytes] = {}
    levels: dict[int, list[int]] = {}
    for level, index in places:
        levels.setdefault(level, []).append(index)
    for level, indexes in levels.items():
        rows = await tx.rows(
            "SELECT idx, hashes FROM audit_tiles WHERE org_id = :org_id AND level = :level AND idx IN (:indexes)",
            org_id=org_id,
            level=level,
            indexes=In(indexes),
        )
        found.update({(level, row["idx"]): row["hashes"] for row in rows})
    return found


async def put_tiles(tx: Tx, org_id: str, grown: Mapping[Place, bytes]) -> None:
    """Store new and wider tiles."""
    for (level, index), hashes in grown.items():
        await tx.execute(
            "INSERT INTO audit_tiles (org_id, level, idx, width, hashes) "
            "VALUES (:org_id, :level, :index, :width, :hashes) ON CONFLICT (org_id, level, idx) "
            "DO UPDATE SET width = excluded.width, hashes = excluded.hashes",
            org_id=org_id,
            level=level,
            index=index,
            width=len(hashes) // HASH_SIZE,
            hashes=hashes,
        )


async def page(
    tx: Tx, org_id: str, wanted: Filter, first: int, end: int, limit: int, *, newest_first: bool = False
) -> list[tuple[int, bytes]]:
    """Sealed entries with indexes from `first` up to `end`: index and bytes."""
    where, params = _where(org_id, wanted, first, end)
    order = "DESC" if newest_first else "ASC"
    rows = await tx.rows(f"SELECT idx, body {where} ORDER BY idx {order} LIMIT :limit", limit=limit, **params)
    return [(row["idx"], row["body"]) for row in rows]


async def of_question(
    tx: Tx, org_id: str, escalation_id: str, limit: int, kinds: Sequence[str] = ()
) -> list[tuple[int | None, bytes]]:
    """The entries of one question, of these kinds where any are named: index and bytes, in the log's order.

    Those without an index are not sealed yet.
    """
    some = " AND kind IN :kinds" if kinds else ""
    rows = await tx.rows(
        f"SELECT idx, body FROM audit_entries WHERE org_id = :org AND escalation_id = :escalation{some} "
        "ORDER BY idx LIMIT :limit",
        org=org_id,
        escalation=escalation_id,
        limit=limit,
        **({"kinds": In(list(kinds))} if kinds else {}),
    )
    return [(row["idx"], row["body"]) for row in rows]


async def of_devices(tx: Tx, org_id: str, end: int) -> list[tuple[int, bytes]]:
    """The sealed entries below `end` that tell of people's keys, in the log's order."""
    rows = await tx.rows(
        "SELECT idx, body FROM audit_entries WHERE org_id = :org AND idx < :end AND idx IS NOT NULL "
        "AND kind IN ('device.enrolled', 'device.confirmed', 'device.revoked') ORDER BY idx",
        org=org_id,
        end=end,
    )
    return [(row["idx"], row["body"]) for row in rows]


async def bounds(tx: Tx, org_id: str, wanted: Filter, end: int) -> tuple[int, int]:
    """From where up to where there are sealed entries like these below `end`; (0, 0) when there are none."""
    if wanted == EVERYTHING:
        return 0, end
    where, params = _where(org_id, wanted, 0, end)
    row = await tx.row(f"SELECT MIN(idx) AS first, MAX(idx) AS last {where}", **params)
    return (0, 0) if row is None or row["first"] is None else (row["first"], row["last"] + 1)


async def checkpoints(tx: Tx, org_id: str, after: int, up_to: int) -> list[tuple[int, str]]:
    """Size and note of every checkpoint of more than `after` and at most `up_to` entries, by size."""
    rows = await tx.rows(
        "SELECT size, note FROM audit_checkpoints WHERE org_id = :org_id AND size > :after AND size <= :up_to "
        "ORDER BY size",
        org_id=org_id,
        after=after,
        up_to=up_to,
    )
    return [(row["size"], row["note"]) for row in rows]


def _where(org_id: str, wanted: Filter, first: int, end: int) -> tuple[str, dict[str, str | int | None]]:
    params: dict[str, str | int | None] = {"org_id": org_id, "first": first, "end": end}
    if wanted == EVERYTHING:
        return _SEALED, params
    given = msgspec.structs.asdict(wanted)
    if wanted.escalation is None:
        del given["escalation"]
        return _SEALED + _MATCHES, params | given
    return _SEALED + _MATCHES + _OF_ESCALATION, params | given
