"""Which ways are offered: those that are enough, the easiest first."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from approvals_hub.domain.requirement import Requirement
from approvals_hub.stepup.offer import easiest_first, would_satisfy
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import StaffedHub
from tests.unit.prover import linked


@pytest.mark.parametrize(
    ("asked", "device", "method", "enough"),
    [
        ({}, "device_key", "totp", True),
        ({"min_assurance": "SUBSTANTIAL"}, "device_key", "totp", False),
        ({"min_assurance": "SUBSTANTIAL"}, "device_key", "webauthn", True),
        ({"min_assurance": "SUBSTANTIAL"}, "device_key", "bankid", True),
        ({"min_assurance": "HIGH"}, "device_key", "bankid", False),
        ({"min_assurance": "HIGH"}, "device_key", "company", True),
        ({"methods": ("totp",)}, "passkey", "totp", True),
        ({"methods": ("totp",)}, "device_key", "bankid", False),
        ({"methods": ("passkey",)}, "device_key", "webauthn", True),
        ({"methods": ("passkey",)}, "device_key", "totp", False),
        ({}, "device_key", "recovery_codes", False),
    ],
)
def test_whether_a_way_can_be_enough_is_this_table(
    asked: dict[str, object], device: str, method: str, enough: bool
) -> None:
    assert would_satisfy(Requirement(**asked), device, method) is enough  # type: ignore[arg-type]  # rows of the table


def test_a_touch_comes_before_copying_digits_and_strangers_come_last() -> None:
    assert easiest_first(["mine", "sms_otp", "totp", "bankid", "webauthn"]) == [
        "webauthn",
        "bankid",
        "totp",
        "sms_otp",
        "mine",
    ]


async def test_a_question_that_the_device_alone_satisfies_needs_nothing(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    offer = await house.hub.offer_step_ups(house.owner.credential, opened.escalation.id, house.owner.device_id)
    assert (offer.needed, offer.ways) == (False, [])


async def test_what_is_linked_is_told_apart_from_what_could_be(house: StaffedHub) -> None:
    await house.require(methods=("totp", "passkey"))
    opened = await house.bot.ask()
    before = await house.hub.offer_step_ups(house.owner.credential, opened.escalation.id, house.owner.device_id)
    assert [(way.method, way.linked) for way in before.ways] == [("webauthn", False), ("totp", False)]
    await linked(house.owner)
    await house.owner.further_device(SoftAuthenticator())
    after = await house.hub.offer_step_ups(house.owner.credential, opened.escalation.id, house.owner.device_id)
    assert [(way.name, way.linked, way.copies) for way in after.ways] == [
        ("passkey", True, False),
        ("totp", True, True),
    ]


async def test_an_offer_is_for_a_device_of_ones_own(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    ada = await house.person("Ada")
    with pytest.raises(NotFound):
        await house.hub.offer_step_ups(house.owner.credential, opened.escalation.id, ada.device_id)


async def test_people_who_only_read_are_offered_nothing(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    auditor = await house.person("Audrey", "auditor")
    with pytest.raises(Forbidden):
        await house.hub.offer_step_ups(auditor.credential, opened.escalation.id, auditor.device_id)
