"""A decision spends the proofs that its statement lists: its own, for this intent, once, while they are fresh."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.stepup.settle_step_up import PROOF_LIFE
from tests.unit.hub_fixture import Person, StaffedHub, code_of
from tests.unit.prover import begin, linked, proven


async def refused(person: Person, statement: dict[str, Any]) -> str:
    with pytest.raises(Forbidden) as found:
        await person.send(statement)
    return code_of(found.value)


async def test_a_listed_proof_raises_what_the_approval_is_worth_and_is_spent(house: StaffedHub) -> None:
    app = await linked(house.owner)
    await house.require(methods=("totp",))
    opened = await house.bot.ask()
    statement = await proven(house.owner, opened.escalation.id, app)
    receipt = await house.owner.send(statement)
    assert (receipt.acr, receipt.methods) == ("LOW", ["device_key", "totp"])
    [row] = await house.rows("SELECT state, decision_id FROM step_ups WHERE purpose = 'decision'")
    assert (row["state"], row["decision_id"]) == ("used", receipt.decision_id)
    [event] = await house.events("decision.recorded")
    assert (event["detail"]["step_up"], event["detail"]["methods"]) == (statement["step_up"], ["device_key", "totp"])
    assert len(event["detail"]["evidence"]) == 1


async def test_the_same_answer_again_gives_the_first_receipt_though_its_proof_is_spent(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    statement = await proven(house.owner, opened.escalation.id, app)
    first, again = await house.owner.send(statement), await house.owner.send(statement)
    assert (again.decision_id, again.repeated) == (first.decision_id, True)


async def test_a_proof_for_another_intent_of_the_same_question_is_refused(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    spliced = await proven(house.owner, opened.escalation.id, app)
    statement = {**await house.owner.statement(opened.escalation.id), "step_up": spliced["step_up"]}
    assert await refused(house.owner, statement) == "step_up_other_intent"


async def test_a_proof_for_another_question_is_refused(house: StaffedHub) -> None:
    app = await linked(house.owner)
    first, second = await house.bot.ask(), await house.bot.ask()
    spliced = await proven(house.owner, first.escalation.id, app)
    statement = {**await house.owner.statement(second.escalation.id), "step_up": spliced["step_up"]}
    assert await refused(house.owner, statement) == "step_up_other_intent"


async def test_somebody_elses_proof_is_as_unknown_as_none(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.require(owner_counts=True)
    app = await linked(ada)
    opened = await house.bot.ask()
    hers = await proven(ada, opened.escalation.id, app)
    mine = await house.owner.statement(opened.escalation.id)
    assert await refused(house.owner, {**mine, "step_up": hers["step_up"]}) == "step_up_unknown"
    assert await refused(house.owner, {**mine, "step_up": ["stu_none"]}) == "step_up_unknown"


async def test_a_step_up_that_proved_nothing_yet_is_refused(house: StaffedHub) -> None:
    await linked(house.owner)
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    begun = await begin(house.owner, statement)
    assert await refused(house.owner, {**statement, "step_up": [begun.step.id]}) == "step_up_not_proven"


async def test_a_proof_that_waited_too_long_is_refused(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    statement = await proven(house.owner, opened.escalation.id, app)
    house.time.now += PROOF_LIFE
    assert await refused(house.owner, statement) == "step_up_not_proven"


async def test_a_proof_that_is_older_than_the_question_wants_is_refused(house: StaffedHub) -> None:
    app = await linked(house.owner)
    await house.require(methods=("totp",), fresh_within=60)
    opened = await house.bot.ask()
    statement = await proven(house.owner, opened.escalation.id, app)
    house.time.now += 60_001
    assert await refused(house.owner, statement) == "step_up_stale"


async def test_more_proofs_than_anybody_needs_are_refused(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id, step_up=[f"stu_{n}" for n in range(5)])
    assert await refused(house.owner, statement) == "step_up_many"


async def test_a_cancelled_proof_is_refused(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    statement = await proven(house.owner, opened.escalation.id, app)
    await house.hub.complete_step_up.cancel(house.owner.credential, statement["step_up"][0])
    assert await refused(house.owner, statement) == "step_up_not_proven"


async def test_an_approval_without_the_step_up_that_is_asked_for_is_refused_and_a_denial_is_taken(
    house: StaffedHub,
) -> None:
    await house.require(methods=("totp",))
    opened = await house.bot.ask()
    assert await refused(house.owner, await house.owner.statement(opened.escalation.id)) == "assurance_too_low"
    assert (await house.owner.answer(opened.escalation.id, "deny")).decision == "deny"


async def test_the_token_names_the_proof_and_how_it_was_tied(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    statement = await proven(house.owner, opened.escalation.id, app)
    await house.owner.send(statement)
    [row] = await house.rows("SELECT approval FROM escalations WHERE id = :id", id=opened.escalation.id)
    assert f'"id":"{statement["step_up"][0]}","method":"totp"' in row["approval"]
    assert '"binding":"server"' in row["approval"]
