"""SQL of recoveries, on both engines."""

from __future__ import annotations

import pytest

from approvals_hub.db.database import Database, Tx
from approvals_hub.people import store as people
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.recovery import Recovery


async def added(tx: Tx, recovery_id: str, *, person_id: str = "per_1", way: str = "code") -> None:
    await store.add(
        tx,
        id=recovery_id,
        org_id="org_1",
        person_id=person_id,
        way=way,
        opened_by=person_id,
        invite_id=f"pin_{recovery_id}",
        wait=10,
        usable_from=0,
        expires_at=100,
        opened_at=0,
        epoch="epo_1",
    )


async def test_a_person_has_one_live_recovery_at_a_time(database: Database) -> None:
    async def second(tx: Tx) -> None:
        await added(tx, "rec_2")

    await database.run(lambda tx: added(tx, "rec_1"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await database.run(second)


async def test_it_ends_once_and_takes_no_key_afterwards(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        await added(tx, "rec_1")
        ended = [await store.end(tx, "rec_1", state="ended", cause="x", by="hub", at=1) is not None for _ in "ab"]
        key = await store.enrolled(tx, "rec_1", device_id="dev_1", counts_at=5, expires_at=9)
        return [*ended, key is not None]

    assert await database.run(work) == [True, False, False]


async def test_colleagues_are_asked_about_one_key_once(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        await added(tx, "rec_1", way="colleagues")
        await store.enrolled(tx, "rec_1", device_id="dev_1", counts_at=5, expires_at=9)
        waiting = [one.id for one in await store.to_ask(tx, 5)]
        asked = [
            await store.asked(tx, "rec_1", device_id=device, escalation_id="esc_1")
            for device in ("dev_other", "dev_1", "dev_1")
        ]
        again = await store.enrolled(tx, "rec_1", device_id="dev_2", counts_at=5, expires_at=9)
        return [waiting, asked, again, await store.to_ask(tx, 5)]

    assert await database.run(work) == [["rec_1"], [False, True, False], None, []]


async def test_what_is_due_is_found_by_its_time(database: Database) -> None:
    async def work(tx: Tx) -> list[list[str]]:
        await added(tx, "rec_1")
        await store.enrolled(tx, "rec_1", device_id="dev_1", counts_at=50, expires_at=90)
        return [[one.id for one in await store.due(tx, now, 5)] for now in (49, 50)]

    assert await database.run(work) == [[], ["rec_1"]]


async def test_a_key_is_let_in_by_its_own_recovery_alone(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        await people.add_device(
            tx,
            id="dev_1",
            person_id="per_1",
            kind="device_key",
            alg="EdDSA",
            jwk="{}",
            credential_id=None,
            public_key=None,
            key_hash="sha256:1",
            sign_count=0,
            backup_eligible=0,
            backed_up=0,
            name="phone",
            platform=None,
            app_version=None,
            installation_id=None,
            state="pending",
            digits="123456",
            invited_by=None,
            recovery_id="rec_1",
            created_at=1,
            confirmed_at=None,
        )
        confirmed = await people.confirm_device(tx, "dev_1", by="per_admin", at=2) is not None
        return [confirmed, *[await store.activate(tx, "dev_1", recovery_id=one, at=2) for one in ("rec_2", "rec_1")]]

    assert await database.run(work) == [False, False, True]


async def test_those_of_a_person_an_organisation_and_a_link_are_found(database: Database) -> None:
    async def work(tx: Tx) -> tuple[Recovery | None, Recovery | None, list[str], list[str]]:
        await added(tx, "rec_1")
        await store.followed(tx, "rec_1", expires_at=60)
        return (
            await store.of_invite(tx, "pin_rec_1"),
            await store.live_of_person(tx, "per_1"),
            [one.id for one in await store.of_person(tx, "per_1", 5)],
            [one.id for one in await store.of_org(tx, "org_1", 5)],
        )

    of_invite, live, mine, all_of_them = await database.run(work)
    assert of_invite is not None
    assert (of_invite, of_invite.expires_at, mine, all_of_them) == (live, 60, ["rec_1"], ["rec_1"])
