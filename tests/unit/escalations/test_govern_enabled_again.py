"""Somebody who was disabled is enabled again: what waits for them, and what brings them a key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import Conflict
from approvals_hub.people.invite import Invitation
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.stepup.recover_by_code import CodeGiven
from approvals_hub_client.keys import Ed25519SigningKey
from tests.unit.hub_fixture import HERE, Person, StaffedHub


async def set_person(house: StaffedHub, person: Person, state: str, by: PersonCredential | None = None) -> None:
    await house.hub.govern.set_person_state(by or house.operator, house.org_id, person.person_id, state)


async def come_back(house: StaffedHub, person: Person, code: str) -> Person:
    """Enabled again, with a new key that a recovery code brought and that has waited."""
    await set_person(house, person, "active")
    found = await house.hub.recover_by_code(CodeGiven(code, person_id=person.person_id), HERE, source="192.0.2.1")
    key = Ed25519SigningKey()
    session = PersonCredential(token_hash(found.session.token), house.org_id)
    enrolled = await house.enrol_in_session(session, person.person_id, key)
    house.time.now += DAY
    await house.hub.carry_out()
    again = replace(person, device_id=enrolled.device.device_id, key=key)
    again.credential = await again.sign_in()
    return again


async def code_of(house: StaffedHub, person: Person) -> str:
    return (await house.hub.make_recovery_codes(person.credential, await person.fresh())).codes[0]


async def test_who_is_enabled_again_finds_what_still_waits_for_them_and_answers_it(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    code, long = await code_of(house, ada), 2 * DAY // SECOND
    waiting, ended = await house.bot.ask(expires_in=long), await house.bot.ask(expires_in=long)
    await set_person(house, ada, "disabled")
    await house.hub.withdraw(house.bot.credential(), ended.escalation.id)
    again = await come_back(house, ada, code)
    assert [line.escalation.id for line in (await house.hub.inbox(again.credential)).lines] == [waiting.escalation.id]
    assert (await again.answer(waiting.escalation.id)).status == "approved"


async def test_who_is_enabled_again_is_not_asked_what_was_asked_meanwhile(house: StaffedHub) -> None:
    ada, _ = await house.person("Ada"), await house.person("Bo")
    code = await code_of(house, ada)
    await set_person(house, ada, "disabled")
    await house.bot.ask(expires_in=2 * DAY // SECOND)
    again = await come_back(house, ada, code)
    assert (await house.hub.inbox(again.credential)).lines == []


async def test_an_admin_who_disables_and_enables_a_colleague_takes_over_no_key_by_inviting_them(
    house: StaffedHub,
) -> None:
    ada, admin = await house.person("Ada"), await house.person("Admin", "admin")
    await set_person(house, ada, "disabled", admin.credential)
    fresh = await admin.fresh()
    await house.hub.govern.set_person_state(admin.credential, house.org_id, ada.person_id, "active", fresh)
    with pytest.raises(Conflict) as refused:
        await house.hub.invite_person(admin.credential, Invitation(person_id=ada.person_id))
    assert refused.value.code == "has_key"
