"""Which ways are offered: those that are enough, easiest first, and only to whoever is asked."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from approvals_hub.domain.requirement import Requirement
from approvals_hub.stepup.offer import easiest_first, worth_of, would_satisfy
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import link_app, question


async def offer(person: Person, escalation_id: str) -> tuple[bool, list[tuple[str, bool]]]:
    found = await person.house.hub.offer_step_ups(person.credential, escalation_id, person.device_id)
    return found.needed, [(way.method, way.linked) for way in found.ways]


async def test_nothing_is_needed_where_the_devices_signature_is_enough(house: StaffedHub) -> None:
    assert await offer(house.owner, await question(house)) == (False, [])


async def test_ways_that_are_enough_are_offered_whether_linked_or_not(house: StaffedHub) -> None:
    name = await question(house, methods=("totp",))
    assert await offer(house.owner, name) == (True, [("totp", False)])
    await link_app(house.owner)
    assert await offer(house.owner, name) == (True, [("totp", True)])


async def test_a_passkey_of_the_person_is_offered_to_their_device_key(house: StaffedHub) -> None:
    name = await question(house, min_assurance="SUBSTANTIAL")
    assert await offer(house.owner, name) == (True, [("webauthn", False)])
    passkey = await house.owner.further_device(SoftAuthenticator())
    assert await offer(house.owner, name) == (True, [("webauthn", True)])
    assert await offer(passkey, name) == (False, [])


async def test_a_way_of_a_plug_in_follows_ours(plugged: StaffedHub, vendor: Vendor) -> None:
    name = await question(plugged, methods=("passkey", "totp", "moody"))
    assert [method for method, _ in (await offer(plugged.owner, name))[1]] == ["webauthn", "totp", "moody"]


async def test_what_is_asked_for_is_told_with_the_ways(house: StaffedHub) -> None:
    name = await question(house, methods=("totp", "passkey"), fresh_within=60)
    found = await house.hub.offer_step_ups(house.owner.credential, name, house.owner.device_id)
    assert (found.min_assurance, found.methods, found.fresh_within) == ("LOW", ["totp", "passkey"], 60)
    assert [(way.name, way.copies) for way in found.ways] == [("passkey", False), ("totp", True)]


async def test_somebody_elses_device_is_unknown(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    name = await question(house)
    with pytest.raises(NotFound):
        await house.hub.offer_step_ups(ada.credential, name, bo.device_id)


async def test_whoever_is_not_asked_is_offered_nothing(house: StaffedHub) -> None:
    await house.person("Ada")
    name = await question(house)
    with pytest.raises(Forbidden):
        await offer(house.owner, name)
    developer = await house.person("Dev", "developer")
    with pytest.raises(NotFound):
        await offer(developer, name)


@pytest.mark.parametrize(
    ("requirement", "device", "method", "enough"),
    [
        (Requirement(), "device_key", "totp", True),
        (Requirement(min_assurance="SUBSTANTIAL"), "device_key", "totp", False),
        (Requirement(min_assurance="SUBSTANTIAL"), "device_key", "webauthn", True),
        (Requirement(min_assurance="SUBSTANTIAL"), "device_key", "bankid", True),
        (Requirement(min_assurance="HIGH"), "device_key", "bankid", False),
        (Requirement(min_assurance="HIGH"), "passkey", "webauthn", False),
        (Requirement(min_assurance="HIGH"), "device_key", "company", True),  # what it reports is judged later
        (Requirement(methods=("totp",)), "device_key", "email_otp", False),
        (Requirement(methods=("passkey",)), "device_key", "webauthn", True),
        (Requirement(methods=("totp",), min_assurance="SUBSTANTIAL"), "passkey", "totp", True),
        (Requirement(methods=("totp",), min_assurance="SUBSTANTIAL"), "device_key", "totp", False),
        (Requirement(), "device_key", "recovery_codes", False),
        (Requirement(methods=("recovery_codes",)), "device_key", "recovery_codes", False),
        (Requirement(methods=("totp",), min_assurance="SUBSTANTIAL", passkeys="device_bound"), "passkey", "totp", True),
        (Requirement(methods=("totp",), min_assurance="SUBSTANTIAL", passkeys="device_bound"), "synced", "totp", False),
        (Requirement(min_assurance="SUBSTANTIAL", passkeys="device_bound"), "synced", "bankid", True),
    ],
)
def test_a_way_is_enough_with_a_device_or_it_is_not(
    requirement: Requirement, device: str, method: str, enough: bool
) -> None:
    row = {"kind": "device_key" if device == "device_key" else "passkey", "backup_eligible": 0, "backed_up": 0}
    if device == "synced":
        row |= {"backup_eligible": 1, "backed_up": 1}
    assert would_satisfy(requirement, worth_of(requirement, row), method) is enough


def test_a_touch_comes_before_an_app_and_an_app_before_copying() -> None:
    given = ["company", "sms_otp", "totp", "bankid", "webauthn", "email_otp", "freja"]
    assert easiest_first(given) == ["webauthn", "bankid", "freja", "totp", "email_otp", "sms_otp", "company"]
