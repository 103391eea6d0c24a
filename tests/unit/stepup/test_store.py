"""SQL of challenges and enrolment, on both databases."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.people.invite import Invitation
from approvals_hub.stepup import store
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import FrontDoor


async def test_a_key_is_found_by_its_hash_also_after_it_was_revoked(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    device = await door.revoke_device(owner, phone.device_id, by=phone)
    row = await door.db.read(lambda tx: store.device_of_key(tx, device.key_hash))
    assert row is not None
    assert (row["id"], row["state"]) == (phone.device_id, "revoked")


async def test_wrong_digits_are_counted_for_pending_devices_alone(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    enrolled = await door.enrol_first(await door.invited(owner), Ed25519SigningKey())

    async def work(tx: Tx) -> list[int]:
        counts = [await store.count_wrong_digits(tx, enrolled.device.device_id) for _ in range(2)]
        return [*counts, await store.count_wrong_digits(tx, phone.device_id)]

    assert await door.db.run(work) == [1, 2, 0]


async def test_a_new_hub_has_no_people_and_no_owner(door: FrontDoor) -> None:
    async def work(tx: Tx) -> tuple[bool, object, list[str]]:
        return await store.has_people(tx), await store.first_owner(tx), await store.owners_devices(tx)

    assert await door.db.read(work) == (False, None, [])


async def test_an_approvers_device_is_no_owners_device(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    await door.enrol_first(await door.invited(owner, Invitation(name="Ada")), Ed25519SigningKey())
    assert await door.db.read(store.owners_devices) == ["active"]


async def test_a_challenge_that_is_not_there_is_none(door: FrontDoor) -> None:
    assert await door.db.read(lambda tx: store.challenge(tx, "chl_unknown")) is None
