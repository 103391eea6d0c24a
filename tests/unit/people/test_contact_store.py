"""The conditional statements on contacts."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.people import contact_store as store
from tests.unit.hub_fixture import StaffedHub
from tests.unit.two_orgs import second_org

MEMBERS: dict[str, Any] = {
    "person_id": "per_1",
    "channel": "phone",
    "source": "dev_1",
    "device_id": "dev_1",
    "address": b"sealed",
    "address_hash": b"hash",
    "masked": "…",
    "language": "en",
}


async def test_a_source_has_one_live_address_on_a_channel(database: Database) -> None:
    async def work(tx: Tx) -> None:
        assert await store.add(tx, contact_id="con_1", at=1, **MEMBERS)
        assert not await store.add(tx, contact_id="con_2", at=2, **MEMBERS)
        assert await store.end_of_device(tx, "per_1", "dev_1", cause="removed", at=3)
        assert await store.add(tx, contact_id="con_3", at=4, **MEMBERS)

    await database.run(work)


async def test_an_address_that_its_device_has_said_again_is_not_gone(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await store.add(tx, contact_id="con_1", at=1, **MEMBERS)
        await store.renew(tx, "con_1", address=b"sealed anew", language="sv", seal_key=None, at=5)
        assert not await store.forget_gone(tx, "con_1", registered_at=1, at=6)
        assert await store.forget_gone(tx, "con_1", registered_at=5, at=6)
        [row] = await tx.rows("SELECT address, cause FROM contacts")
        assert (bytes(row["address"]), row["cause"]) == (b"", "gone")

    await database.run(work)


async def test_an_address_belongs_to_the_device_that_has_it_now(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await store.add(tx, contact_id="con_1", at=1, **MEMBERS)
        await store.end_elsewhere(tx, b"hash", but="dev_1", at=2)
        assert await store.of_device(tx, "per_1", "dev_1") is not None
        await store.end_elsewhere(tx, b"hash", but="dev_2", at=3)
        assert await store.of_device(tx, "per_1", "dev_1") is None

    await database.run(work)


async def test_a_mailbox_that_the_inviter_wrote_down_hears_nothing_of_an_organisation_joined_with_a_key(
    house: StaffedHub,
) -> None:
    ada, other = await house.person("Ada"), await second_org(house)
    await other.lets_in(ada, "approver")
    mail = {**MEMBERS, "person_id": ada.person_id, "channel": "mail", "device_id": None, "address_hash": None}

    async def told_in(tx: Tx, org_id: str) -> list[str]:
        return [row["id"] for row in await store.of_people(tx, [ada.person_id], org_id=org_id, since=1)]

    async def work(tx: Tx) -> None:
        await store.add(tx, contact_id="con_1", at=1, **{**mail, "source": "mail:theirs"})
        await store.add(tx, contact_id="con_2", at=1, **{**mail, "source": "fac_hers"})
        assert await told_in(tx, house.org_id) == ["con_1", "con_2"]
        assert await told_in(tx, other.org_id) == ["con_2"]
        await tx.execute("UPDATE joinings SET state = 'ended'")
        assert await told_in(tx, other.org_id) == ["con_1", "con_2"]
        await tx.execute("UPDATE orgs SET made_by = :ada WHERE id = :org", ada=ada.person_id, org=other.org_id)
        assert await told_in(tx, other.org_id) == ["con_2"]

    await house.hub.db.run(work)


async def test_telling_somebody_in_one_organisation_ends_no_address_on_a_channel_of_another(database: Database) -> None:
    async def work(tx: Tx) -> None:
        for number, channel in enumerate(("own:a:letters", "own:b:texts")):
            members = {**MEMBERS, "channel": channel, "source": f"fac_{number}", "device_id": None}
            await store.add(tx, contact_id=f"con_{number}", at=1, **members)
        await store.end_sources(tx, "per_1", channels=["own:b:texts"], but=[], at=2)
        rows = await tx.rows("SELECT id FROM contacts WHERE gone_at IS NULL")
        assert [row["id"] for row in rows] == ["con_0"]

    await database.run(work)
