"""The number on the asker's screen: who learns it, what a wrong one costs, and that many at once cost as much."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Invalid
from approvals_hub.escalations.match_number import TRIES
from approvals_hub_client.canonical import loads
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import begin, complete, link_app, refused


async def asked(house: StaffedHub, digits: int = 2) -> tuple[str, str]:
    """A question's id and the number that its agent was given."""
    await house.require(number_match=digits)
    escalation = (await house.bot.ask()).escalation
    assert escalation.match_code is not None
    return escalation.id, escalation.match_code


def other(code: str, by: int = 1) -> str:
    """Another number of as many digits."""
    return str((int(code) + by) % 10 ** len(code)).zfill(len(code))


async def types(person: Person, escalation_id: str, code: str | None) -> str:
    """The status of an approval with this number, or the refusal's code."""
    try:
        return (await person.send(await person.statement(escalation_id, match_code=code))).status
    except HubError as refusal:
        return refusal.code


@pytest.mark.parametrize("digits", [2, 6])
async def test_the_asking_agent_is_given_the_digits_and_an_approval_with_them_counts(
    house: StaffedHub, digits: int
) -> None:
    escalation_id, code = await asked(house, digits)
    assert len(code) == digits
    assert (await house.bot.standing(escalation_id)).escalation.match_code == code
    assert await types(house.owner, escalation_id, code) == "approved"
    assert (await house.bot.standing(escalation_id)).escalation.match_code is None


async def test_what_was_signed_the_record_and_the_token_say_that_the_number_matched(house: StaffedHub) -> None:
    escalation_id, code = await asked(house)
    assert await types(house.owner, escalation_id, code) == "approved"
    [event] = await house.events("decision.recorded")
    assert event["detail"]["number_match"] == 2
    [row] = await house.rows("SELECT approval FROM escalations WHERE id = :id", id=escalation_id)
    assert [one["number_match"] for one in loads(row["approval"].encode())["approvers"]] == [2]


async def test_numbers_of_questions_differ_and_those_of_a_question_stay(house: StaffedHub) -> None:
    await house.require(number_match=6)
    action = house.bot.action()
    first, again = await house.bot.ask(action), await house.bot.ask(action)
    assert first.escalation.match_code == again.escalation.match_code
    codes = {(await house.bot.ask()).escalation.match_code for _ in range(8)}
    assert len(codes) == 8


async def test_the_number_lies_in_no_table(house: StaffedHub) -> None:
    escalation_id, code = await asked(house, 6)
    await types(house.owner, escalation_id, other(code))
    for table in ("escalations", "audit_entries", "outbox", "idempotency_keys", "number_tries", "inbox"):
        assert code not in str(await house.rows(f"SELECT * FROM {table}"))


async def test_who_guesses_three_numbers_cannot_approve_with_the_right_one_and_can_still_deny(
    house: StaffedHub,
) -> None:
    escalation_id, code = await asked(house)
    left = []
    for by in range(1, TRIES + 1):
        statement = await house.owner.statement(escalation_id, match_code=other(code, by))
        refusal = await refused(Forbidden, house.owner.send(statement))
        assert (refusal.code, refusal.field) == ("number_wrong", "$.statement.match_code")
        left.append(refusal.extra["tries_left"])
    assert left == [2, 1, 0]
    assert await types(house.owner, escalation_id, code) == "number_barred"
    card = await house.hub.present(house.owner.credential, escalation_id)
    assert (card.may_answer, card.may_approve, card.tries_left) == (True, False, 0)
    decisions = [event["decision"] for event in await house.events("decision.refused")]
    assert decisions == ["number_wrong"] * TRIES + ["number_barred"]
    [barred] = await house.events("approver.barred")
    assert (barred["actor_id"], barred["escalation_id"]) == (house.owner.person_id, escalation_id)
    assert (await house.owner.answer(escalation_id, "deny")).status == "denied"
    assert await house.rows("SELECT nonce FROM number_tries") == []


async def test_guesses_of_the_number_are_told_to_who_governs_and_counted_for_the_agent_that_asked(
    house: StaffedHub,
) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo", "admin")
    escalation_id, code = await asked(house)
    await house.change("DELETE FROM outbox")
    for by in range(1, TRIES):
        await types(ada, escalation_id, other(code, by))
    assert await house.rows("SELECT id FROM notices") == []
    for _ in range(2):
        await types(ada, escalation_id, other(code, TRIES))
    [notice] = await house.hub.list_notices(bo.credential, limit=10)
    assert (notice.kind, notice.subject_id, notice.by_id) == ("number_guessed", escalation_id, ada.person_id)
    told = await house.rows("SELECT person_id FROM outbox WHERE kind = 'agent.guessed'")
    assert {row["person_id"] for row in told} == {house.owner.person_id, bo.person_id}
    [agent] = await house.hub.read_agents.of_org(bo.credential, house.org_id)
    assert agent.barred_approvers == 1
    assert (await house.hub.read_agents.itself(house.bot.credential())).barred_approvers is None


async def test_a_nonce_that_came_with_a_wrong_number_takes_no_right_one(house: StaffedHub) -> None:
    escalation_id, code = await asked(house)
    statement = await house.owner.statement(escalation_id, match_code=other(code))
    await refused(Forbidden, house.owner.send(statement))
    for again in (other(code), code):
        refusal = await refused(Invalid, house.owner.send({**statement, "match_code": again}))
        assert refusal.code == "nonce_invalid"
    assert await types(house.owner, escalation_id, code) == "approved"


async def test_somebody_elses_guesses_bar_only_them(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    escalation_id, code = await asked(house)
    for by in range(1, TRIES + 1):
        await types(ada, escalation_id, other(code, by))
    assert await types(ada, escalation_id, code) == "number_barred"
    assert await types(bo, escalation_id, code) == "approved"


@pytest.mark.parametrize("code", [None, "1", "123", "1a", "١٢", "12\n"])
async def test_an_approval_without_the_digits_is_refused_and_costs_no_try(house: StaffedHub, code: Any) -> None:
    escalation_id, _ = await asked(house)
    assert await types(house.owner, escalation_id, code) == "number_missing"
    assert (await house.hub.present(house.owner.credential, escalation_id)).tries_left == TRIES


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_refusal_needs_no_number_and_may_carry_none(house: StaffedHub, decision: str) -> None:
    escalation_id, code = await asked(house)
    statement = await house.owner.statement(escalation_id, decision, match_code=code)
    assert (await refused(Invalid, house.owner.send(statement))).field == "$.statement.match_code"
    assert (await house.owner.answer(escalation_id, decision)).decision == decision


async def test_numbers_tried_by_beginning_step_ups_are_counted_too(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    escalation_id, code = await asked(house)
    for by in range(1, TRIES + 1):
        statement = await house.owner.statement(escalation_id, match_code=other(code, by))
        assert (await refused(Forbidden, begin(house.owner, statement))).code == "number_wrong"
    statement = await house.owner.statement(escalation_id, match_code=code)
    assert (await refused(Forbidden, begin(house.owner, statement))).code == "number_barred"
    assert app.house is house


async def test_a_step_up_is_for_the_number_that_is_signed(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    escalation_id, code = await asked(house)
    statement = await house.owner.statement(escalation_id, match_code=code)
    begun = await begin(house.owner, statement)
    await complete(house.owner, begun.step.id, app.code())
    receipt = await house.owner.send({**statement, "step_up": [begun.step.id]})
    assert receipt.status == "approved"


@pytest.mark.soak
async def test_tries_at_once_never_exceed_the_limit(house: StaffedHub) -> None:
    hubs = [house.hub]
    if not house.place.database.startswith("sqlite:"):
        hubs.append(await house.another_process())
    escalation_id, code = await asked(house)
    rounds = 40 if os.environ.get("SOAK") == "1" else 10
    statements = [await house.owner.statement(escalation_id, match_code=other(code, by)) for by in range(1, rounds)]

    async def send(place: int, statement: dict[str, Any]) -> str:
        answer = house.owner.signs(statement)
        try:
            return (await hubs[place % len(hubs)].decide(house.owner.credential, escalation_id, answer)).status
        except HubError as refusal:
            return refusal.code

    found = await asyncio.gather(*(send(place, statement) for place, statement in enumerate(statements)))
    assert found.count("number_wrong") == TRIES
    assert found.count("number_barred") == len(found) - TRIES
