"""SQL of joinings."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.people import joinings_store as store
from approvals_hub.people import store as people


async def test_a_person_waits_once_in_an_organisation_and_is_finished_once(database: Database) -> None:
    one = {"org_id": "org_a", "invite_id": "pin_1", "invited_id": "per_made", "person_id": "per_ada", "at": 10}

    async def work(tx: Tx) -> list[Any]:
        for person_id, name in (("per_ada", "Ada"), ("per_made", "Ada L")):
            await people.add_person(tx, person_id=person_id, name=name, email=None, user_handle=name.encode(), at=1)
        for name in ("joi_1", "joi_2"):
            await store.add(tx, joining_id=name, digits="123456", expires_at=20, **one)  # type: ignore[arg-type]
        await store.add(tx, joining_id="joi_3", digits="1", expires_at=20, **(one | {"org_id": "org_b"}))  # type: ignore[arg-type]
        waiting = [
            [row["id"] for row in await store.pending(tx, org, now)] for org, now in (("org_a", 19), ("org_a", 20))
        ]
        wrong = [await store.count_wrong(tx, "joi_2") for _ in range(2)]
        done = [await store.finish(tx, "joi_2", state=state, at=15) is not None for state in ("joined", "ended")]
        found = await store.find(tx, "org_a", "joi_2")
        assert found is not None
        return [waiting, wrong, done, found["state"], found["digits"], await store.find(tx, "org_b", "joi_2")]

    assert await database.run(work) == [[["joi_2"], []], [1, 2], [True, False], "joined", None, None]
