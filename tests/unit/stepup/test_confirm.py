"""Six digits on two screens."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Unauthenticated
from approvals_hub.people.device import WRONG_DIGITS_LIMIT
from approvals_hub.people.invite import Invitation
from approvals_hub.people.session import PersonCredential
from approvals_hub.stepup.enrolment import Enrolled
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import FrontDoor, Phone, credential_of
from tests.unit.hub_fixture import StaffedHub


async def pending(door: FrontDoor, owner: PersonCredential, name: str = "Ada") -> tuple[Enrolled, str, str, Phone]:
    """A pending device, its digits, other digits, and the phone that has its key."""
    key = Ed25519SigningKey()
    accepted = await door.invited(owner, Invitation(name=name))
    enrolled = await door.enrol_first(accepted, key)
    assert enrolled.digits is not None
    wrong = f"{(int(enrolled.digits) + 1) % 1_000_000:06d}"
    return enrolled, enrolled.digits, wrong, Phone(enrolled.device.device_id, accepted.person_id, key)


async def test_both_screens_show_the_same_digits(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    enrolled, digits, _, phone = await pending(door, owner)
    [listed] = await door.list_pending(owner)
    assert (listed.device_id, listed.digits) == (enrolled.device.device_id, digits)
    assert (listed.person_id, listed.person_name, listed.kind) == (phone.person_id, "Ada", "device_key")


async def test_the_right_digits_make_the_device_active(door: FrontDoor) -> None:
    owner, owners_phone = await door.owner()
    enrolled, digits, _, phone = await pending(door, owner)
    device = await door.confirm(owner, enrolled.device.device_id, digits)
    assert device.state == "active"
    await door.signed_in(phone)
    [event] = await door.events("device.confirmed")
    assert (event["actor_id"], event["detail"]["key_hash"]) == (owners_phone.person_id, device.key_hash)
    assert (await door.events("person.joined"))[-1]["detail"] == {"person_id": phone.person_id}


async def test_confirming_twice_is_no_error(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    enrolled, digits, wrong, _ = await pending(door, owner)
    await door.confirm(owner, enrolled.device.device_id, digits)
    assert (await door.confirm(owner, enrolled.device.device_id, wrong)).state == "active"
    assert len(await door.events("device.confirmed")) == 1


async def test_wrong_digits_leave_the_device_pending_and_an_entry(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    enrolled, digits, wrong, _ = await pending(door, owner)
    with pytest.raises(Invalid) as refused:
        await door.confirm(owner, enrolled.device.device_id, wrong)
    assert refused.value.extra == {"tries_left": WRONG_DIGITS_LIMIT - 1}
    assert [event["decision"] for event in await door.events("device.refused")] == ["digits_wrong"]
    assert (await door.confirm(owner, enrolled.device.device_id, digits)).state == "active"


async def test_a_stolen_session_lets_in_nobody_whom_it_invited(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accomplice = Invitation(name="Eve", roles=frozenset({"owner", "approver"}))
    enrolled = await door.enrol_first(await door.invited(owner, accomplice), Ed25519SigningKey())
    for digits in (enrolled.digits or "", "000000" if enrolled.digits != "000000" else "111111"):
        with pytest.raises(Forbidden) as refused:
            await door.confirm(owner, enrolled.device.device_id, digits, by_session_alone=True)
        assert refused.value.code == "fresh_factor_needed"
    [waiting] = await door.list_pending(owner)
    assert waiting.device_id == enrolled.device.device_id
    assert [event["decision"] for event in await door.events("device.refused")] == ["fresh_factor_needed"] * 2
    # Nothing was guessed at: whoever compares has all tries.
    with pytest.raises(Invalid) as wrong:
        await door.confirm(owner, enrolled.device.device_id, "")
    assert wrong.value.extra == {"tries_left": WRONG_DIGITS_LIMIT - 1}


async def test_digits_guessed_five_times_revoke_the_device_and_its_session(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    enrolled = await door.enrol_first(accepted, Ed25519SigningKey())
    assert enrolled.digits is not None
    for _ in range(WRONG_DIGITS_LIMIT):
        with pytest.raises(HubError):
            await door.confirm(owner, enrolled.device.device_id, "000000" if enrolled.digits != "000000" else "1")
    with pytest.raises(Conflict, match="revoked"):
        await door.confirm(owner, enrolled.device.device_id, enrolled.digits)
    with pytest.raises(Unauthenticated, match="ended"):
        await door.list_devices(credential_of(accepted.session.token))
    assert [event["decision"] for event in await door.events("device.revoked")] == ["wrong_digits"]


@pytest.mark.parametrize("digits", ["", "00000", "0000000", "٠٠٠٠٠٠", "not digits"])
async def test_malformed_digits_are_wrong_digits(door: FrontDoor, digits: str) -> None:
    owner, _ = await door.owner()
    enrolled, _, _, _ = await pending(door, owner)
    with pytest.raises(Invalid):
        await door.confirm(owner, enrolled.device.device_id, digits)


async def test_an_approver_confirms_nobody(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    approver, _ = await door.member(owner)
    enrolled, digits, _, _ = await pending(door, owner, "Bob")
    with pytest.raises(Forbidden):
        await door.confirm(approver, enrolled.device.device_id, digits)
    with pytest.raises(Forbidden):
        await door.list_pending(approver)


async def test_an_admin_confirms_whom_an_owner_invited(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    admin, _ = await door.member(owner, roles=frozenset({"admin"}))
    enrolled, digits, _, _ = await pending(door, owner, "Bob")
    assert (await door.confirm(admin, enrolled.device.device_id, digits)).state == "active"


async def test_the_operator_confirms_at_the_command_line(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    enrolled, digits, _, _ = await pending(door, owner)
    await door.confirm(await door.operator(), enrolled.device.device_id, digits)
    [event] = await door.events("device.confirmed")
    assert (event["actor_type"], event["actor_id"]) == ("operator", "operator")


async def test_the_invited_person_cannot_confirm_itself(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner, Invitation(name="Eve", roles=frozenset({"owner"})))
    enrolled = await door.enrol_first(accepted, Ed25519SigningKey())
    assert enrolled.digits is not None
    with pytest.raises(Forbidden, match="only enrol"):
        await door.confirm(credential_of(accepted.session.token), enrolled.device.device_id, enrolled.digits)


async def test_nobody_confirms_their_own_device(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    with pytest.raises(Forbidden, match="their own"):
        await door.confirm(owner, phone.device_id, "000000")


async def test_an_unknown_device_is_not_found(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    with pytest.raises(NotFound):
        await door.confirm(owner, "dev_unknown", "000000")


async def test_an_admin_made_up_by_one_person_does_not_get_in_where_publishing_takes_two(house: StaffedHub) -> None:
    ada = await house.person("Ada", "owner")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    for roles, by, letting_in, confirms in (
        ("admin", ada.credential, ada, False),
        ("admin", house.operator, None, False),
        ("admin", ada.credential, house.owner, True),
        ("admin", house.operator, ada, True),
        ("approver", ada.credential, ada, True),
    ):
        invited = await house.hub.invite_person(by, Invitation(name="New", roles=frozenset({roles})))
        enrolled, _, _ = await house.enrol(invited.token)
        who, fresh = house.operator if letting_in is None else letting_in.credential, None
        if letting_in is not None:
            fresh = await letting_in.fresh()
        confirming = house.hub.confirm_device(who, enrolled.device.device_id, str(enrolled.digits), fresh)
        if confirms:
            assert (await confirming).state == "active"
            continue
        with pytest.raises(Forbidden, match="second person"):
            await confirming
    refused = [entry["decision"] for entry in await house.events("device.refused")]
    assert refused == ["second_person_confirms"] * 2
