"""Owners and admins say how much of a question may be said outside."""

from __future__ import annotations

from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.domain.disclosure import Disclosure
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import refused

MORE = {"push": "sealed", "mail": "summary"}


async def test_a_stolen_session_has_no_question_sent_to_a_chat(house: StaffedHub) -> None:
    refusal = await refused(HubError, house.hub.set_disclosure(house.owner.credential, {"chat": "summary"}))
    assert refusal.code == "fresh_factor_needed"
    assert await house.hub.set_disclosure.present(house.owner.credential) == Disclosure()


async def test_more_takes_a_fresh_factor_less_does_not_and_both_are_recorded(house: StaffedHub) -> None:
    owner = house.owner
    more = await house.hub.set_disclosure(owner.credential, MORE, await owner.fresh())
    assert await house.hub.set_disclosure.present(owner.credential) == more
    await house.hub.set_disclosure(owner.credential, MORE)
    await house.hub.set_disclosure(owner.credential, {"push": "sealed"})
    first, second = await house.events("org.disclosure_changed")
    assert first["detail"] == {"push": "sealed", "mail": "summary", "chat": "minimal", "webhook": "minimal"}
    assert second["detail"]["mail"] == "minimal"


async def test_an_approver_sets_none(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await refused(Forbidden, house.hub.set_disclosure(ada.credential, {}))
