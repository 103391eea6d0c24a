"""SQL of organisations, and memberships, on both databases."""

from __future__ import annotations

import pytest

from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store
from approvals_hub.people import store as people


@pytest.fixture
async def db(database: Database) -> Database:
    async def work(tx: Tx) -> None:
        for org_id in ("org_1", "org_2"):
            await store.add(tx, org_id=org_id, name=org_id.upper(), requirement="{}", at=1)
        for number, person_id in enumerate(("per_a", "per_b")):
            await people.add_person(
                tx, person_id=person_id, name=person_id, email=None, user_handle=bytes([number]), at=1
            )
        await store.add_member(tx, org_id="org_1", person_id="per_b", roles="approver auditor", at=1)
        await store.add_member(tx, org_id="org_1", person_id="per_a", roles="owner", at=2)
        await store.add_member(tx, org_id="org_2", person_id="per_a", roles="approver", at=1)

    await database.run(work)
    return database


async def test_an_organisation_is_found_by_its_id(db: Database) -> None:
    async def work(tx: Tx) -> tuple[str | None, bool]:
        row = await store.find(tx, "org_1")
        return row and row["name"], await store.find(tx, "org_3") is None

    assert await db.read(work) == ("ORG_1", True)


async def test_all_organisations_are_listed(db: Database) -> None:
    assert [row["id"] for row in await db.read(store.every)] == ["org_1", "org_2"]


async def test_an_organisation_stops_once_and_resumes_once(db: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [
            await store.resume(tx, "org_1") is not None,
            await store.stop(tx, "org_1", at=5, by="per_a") is not None,
            await store.stop(tx, "org_1", at=6, by="per_b") is not None,
            await store.resume(tx, "org_1") is not None,
            await store.resume(tx, "org_1") is not None,
        ]

    assert await db.run(work) == [False, True, False, True, False]


async def test_stopping_one_organisation_leaves_the_other(db: Database) -> None:
    async def work(tx: Tx) -> list[int | None]:
        await store.stop(tx, "org_1", at=5, by="per_a")
        return [row["stopped_at"] for row in await store.every(tx)]

    assert await db.run(work) == [5, None]


async def test_setting_a_requirement_leaves_the_other_organisations(db: Database) -> None:
    async def work(tx: Tx) -> list[str]:
        await store.set_requirement(tx, "org_1", '{"approvals":2}')
        return [row["requirement"] for row in await store.every(tx)]

    assert await db.run(work) == ['{"approvals":2}', "{}"]


async def test_members_are_those_who_were_not_removed_disabled_ones_too(db: Database) -> None:
    async def work(tx: Tx) -> list[list[str]]:
        found = [[row["id"] for row in await store.members(tx, "org_1")]]
        await tx.execute("UPDATE people SET state = 'disabled' WHERE id = 'per_b'")
        found.append([row["id"] for row in await store.members(tx, "org_1")])
        await tx.execute("UPDATE memberships SET removed_at = 1 WHERE person_id = 'per_b'")
        return [*found, [row["id"] for row in await store.members(tx, "org_1")]]

    assert await db.run(work) == [["per_a", "per_b"], ["per_a", "per_b"], ["per_a"]]


async def test_a_member_of_one_organisation_is_none_of_another(db: Database) -> None:
    async def work(tx: Tx) -> list[str | None]:
        rows = [await store.member(tx, org_id, "per_b") for org_id in ("org_1", "org_2")]
        return [row and row["roles"] for row in rows]

    assert await db.read(work) == ["approver auditor", None]


async def test_a_persons_organisations_come_in_the_order_of_joining(db: Database) -> None:
    async def work(tx: Tx) -> list[str]:
        return [row["org_id"] for row in await store.memberships(tx, "per_a")]

    assert await db.read(work) == ["org_2", "org_1"]
