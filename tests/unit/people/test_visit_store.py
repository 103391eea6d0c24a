"""The rows that a report of sign-ins is made of."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.people import visit_store as store
from tests.unit.hub_fixture import StaffedHub


async def add(house: StaffedHub, sealed: bytes, **changes: Any) -> None:
    async def work(tx: Tx) -> None:
        given = {"org_id": house.org_id, "person_id": "per_1", "visit": "sha256:1", "at": 5, **changes}
        await store.add(tx, sealed=sealed, **given)

    await house.hub.db.run(work)


async def kept(house: StaffedHub, *visits: str, org_id: str | None = None) -> dict[tuple[str, str], bytes]:
    async def work(tx: Tx) -> dict[tuple[str, str], bytes]:
        return await store.kept(tx, org_id or house.org_id, visits)

    return await house.hub.db.read(work)


async def test_a_visit_that_is_kept_stays_as_it_was(house: StaffedHub) -> None:
    await add(house, b"first")
    await add(house, b"second")
    assert await kept(house, "sha256:1") == {("per_1", "sha256:1"): b"first"}


async def test_a_visit_is_found_in_its_own_organisation_alone(house: StaffedHub) -> None:
    await add(house, b"mine")
    assert await kept(house, "sha256:1", org_id="org_other") == {}


async def test_nothing_asked_for_finds_nothing(house: StaffedHub) -> None:
    async def work(tx: Tx) -> tuple[object, ...]:
        org_id = house.org_id
        return (
            await store.kept(tx, org_id, []),
            await store.sessions_of(tx, org_id, []),
            await store.names_of(tx, org_id, []),
        )

    assert await house.hub.db.read(work) == ({}, {}, {})


async def test_sign_ins_are_the_sealed_entries_of_their_kinds_between_two_indexes(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[int]:
        found = await store.sign_ins(tx, house.org_id, 0, 10_000, since=None, until=None, person=None, limit=100)
        return [index for index, _ in found]

    assert await house.hub.db.read(work) == []  # nothing is sealed yet
    while await house.hub.sealer.seal_all():
        pass
    indexes = await house.hub.db.read(work)
    rows = await house.rows("SELECT idx FROM audit_entries WHERE kind = 'session.opened' ORDER BY idx")
    assert indexes == [row["idx"] for row in rows]
    assert len(indexes) == 2  # the owner followed a link, and enrolled a key
