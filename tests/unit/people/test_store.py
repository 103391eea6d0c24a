"""SQL of people, devices and sessions, on both databases."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.people import store
from approvals_hub.people.invite import Invitation
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import FrontDoor


async def test_names_are_found_for_the_asked_people_alone(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.invite_person(owner, Invitation("Ada"))
    assert await door.db.read(lambda tx: store.names(tx, [phone.person_id])) == {phone.person_id: "Owner"}
    assert await door.db.read(lambda tx: store.names(tx, [])) == {}


async def test_ending_one_devices_sessions_leaves_the_others(door: FrontDoor) -> None:
    _, phone = await door.owner()
    await door.signed_in(phone)

    async def work(tx: Tx) -> tuple[int, int]:
        none = await store.end_sessions_of(tx, phone.person_id, at=1, device_id="dev_other")
        all_of_it = await store.end_sessions_of(tx, phone.person_id, at=1)
        return len(none), len(all_of_it)

    assert await door.db.run(work) == (0, 2)


async def test_a_device_is_revoked_once_and_forgets_where_its_messages_went(door: FrontDoor) -> None:
    _, phone = await door.owner()

    async def work(tx: Tx) -> list[bool]:
        await tx.execute("UPDATE devices SET push_address = :address", address=b"sealed")
        return [await store.revoke_device(tx, phone.device_id, at=5) is not None for _ in range(2)]

    assert await door.db.run(work) == [True, False]
    [row] = await door.rows("SELECT push_address, revoked_at FROM devices")
    assert (row["push_address"], row["revoked_at"]) == (None, 5)


async def test_a_persons_state_changes_once(door: FrontDoor) -> None:
    _, phone = await door.owner()

    async def work(tx: Tx) -> list[bool]:
        return [
            await store.set_person_state(tx, phone.person_id, old="active", new="disabled") is not None
            for _ in range(2)
        ]

    assert await door.db.run(work) == [True, False]


async def test_expired_challenges_are_forgotten_and_live_ones_kept(door: FrontDoor) -> None:
    old = await door.issue_challenge("sign_in")
    door.time.now = old.expires_at + 1
    live = await door.issue_challenge("sign_in")
    now = door.time.now
    assert await door.db.run(lambda tx: store.forget_expired(tx, now, 100)) == 1
    assert [row["id"] for row in await door.rows("SELECT id FROM challenges")] == [live.challenge_id]


async def test_a_removed_members_session_counts_no_more(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.db.run(
        lambda tx: tx.execute("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=phone.person_id)
    )
    assert await door.db.read(lambda tx: store.session(tx, owner.token_hash)) is None


async def test_a_members_standing_tells_a_key_that_signs_from_one_that_once_did_and_from_none(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    _, lost = await door.member(owner)
    await door.revoke_device(owner, lost.device_id)
    accepted = await door.invited(owner)
    unconfirmed = await door.enrol_first(accepted, Ed25519SigningKey())
    assert unconfirmed.digits is not None
    org_id = (await door.current_session(owner)).org_id
    rows = await door.db.read(lambda tx: store.standings(tx, org_id))
    assert {row["id"]: row["key"] for row in rows} == {phone.person_id: 2, lost.person_id: 1, accepted.person_id: 0}
