"""The conditional statements by which each telling is sent once."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.notifications import telling_store as store

MEMBERS: dict[str, Any] = {
    "org_id": "org_1",
    "kind": "escalation.opened",
    "escalation_id": "esc_1",
    "person_id": "per_1",
    "contact_id": "con_1",
    "channel": "phone",
    "lane": "phone",
    "level": 1,
    "reason": "first",
    "replaces": True,
    "due_at": 10,
    "expires_at": 100,
}


async def test_a_telling_is_inserted_once_and_claimed_by_one(database: Database) -> None:
    async def work(tx: Tx) -> None:
        assert await store.add(tx, telling_id="tel_1", **MEMBERS)
        assert not await store.add(tx, telling_id="tel_1", **MEMBERS)
        assert await store.claim(tx, lane="phone", now=9, until=50, limit=9) == []
        [row] = await store.claim(tx, lane="phone", now=10, until=50, limit=9)
        assert row["attempts"] == 1
        assert await store.claim(tx, lane="phone", now=49, until=90, limit=9) == []
        assert len(await store.claim(tx, lane="phone", now=50, until=90, limit=9)) == 1

    await database.run(work)


async def test_what_was_never_tried_goes_first(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await store.add(tx, telling_id="tel_1", **MEMBERS)
        await store.claim(tx, lane="phone", now=10, until=11, limit=1)
        await store.add(tx, telling_id="tel_2", **{**MEMBERS, "due_at": 20})
        [row] = await store.claim(tx, lane="phone", now=20, until=50, limit=1)
        assert row["id"] == "tel_2"

    await database.run(work)


async def test_whoever_comes_too_late_changes_nothing(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await store.add(tx, telling_id="tel_1", **MEMBERS)
        await store.claim(tx, lane="phone", now=10, until=50, limit=1)
        await store.try_again(tx, "tel_1", attempts=7, at=12)
        assert [dict(row) for row in await store.due_lanes(tx)] == [{"lane": "phone", "at": 50}]
        await store.settle(tx, "tel_1", state="sent", provider_id="x", at=51)
        await store.settle(tx, "tel_1", state="failed", provider_id=None, at=52)
        [row] = await store.of_escalation(tx, "esc_1")
        assert (row["state"], row["settled_at"], row["send_at"]) == ("sent", 51, None)

    await database.run(work)


async def test_what_is_long_over_is_forgotten(database: Database) -> None:
    async def work(tx: Tx) -> int:
        await store.add(tx, telling_id="tel_1", **MEMBERS)
        assert await store.forget_old(tx, before=100, limit=10) == 0
        return await store.forget_old(tx, before=101, limit=10)

    assert await database.run(work) == 1


async def test_each_lane_is_due_when_its_first_row_is_and_one_where_nothing_waits_is_not_there(
    database: Database,
) -> None:
    async def work(tx: Tx) -> None:
        assert await store.due_lanes(tx) == []
        for number, (lane, at) in enumerate([("b", 30), ("a", 20), ("b", 10), ("c", 5), ("a\U0001f980", 7)]):
            await store.add(tx, telling_id=f"tel_{number}", **{**MEMBERS, "lane": lane, "due_at": at})
        await store.settle(tx, "tel_3", state="sent", provider_id=None, at=6)
        found = {row["lane"]: row["at"] for row in await store.due_lanes(tx)}
        assert found == {"a": 20, "b": 10, "a\U0001f980": 7}

    await database.run(work)


async def test_rooms_that_may_have_heard_of_a_question_hear_once_that_it_is_over(database: Database) -> None:
    room = {**MEMBERS, "person_id": "", "contact_id": "", "reason": "room", "replaces": False}

    async def work(tx: Tx) -> None:
        for channel in ("heard", "under_way", "failed", "waiting"):
            await store.add(tx, telling_id=f"tel_{channel}", **{**room, "channel": channel, "lane": channel})
        await store.add(tx, telling_id="tel_person", **MEMBERS)
        for lane in ("heard", "under_way", "failed", "phone"):
            await store.claim(tx, lane=lane, now=10, until=50, limit=9)
        await store.settle(tx, "tel_heard", state="sent", provider_id=None, at=11)
        await store.settle(tx, "tel_failed", state="failed", provider_id=None, at=11)
        assert await store.end_rooms(tx, "esc_1", at=20, until=80) == 2
        assert await store.end_rooms(tx, "esc_1", at=21, until=80) == 0
        rows = await tx.rows("SELECT id, channel, replaces FROM tellings WHERE kind = 'escalation.ended' ORDER BY id")
        assert [(row["id"], row["channel"], row["replaces"]) for row in rows] == [
            ("end_heard", "heard", 0),
            ("end_under_way", "under_way", 0),
        ]

    await database.run(work)
