"""What an approver is shown, and the statement that their device is given to sign."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE, SECOND, to_text
from approvals_hub.core.errors import Conflict, Forbidden, NotFound
from approvals_hub.domain.presentation import presentation_hash
from approvals_hub_client.canonical import b64u, dumps, sha256_text
from approvals_hub_client.statement import PROFILE, STATEMENT_MEMBERS
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import PUBLIC_URL, Person, StaffedHub


async def view(person: Person, escalation_id: str) -> object:
    return await person.house.hub.present.view(person.credential, escalation_id, person.device_id)


async def test_the_card_carries_the_exact_action_whose_hash_is_signed(house: StaffedHub) -> None:
    action = house.bot.action()
    escalation = (await house.bot.ask(action)).escalation
    card = await house.hub.present(house.owner.credential, escalation.id)
    assert card.action == {**action, "salt": escalation.salt}
    assert sha256_text(dumps(card.action)) == escalation.action_hash
    assert presentation_hash(card.presentation) == escalation.presentation_hash


async def test_the_card_names_the_agent_its_owner_and_the_organisation_from_the_hubs_records(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    card = await house.hub.present(house.owner.credential, escalation.id)
    [owner] = await house.rows("SELECT name FROM people WHERE id = :id", id=house.owner.person_id)
    assert (card.asker.agent_id, card.asker.name) == (house.bot.agent_id, "bot")
    assert (card.asker.owner_name, card.asker.trust) == (owner["name"], "signed")


async def test_reading_the_card_changes_nothing(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    await house.hub.present(house.owner.credential, escalation.id)
    assert (await house.bot.standing(escalation.id)).escalation == escalation


async def test_a_view_marks_the_question_seen_once(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    await view(house.owner, escalation.id)
    first = house.time.now
    house.time.now += MINUTE
    await view(house.owner, escalation.id)
    assert (await house.bot.standing(escalation.id)).escalation.seen_at == first
    assert len(await house.events("escalation.seen")) == 1


async def test_a_view_gives_every_member_of_the_statement_from_the_hubs_records(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    given = await house.hub.present.view(house.owner.credential, escalation.id, house.owner.device_id)
    statement = given.statement
    assert set(statement) == set(STATEMENT_MEMBERS)
    assert (statement["profile"], statement["audience"], statement["org_id"]) == (PROFILE, PUBLIC_URL, house.org_id)
    assert (statement["action_hash"], statement["presentation_hash"], statement["requirement_hash"]) == (
        escalation.action_hash,
        escalation.presentation_hash,
        escalation.requirement_hash,
    )
    assert (statement["approver_id"], statement["device_id"]) == (house.owner.person_id, house.owner.device_id)
    assert (statement["decision"], statement["step_up"], statement["approval_valid_for"]) == (None, [], 600)


async def test_the_signing_window_is_ten_minutes_of_the_hubs_time(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    given = await house.hub.present.view(house.owner.credential, escalation.id, house.owner.device_id)
    assert given.statement["issued_at"] == to_text(house.time.now)
    assert given.statement["expires_at"] == to_text(house.time.now + 10 * MINUTE)


async def test_issuing_a_nonce_writes_nothing(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    await view(house.owner, escalation.id)
    before = await house.rows("SELECT COUNT(*) AS n FROM audit_entries")
    await view(house.owner, escalation.id)
    assert await house.rows("SELECT COUNT(*) AS n FROM audit_entries") == before
    assert await house.rows("SELECT 1 FROM decisions") == []


async def test_a_passkeys_view_names_its_own_credential_and_no_other(house: StaffedHub) -> None:
    key = SoftAuthenticator()
    passkey = await house.owner.further_device(key)
    await house.owner.further_device(SoftAuthenticator())
    escalation = (await house.bot.ask()).escalation
    given = await house.hub.present.view(passkey.credential, escalation.id, passkey.device_id)
    assert (given.kind, given.credential_id) == ("passkey", b64u(key.credential_id))


async def test_a_view_by_somebody_who_was_not_asked_is_refused(house: StaffedHub) -> None:
    await house.person("Ada")
    escalation = (await house.bot.ask()).escalation
    with pytest.raises(Forbidden) as refused:
        await view(house.owner, escalation.id)
    assert refused.value.code == "not_eligible"
    assert (await house.bot.standing(escalation.id)).escalation.seen_at is None


async def test_somebody_elses_device_gets_no_statement(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    escalation = (await house.bot.ask()).escalation
    for device_id in (bo.device_id, "dev_unknown"):
        with pytest.raises(Forbidden) as refused:
            await house.hub.present.view(ada.credential, escalation.id, device_id)
        assert refused.value.code == "device_not_active"


async def test_a_revoked_device_gets_no_statement(house: StaffedHub) -> None:
    second = await house.owner.further_device()
    escalation = (await house.bot.ask()).escalation
    await house.hub.revoke_device(house.owner.credential, second.device_id, await house.owner.fresh())
    with pytest.raises(Forbidden):
        await view(second, escalation.id)


async def test_an_ended_question_gives_no_statement_but_its_outcome(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    await house.owner.answer(escalation.id, "deny")
    with pytest.raises(Conflict) as refused:
        await view(house.owner, escalation.id)
    assert refused.value.extra["outcome"] == "denied"


async def test_an_overdue_question_is_ended_by_looking_at_it(house: StaffedHub) -> None:
    escalation = (await house.bot.ask(expires_in=60)).escalation
    house.time.now += 60 * SECOND
    with pytest.raises(Conflict) as refused:
        await view(house.owner, escalation.id)
    assert refused.value.extra["outcome"] == "expired_unseen"


async def test_an_approved_question_gives_a_statement_until_it_is_redeemed_or_over(house: StaffedHub) -> None:
    token = await house.bot.approved()
    assert await view(house.owner, token.escalation_id)
    await token.redeem()
    with pytest.raises(Conflict):
        await view(house.owner, token.escalation_id)


async def test_owners_admins_and_auditors_read_what_they_were_not_asked(house: StaffedHub) -> None:
    await house.person("Ada")
    escalation = (await house.bot.ask()).escalation
    for reader in (house.owner, await house.person("Cy", "auditor"), await house.person("Di", "admin")):
        card = await house.hub.present(reader.credential, escalation.id)
        assert not card.may_answer


@pytest.mark.parametrize("role", ["developer", "approver"])
async def test_a_question_is_not_found_by_those_it_is_not_meant_for(house: StaffedHub, role: str) -> None:
    await house.person("Ada")
    escalation = (await house.bot.ask()).escalation
    late = await house.person("Bo", role)
    with pytest.raises(NotFound):
        await house.hub.present(late.credential, escalation.id)
    with pytest.raises(NotFound):
        await view(late, escalation.id)


async def test_a_question_of_another_organisation_is_not_found(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    await house.change("UPDATE escalations SET org_id = 'org_other'")
    with pytest.raises(NotFound):
        await house.hub.present(house.owner.credential, escalation.id)


async def test_the_card_says_who_ended_the_question(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    escalation = (await house.bot.ask()).escalation
    await ada.answer(escalation.id, "deny")
    card = await house.hub.present(house.owner.credential, escalation.id)
    assert (card.escalation.ended_by, card.ended_by_name) == (ada.person_id, "Ada")


async def test_the_action_lies_sealed_in_the_database(house: StaffedHub) -> None:
    await house.bot.ask(house.bot.action(payload={"secret": "swordfish"}), justification="swordfish too")
    [row] = await house.rows("SELECT * FROM escalations")
    assert not any(b"swordfish" in (value if isinstance(value, bytes) else str(value).encode()) for value in row)
