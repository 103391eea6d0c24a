"""Rows of signals: what is over stands no more, and one organisation's are none of another's."""

from __future__ import annotations

from approvals_hub.db.database import Database, Tx
from approvals_hub.policies import signal_store as store

ORG, OTHER = "org_1", "org_2"


async def test_a_signal_stands_until_its_last_setting_is_over(database: Database) -> None:
    async def work(tx: Tx) -> list[list[str]]:
        for org in (ORG, OTHER):
            await store.declare(tx, org_id=org, name="incident", about="x", monitors="[]", at=1, by="per_1")
        held = {"reason": b"x", "at": 1, "by": "per_1"}
        await store.set_signal(tx, org_id=ORG, name="incident", setter="people", until=10, **held)
        await store.set_signal(tx, org_id=ORG, name="incident", setter="agt_1", until=20, **held)
        await store.set_signal(tx, org_id=OTHER, name="incident", setter="people", until=None, **held)
        found = [await store.standing(tx, org, now) for org in (ORG, OTHER) for now in (9, 10, 19, 20, 99)]
        await store.clear(tx, ORG, "incident", setter="people")
        assert [row["setter"] for row in await store.settings(tx, ORG, 5)] == ["agt_1"]
        await store.remove(tx, ORG, "incident")
        assert (await store.settings(tx, ORG, 5), await store.signal(tx, ORG, "incident")) == ([], None)
        assert len(await store.settings(tx, OTHER, 5)) == 1
        return found

    found = await database.run(work)
    assert found == [["incident"]] * 3 + [[]] * 2 + [["incident"]] * 5
