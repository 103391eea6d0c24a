"""What follows from a provider's answer: the proof is kept and named, guesses are counted and told."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.stepup.step_up import WRONG_PERSON_HOURLY
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.prover import answer, begin, linked, proven


async def test_the_evidence_of_a_proof_lies_sealed_and_the_log_commits_to_it(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    await proven(house.owner, opened.escalation.id, app)
    [row] = await house.rows("SELECT evidence, evidence_hash FROM step_ups WHERE purpose = 'decision'")
    assert b"salt" not in bytes(row["evidence"])
    [event] = [event for event in await house.events("step_up.proven") if event["escalation_id"]]
    assert event["detail"]["evidence_hash"] == row["evidence_hash"]


async def test_a_wrong_code_is_recorded_without_the_code(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    shown = await begin(house.owner, await house.owner.statement(opened.escalation.id))
    wrong = app.wrong()
    with pytest.raises(Forbidden):
        await answer(house.owner, shown, wrong)
    [event] = await house.events("step_up.refused")
    assert event["decision"] == "wrong_answer"
    assert wrong["code"] not in str(event["detail"])


async def test_a_replay_counts_as_a_guess(house: StaffedHub) -> None:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    await proven(house.owner, opened.escalation.id, app)
    shown = await begin(house.owner, await house.owner.statement(opened.escalation.id))
    with pytest.raises(Forbidden, match="used before"):
        await answer(house.owner, shown, app.code())
    rows = await house.rows("SELECT count FROM wrong_answers WHERE source = :id", id=house.owner.person_id)
    assert [row["count"] for row in rows] == [1]


async def test_somebody_who_guesses_is_told_of_to_the_person_and_the_admins_once(house: StaffedHub) -> None:
    app = await linked(house.owner)
    codes = []
    for _ in range(WRONG_PERSON_HOURLY + 2):
        opened = await house.bot.ask()
        statement = await house.owner.statement(opened.escalation.id)
        try:
            await answer(house.owner, await begin(house.owner, statement), app.wrong())
        except HubError as refusal:
            codes.append(code_of(refusal))
    assert codes.count("wrong_answer") == WRONG_PERSON_HOURLY
    assert codes[-1] == "too_many_wrong_answers"
    told = await house.rows("SELECT person_id FROM outbox WHERE kind = 'step_up.guessed'")
    noted = await house.rows("SELECT subject_id FROM notices WHERE kind = 'codes_guessed'")
    assert [row["person_id"] for row in told] == [row["subject_id"] for row in noted] == [house.owner.person_id]
