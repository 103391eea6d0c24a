"""What the log says of answers: enough to prove, nothing to erase."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import HubError
from tests.unit.hub_fixture import StaffedHub
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
