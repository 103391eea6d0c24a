"""SQL of expected factors, on both databases; unlike a factor, what is expected belongs to one organisation."""

from __future__ import annotations

from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import expected_store as store

NOW = 1_800_000_000_000


async def add(tx: Tx, expected_id: str = "exf_1", org_id: str = "org_1", method: str = "bankid") -> None:
    await store.add(
        tx,
        expected_id=expected_id,
        org_id=org_id,
        person_id="per_1",
        method=method,
        subject_hash=b"anna",
        at=NOW,
        by="per_2",
        expires_at=NOW + 1000,
    )


async def test_an_organisation_waits_for_one_of_a_way_the_newest(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        for name, method in (("exf_1", "bankid"), ("exf_2", "bankid"), ("exf_3", "freja")):
            await add(tx, name, method=method)
        waiting = await store.waiting(tx, "org_1", "per_1", "bankid", NOW)
        replaced = await tx.row("SELECT ended_at, cause FROM expected_factors WHERE id = 'exf_1'")
        assert waiting is not None
        assert replaced is not None
        listed = [row["id"] for row in await store.of_person(tx, "org_1", "per_1", NOW)]
        return [waiting["id"], replaced["ended_at"], replaced["cause"], listed]

    assert await database.run(work) == ["exf_2", NOW, "replaced", ["exf_2", "exf_3"]]


async def test_it_ends_once_or_by_its_time(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        await add(tx)
        late = await store.waiting(tx, "org_1", "per_1", "bankid", NOW + 1000)
        ended = [await store.end(tx, "exf_1", cause="declined", at=NOW) for _ in range(2)]
        return [late, ended, await store.waiting(tx, "org_1", "per_1", "bankid", NOW)]

    assert await database.run(work) == [None, [True, False], None]


async def test_only_those_are_dropped_whose_time_is_over(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        await add(tx)
        kept = await store.forget_expired(tx, before=NOW + 1000, limit=5)
        gone = await store.forget_expired(tx, before=NOW + 1001, limit=5)
        return [kept, gone, await store.find(tx, "exf_1")]

    assert await database.run(work) == [0, 1, None]


async def test_what_one_organisation_expects_of_a_person_is_not_there_for_another(postgres_database: Database) -> None:
    await postgres_database.run(add, org="org_1")
    assert await postgres_database.read(lambda tx: store.find(tx, "exf_1"), org="org_1") is not None
    assert await postgres_database.read(lambda tx: store.find(tx, "exf_1"), org="org_2") is None
