"""Deciding: who may answer, when, how often, and what an answer may still become."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Forbidden, HubError, NotFound, Unauthenticated
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import link_app, question

HASH = "sha256:" + "0" * 64


async def refused(person: Person, statement: dict[str, Any], kind: type[HubError] = HubError) -> HubError:
    """The refusal of this statement, signed with the person's own key."""
    with pytest.raises(kind) as found:
        await person.send(statement)
    return found.value


async def test_an_approval_ends_the_question_and_makes_a_token_ready(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    receipt = await house.owner.answer(opened.escalation.id)
    assert (receipt.decision, receipt.status, receipt.token_state) == ("approve", "approved", "ready")
    assert (await house.bot.standing(opened.escalation.id)).approval_token is not None


async def test_the_receipt_names_the_device_its_key_and_what_was_signed(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    receipt = await house.owner.answer(opened.escalation.id)
    [device] = await house.rows("SELECT key_hash FROM devices WHERE id = :id", id=house.owner.device_id)
    assert (receipt.device_id, receipt.key_hash) == (house.owner.device_id, device["key_hash"])
    assert (receipt.acr, receipt.amr, receipt.methods, receipt.binding) == ("LOW", ["pop"], ["device_key"], "signed")
    assert receipt.action_hash == opened.escalation.action_hash


async def test_the_same_decision_again_gives_the_first_receipt(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    first = await house.owner.answer(opened.escalation.id)
    again = await house.owner.answer(opened.escalation.id)
    assert again.repeated
    assert (again.decision_id, again.at) == (first.decision_id, first.at)
    assert len(await house.events("decision.recorded")) == 1


async def test_the_same_decision_again_is_recognised_before_its_nonce_is_looked_at(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    first = await house.owner.send(statement)
    house.time.now += 9 * MINUTE
    assert (await house.owner.send(statement)).decision_id == first.decision_id
    house.time.now += 2 * MINUTE  # the nonce's window and the token are over
    assert (await house.owner.send(statement)).decision_id == first.decision_id


async def test_the_same_decision_from_my_other_device_gives_the_first_receipt(house: StaffedHub) -> None:
    second = await house.owner.further_device()
    opened = await house.bot.ask()
    first = await house.owner.answer(opened.escalation.id)
    assert (await second.answer(opened.escalation.id)).decision_id == first.decision_id


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_an_approval_may_become_a_refusal_until_it_is_redeemed(house: StaffedHub, decision: str) -> None:
    token = await house.bot.approved()
    receipt = await house.owner.answer(token.escalation_id, decision)
    assert (receipt.status, receipt.token_state) == ("approved", "revoked")
    with pytest.raises(HubError) as found:
        await token.redeem()
    assert found.value.code == "token_revoked"


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_redeemed_approval_cannot_become_a_refusal(house: StaffedHub, decision: str) -> None:
    token = await house.bot.approved()
    statement = await house.owner.statement(token.escalation_id, decision)
    await token.redeem()
    refusal = await refused(house.owner, statement)
    assert (refusal.code, refusal.extra["mine"]["decision"]) == ("already_answered", "approve")
    assert refusal.extra["token_state"] == "redeemed"


@pytest.mark.parametrize(("first", "second"), [("deny", "approve"), ("deny", "not_me"), ("not_me", "approve")])
async def test_a_refusal_stands_and_the_conflict_tells_my_answer(house: StaffedHub, first: str, second: str) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id, second)
    await house.owner.answer(opened.escalation.id, first)
    refusal = await refused(house.owner, statement)
    assert (refusal.code, refusal.extra["mine"]["decision"], refusal.extra["outcome"]) == (
        "already_answered",
        first,
        {"deny": "denied"}.get(first, first),
    )


async def test_an_answer_after_the_end_is_a_conflict_with_the_outcome(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    late = await bo.statement(opened.escalation.id, "deny")
    await ada.answer(opened.escalation.id)
    refusal = await refused(bo, late)
    assert (refusal.code, refusal.extra["outcome"], refusal.extra["by"]) == (
        "escalation_ended",
        "approved",
        ada.person_id,
    )


async def test_a_decision_at_the_very_end_is_refused_though_no_worker_has_run(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    statement = await house.owner.statement(opened.escalation.id)
    house.time.now += 60 * SECOND
    assert (await refused(house.owner, statement)).extra["outcome"] == "expired_seen"
    assert (await house.bot.standing(opened.escalation.id)).escalation.state == "expired_seen"


async def test_a_decision_a_millisecond_before_the_end_counts(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    statement = await house.owner.statement(opened.escalation.id)
    house.time.now += 60 * SECOND - 1
    assert (await house.owner.send(statement)).status == "approved"


async def test_the_agents_owner_cannot_approve_their_own_agents_question(house: StaffedHub) -> None:
    await house.person("Ada")
    opened = await house.bot.ask()
    with pytest.raises(Forbidden) as found:
        await house.owner.statement(opened.escalation.id)
    assert found.value.code == "not_eligible"


async def test_the_owner_cannot_get_round_that_with_a_statement_made_by_hand(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    stolen = await ada.statement(opened.escalation.id)
    made = {**stolen, "approver_id": house.owner.person_id, "device_id": house.owner.device_id}
    assert (await refused(house.owner, made, Forbidden)).code == "not_eligible"


async def test_somebody_added_after_the_question_opened_does_not_count(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    late = await house.person("Bo", "admin")
    made = {**await ada.statement(opened.escalation.id), "approver_id": late.person_id, "device_id": late.device_id}
    assert (await refused(late, made, Forbidden)).code == "not_eligible"


async def test_a_member_who_may_not_even_read_the_question_learns_nothing_of_it(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    developer = await house.person("Dev", "developer")
    made = {**await ada.statement(opened.escalation.id), "approver_id": developer.person_id}
    assert (await refused(developer, {**made, "device_id": developer.device_id}, NotFound)).code == "escalation_unknown"


async def test_a_revoked_device_decides_nothing_even_with_a_live_session(house: StaffedHub) -> None:
    second = await house.owner.further_device()
    opened = await house.bot.ask()
    statement = await second.statement(opened.escalation.id)
    await house.hub.revoke_device(house.owner.credential, second.device_id, await house.owner.fresh())
    assert (await refused(second, statement, Forbidden)).code == "device_not_active"


async def test_a_device_that_waits_for_its_confirmation_decides_nothing(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    statement = await ada.statement(opened.escalation.id)
    await house.change("UPDATE devices SET state = 'pending' WHERE id = :id", id=ada.device_id)
    assert (await refused(ada, statement, Forbidden)).code == "device_not_active"


async def test_a_disabled_persons_signed_answer_does_not_count(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    statement = await ada.statement(opened.escalation.id)
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    await refused(ada, statement, Unauthenticated)
    assert (await house.bot.standing(opened.escalation.id)).escalation.open


async def test_a_removed_members_signed_answer_does_not_count(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    statement = await ada.statement(opened.escalation.id)
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    await refused(ada, statement, Unauthenticated)


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_refusal_needs_one_valid_signature_of_any_device_and_nothing_more(
    house: StaffedHub, decision: str
) -> None:
    await house.require(min_assurance="HIGH", approvals=2)
    ada, _ = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    receipt = await ada.answer(opened.escalation.id, decision)
    assert receipt.status == {"deny": "denied"}.get(decision, decision)


async def test_a_refused_approval_for_want_of_proof_says_what_is_asked_and_what_it_was_worth(house: StaffedHub) -> None:
    name = await question(house, methods=("bankid", "passkey"), min_assurance="SUBSTANTIAL")
    with pytest.raises(Forbidden, match="SUBSTANTIAL, by bankid or passkey, and this is worth LOW") as found:
        await house.owner.answer(name)
    assert found.value.code == "assurance_too_low"


async def test_a_true_proof_in_a_way_that_was_not_asked_for_is_refused_and_not_spent(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    statement = await house.owner.statement(name)
    proof = await app.proven(statement)
    await house.change("UPDATE step_ups SET method = 'email_otp' WHERE id = :id", id=proof)
    with pytest.raises(Forbidden):
        await house.owner.send({**statement, "step_up": [proof]})
    assert await house.rows("SELECT id FROM decisions") == []


async def test_a_refused_approval_leaves_its_proof_for_the_next_one(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    proof = await app.proven(statement)
    with pytest.raises(HubError):
        await house.owner.send({**statement, "step_up": [proof, "stu_none"]})
    assert (await house.owner.send({**statement, "step_up": [proof]})).status == "approved"


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_refusal_that_lists_a_proof_of_something_else_is_refused_and_without_one_it_is_taken(
    house: StaffedHub, decision: str
) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    proof = await app.proven(await house.owner.statement(name))
    with pytest.raises(Forbidden):
        await house.owner.send(await house.owner.statement(name, decision, step_up=[proof]))
    await house.owner.answer(name, decision)
