"""A verified signature counts by the device's state in the very unit of work."""

from __future__ import annotations

from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.db.database import Row, Tx
from approvals_hub.stepup.use_device import note_use_in, refused_device, use_device_in
from approvals_hub.stepup.verify import Verified
from tests.fakes.front_door import FrontDoor, Phone
from tests.fakes.soft_authenticator import SoftAuthenticator


async def use(door: FrontDoor, verified: Verified) -> Row | HubError:
    [org] = await door.rows("SELECT id FROM orgs")
    now = door.time.now
    return await door.db.run(lambda tx: use_device_in(tx, door.recorder, verified, org_id=org["id"], now=now))


def verified(phone: Phone, *, count: int = 0, flagged: str | None = None) -> Verified:
    return Verified(phone.device_id, phone.person_id, "passkey", "sha256:", count, flagged)


async def test_an_active_device_counts_and_keeps_its_counter(door: FrontDoor) -> None:
    _, phone = await door.owner(SoftAuthenticator())
    assert not isinstance(await use(door, verified(phone, count=9)), HubError)
    [row] = await door.rows("SELECT sign_count, last_used_at, flagged FROM devices")
    assert (row["sign_count"], row["last_used_at"], row["flagged"]) == (9, door.time.now, None)


async def test_the_later_of_two_uses_does_not_set_the_counter_back(door: FrontDoor) -> None:
    _, phone = await door.owner(SoftAuthenticator())
    await use(door, verified(phone, count=9))
    await use(door, verified(phone, count=8))
    [row] = await door.rows("SELECT sign_count FROM devices")
    assert row["sign_count"] == 9


async def test_a_device_revoked_after_it_signed_does_not_count(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.revoke_device(owner, phone.device_id, by=phone)
    assert isinstance(await use(door, verified(phone)), Unauthenticated)


def test_a_pending_device_is_told_what_it_waits_for() -> None:
    assert isinstance(refused_device("pending"), Forbidden)
    assert isinstance(refused_device(None), Unauthenticated)


async def test_a_counter_that_went_back_is_told_to_the_log_the_person_and_the_admins(door: FrontDoor) -> None:
    _, phone = await door.owner(SoftAuthenticator())
    await use(door, verified(phone, count=9, flagged="counter_regression"))
    [event] = await door.events("device.flagged")
    assert (event["decision"], event["detail"]["device_id"]) == ("counter_regression", phone.device_id)
    [notice] = await door.rows("SELECT kind, subject_id FROM notices")
    assert (notice["kind"], notice["subject_id"]) == ("device_flagged", phone.device_id)
    rows = await door.rows("SELECT person_id FROM outbox WHERE kind = 'device.flagged'")
    assert [row["person_id"] for row in rows] == [phone.person_id]


async def test_a_flag_stays_and_fills_no_inbox_twice(door: FrontDoor) -> None:
    owner, phone = await door.owner(SoftAuthenticator())
    for flagged in ("counter_regression", None, "counter_regression"):
        await use(door, verified(phone, count=9, flagged=flagged))
    [(device, _)] = await door.list_devices(owner)
    assert device.flagged == "counter_regression"
    assert len(await door.rows("SELECT id FROM notices")) == 1
    assert len(await door.events("device.flagged")) == 2


async def test_noting_a_use_asks_nothing_of_the_device(door: FrontDoor) -> None:
    _, phone = await door.owner(SoftAuthenticator())
    [org] = await door.rows("SELECT id FROM orgs")

    async def work(tx: Tx) -> None:
        await note_use_in(tx, door.recorder, verified(phone, count=3), org_id=org["id"], now=door.time.now)

    await door.db.run(work)
    [row] = await door.rows("SELECT sign_count FROM devices")
    assert row["sign_count"] == 3
