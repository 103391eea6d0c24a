"""The SQL of tokens that change."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.people import session_store
from approvals_hub.people.session import PersonCredential, Session, session_in, token_hash
from tests.unit.hub_fixture import StaffedHub

NEW = token_hash("ses_new")


async def rotated(house: StaffedHub, previous_until: int | None) -> None:
    hashed = house.owner.credential.token_hash

    async def work(tx: Tx) -> None:
        [row] = await tx.rows("SELECT id FROM sessions WHERE token_hash = :hash", hash=hashed)
        await session_store.rotate(tx, row["id"], token_hash=NEW, token_expires_at=None, previous_until=previous_until)

    await house.hub.db.run(work)


async def found(house: StaffedHub, hashed: bytes, *, changes: bool = False) -> bool:
    async def work(tx: Tx) -> bool:
        found = await session_in(tx, PersonCredential(hashed, changes=changes), house.time.now)
        org_id = await session_store.org_of(tx, hashed, house.time.now)
        assert org_id == (house.org_id if isinstance(found, Session) or changes else None)
        return isinstance(found, Session)

    return await house.hub.db.read(work)


async def test_a_token_without_a_grace_is_gone_at_once(house: StaffedHub) -> None:
    await rotated(house, None)
    assert await found(house, NEW)
    assert not await found(house, house.owner.credential.token_hash)


async def test_a_token_with_a_grace_reads_until_it_is_over_and_changes_nothing(house: StaffedHub) -> None:
    await rotated(house, house.time.now + 1000)
    assert await found(house, house.owner.credential.token_hash)
    assert not await found(house, house.owner.credential.token_hash, changes=True)
    assert await found(house, NEW, changes=True)
    house.time.now += 1000
    assert not await found(house, house.owner.credential.token_hash)


async def test_the_present_token_alone_is_renewed_and_where_it_is_owed_alone(house: StaffedHub) -> None:
    before = house.owner.credential.token_hash
    await rotated(house, house.time.now + 1000)

    async def work(tx: Tx) -> list[bool]:
        [row] = await tx.rows("SELECT id FROM sessions WHERE token_hash = :hash", hash=NEW)
        found = [await session_store.is_present(tx, each, owed_only=False) for each in (NEW, before)]
        found.append(await session_store.is_present(tx, NEW, owed_only=True))
        await session_store.owe_renewal(tx, row["id"], at=house.time.now)
        return [*found, await session_store.is_present(tx, NEW, owed_only=True)]

    assert await house.hub.db.run(work) == [True, False, False, True]


async def test_a_refresh_token_is_spent_once(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[bool]:
        await session_store.add_refresh_token(tx, token_hash=NEW, session_id="ses_1", at=1)
        return [await session_store.use_refresh_token(tx, NEW, at=2) for _ in range(2)]

    assert await house.hub.db.run(work) == [True, False]
