"""What the log says of answers: enough to prove, nothing to erase."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import HubError
from approvals_hub.decisions.receipt import Receipt
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import link_app, question


async def test_an_answer_is_recorded_with_everything_that_was_signed_as_hashes(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    receipt = await house.owner.answer(opened.escalation.id, "deny", reason="wrong")
    [event] = await house.events("decision.recorded")
    assert (event["decision"], event["signature_valid"], event["actor_id"]) == ("deny", True, house.owner.person_id)
    assert event["detail"]["decision_id"] == receipt.decision_id
    assert event["detail"]["key_hash"] == receipt.key_hash
    for name in ("action_hash", "presentation_hash", "requirement_hash"):
        assert event["detail"][name] == getattr(opened.escalation, name)


async def test_a_refused_answer_is_recorded_with_the_field_that_was_wrong(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    with pytest.raises(HubError):
        await house.owner.send(await house.owner.statement(opened.escalation.id, revision=7))
    [event] = await house.events("decision.refused")
    assert (event["decision"], event["signature_valid"]) == ("statement_mismatch", None)
    assert event["detail"]["field"] == "$.statement.revision"


async def test_an_answer_whose_signature_is_wrong_is_recorded_as_such(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    answer = house.owner.signs(await house.owner.statement(opened.escalation.id))
    with pytest.raises(HubError):
        await house.hub.decide(house.owner.credential, opened.escalation.id, replace(answer, signature=bytes(64)))
    [event] = await house.events("decision.refused")
    assert event["signature_valid"] is False


async def test_a_recorded_answer_names_the_step_ups_it_used_and_commits_to_their_evidence(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    receipt = await app.approve(await question(house, methods=("totp",)))
    [event] = await house.events("decision.recorded")
    [step] = await house.rows("SELECT id, evidence_hash FROM step_ups WHERE decision_id = :id", id=receipt.decision_id)
    assert (event["detail"]["acr"], event["detail"]["methods"]) == ("LOW", ["device_key", "totp"])
    assert (event["detail"]["step_up"], event["detail"]["evidence"]) == ([step["id"]], [step["evidence_hash"]])


async def test_a_refused_proof_is_recorded_with_why_it_did_not_count(house: StaffedHub) -> None:
    await link_app(house.owner)
    name = await question(house, methods=("totp",))
    with pytest.raises(HubError):
        await house.owner.send(await house.owner.statement(name, step_up=["stu_none"]))
    [event] = await house.events("decision.refused")
    assert (event["decision"], event["signature_valid"]) == ("step_up_unknown", None)


async def claiming(person: Person, escalation_id: str) -> Receipt:
    """An approval whose client says of itself how sure it is."""
    answer = replace(person.signs(await person.statement(escalation_id)), claimed=("acr", "amr"))
    return await person.house.hub.decide(person.credential, escalation_id, answer)


async def test_a_claimed_level_is_recorded_with_the_answer(house: StaffedHub) -> None:
    receipt = await claiming(house.owner, await question(house))
    [event] = await house.events("decision.recorded")
    assert (receipt.acr, event["detail"]["acr"], event["detail"]["claimed"]) == ("LOW", "LOW", ["acr", "amr"])


async def test_a_claimed_level_does_not_make_a_weak_answer_strong_and_is_recorded_with_the_refusal(
    house: StaffedHub,
) -> None:
    name = await question(house, min_assurance="SUBSTANTIAL")
    with pytest.raises(HubError):
        await claiming(house.owner, name)
    [event] = await house.events("decision.refused")
    assert (event["decision"], event["detail"]["claimed"]) == ("assurance_too_low", ["acr", "amr"])


async def test_a_level_that_is_claimed_when_an_answer_is_sent_again_is_recorded_too(house: StaffedHub) -> None:
    name = await question(house)
    first = await house.owner.answer(name)
    again = await claiming(house.owner, name)
    assert (again.decision_id, again.repeated) == (first.decision_id, True)
    [event] = await house.events("decision.claimed")
    assert (event["detail"]["decision_id"], event["detail"]["claimed"]) == (first.decision_id, ["acr", "amr"])


async def test_an_answer_that_claims_nothing_is_not_said_to_have_claimed(house: StaffedHub) -> None:
    await house.owner.answer(await question(house))
    [event] = await house.events("decision.recorded")
    assert "claimed" not in event["detail"]
