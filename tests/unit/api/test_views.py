"""What everybody is shown of an escalation, and what the asking agent alone is told."""

from __future__ import annotations

from approvals_hub.api.views import asked, shown, told
from tests.unit.hub_fixture import StaffedHub


async def test_only_the_asking_agent_is_told_the_salt(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    assert shown(opened.escalation, house.time.now).salt is None
    assert asked(opened.escalation, house.time.now).salt == opened.escalation.salt


async def test_only_the_asking_agent_is_told_tokens_and_reasons(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "deny", "the wrong table")
    standing = await house.bot.standing(opened.escalation.id)
    mine, others = told(standing, house.time.now), shown(standing.escalation, house.time.now)
    assert (mine.outcome, others.outcome) == ("denied", "denied")
    assert mine.reason is not None
    assert (mine.reason.text, others.reason) == ("the wrong table", None)
    assert mine.outcome_token is not None
    assert others.outcome_token is None


async def test_an_open_question_has_no_outcome(house: StaffedHub) -> None:
    view = shown((await house.bot.ask()).escalation, house.time.now)
    assert (view.status, view.outcome, view.ended_at) == ("open", None, None)


async def test_times_are_rfc_3339_with_milliseconds(house: StaffedHub) -> None:
    view = shown((await house.bot.ask()).escalation, house.time.now)
    assert (view.created_at, view.now) == ("2027-01-15T08:00:00.000Z", "2027-01-15T08:00:00.000Z")


async def test_a_ready_token_expires_by_the_clock_alone(house: StaffedHub) -> None:
    token = await house.bot.approved()
    standing = await house.bot.standing(token.escalation_id)
    assert shown(standing.escalation, house.time.now).token_state == "ready"
    assert shown(standing.escalation, house.time.now + 10**9).token_state == "expired"
