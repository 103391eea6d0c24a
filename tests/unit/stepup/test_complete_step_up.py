"""Answering a step-up: once, by its own person, a few times at most."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, Unavailable
from approvals_hub.stepup.step_up import LEASE, LIFE, MOST_TRIES
from tests.unit.hub_fixture import Person, StaffedHub, code_of
from tests.unit.step_up_actor import App, Shown, answer, begin, begin_link, linked


async def begun(house: StaffedHub) -> tuple[App, Shown]:
    app = await linked(house.owner)
    opened = await house.bot.ask()
    return app, await begin(house.owner, await house.owner.statement(opened.escalation.id))


async def refused(person: Person, shown: Shown, said: object, kind: type[HubError] = HubError) -> str:
    with pytest.raises(kind) as found:
        await answer(person, shown, said)
    return code_of(found.value)


async def test_the_right_code_proves_it(house: StaffedHub) -> None:
    app, shown = await begun(house)
    proven = await answer(house.owner, shown, app.code())
    assert (proven.step.state, proven.step.amr, proven.step.binding) == ("proven", "otp", "server")
    [event] = [event for event in await house.events("step_up.proven") if event["escalation_id"]]
    assert event["detail"]["step_up_id"] == shown.step.id


async def test_a_proven_step_up_that_is_answered_again_stays_as_it_is(house: StaffedHub) -> None:
    app, shown = await begun(house)
    first = await answer(house.owner, shown, app.code())
    again = await answer(house.owner, shown, app.wrong())
    assert (again.step.state, again.step.proven_at) == ("proven", first.step.proven_at)


async def test_a_code_that_was_used_for_one_question_is_a_replay_at_another(house: StaffedHub) -> None:
    app, shown = await begun(house)
    await answer(house.owner, shown, app.code())
    opened = await house.bot.ask()
    other = await begin(house.owner, await house.owner.statement(opened.escalation.id))
    assert await refused(house.owner, other, app.code(), Forbidden) == "proof_replayed"
    app.next_step()
    assert (await answer(house.owner, other, app.code())).step.state == "proven"


async def test_the_sixth_guess_fails_even_if_it_is_right(house: StaffedHub) -> None:
    app, shown = await begun(house)
    for _ in range(MOST_TRIES):
        assert await refused(house.owner, shown, app.wrong()) == "wrong_answer"
    assert await refused(house.owner, shown, app.code(), Conflict) == "step_up_ended"
    [row] = await house.rows("SELECT state, cause FROM step_ups WHERE id = :id", id=shown.step.id)
    assert (row["state"], row["cause"]) == ("ended", "too_many_tries")


async def test_many_guesses_at_once_are_no_more_than_five(house: StaffedHub) -> None:
    app, shown = await begun(house)
    results = await asyncio.gather(
        *[answer(house.owner, shown, app.wrong()) for _ in range(20)], return_exceptions=True
    )
    codes = [code_of(result) for result in results if isinstance(result, HubError)]
    assert codes.count("wrong_answer") <= MOST_TRIES
    assert len(codes) == 20


async def test_one_right_code_sent_many_times_at_once_proves_it_once(house: StaffedHub) -> None:
    app, shown = await begun(house)
    await asyncio.gather(*[answer(house.owner, shown, app.code()) for _ in range(5)], return_exceptions=True)
    rows = await house.rows("SELECT name FROM used_proofs WHERE person_id = :id", id=house.owner.person_id)
    assert len(rows) == 2  # the one that linked it, and this one
    events = [event for event in await house.events("step_up.proven") if event["escalation_id"]]
    assert len(events) == 1


FORMS = [{}, {"code": 123456}, {"code": ""}, {"code": "12345"}, {"other": "x"}, {"code": None}]


@pytest.mark.parametrize("said", FORMS)
async def test_an_answer_of_another_form_is_refused_and_counts_as_no_guess(house: StaffedHub, said: object) -> None:
    _, shown = await begun(house)
    assert await refused(house.owner, shown, said, Forbidden) == "malformed"
    [row] = await house.rows("SELECT tries FROM step_ups WHERE id = :id", id=shown.step.id)
    assert row["tries"] == 0


async def test_an_answer_after_the_end_proves_nothing(house: StaffedHub) -> None:
    app, shown = await begun(house)
    house.time.now += LIFE
    assert await refused(house.owner, shown, app.code(), Conflict) == "step_up_ended"


async def test_somebody_elses_step_up_is_none(house: StaffedHub) -> None:
    app, shown = await begun(house)
    thief = await house.person("Thief")
    assert await refused(thief, shown, app.code(), NotFound) == "step_up_unknown"
    with pytest.raises(NotFound):
        await house.hub.complete_step_up.read(thief.credential, shown.step.id)
    with pytest.raises(NotFound):
        await house.hub.complete_step_up.cancel(thief.credential, shown.step.id)
    assert (await answer(house.owner, shown, app.code())).step.state == "proven"


async def test_reading_changes_nothing_and_shows_what_was_shown(house: StaffedHub) -> None:
    _, shown = await begun(house)
    read = await house.hub.complete_step_up.read(house.owner.credential, shown.step.id)
    assert (read.step.state, read.shown, read.step.version) == ("running", shown.shown, shown.step.version)


async def test_a_cancelled_step_up_proves_nothing_and_is_cancelled_again_without_harm(house: StaffedHub) -> None:
    app, shown = await begun(house)
    for _ in range(2):
        gone = await house.hub.complete_step_up.cancel(house.owner.credential, shown.step.id)
        assert (gone.step.state, gone.step.cause) == ("ended", "cancelled")
    assert await refused(house.owner, shown, app.code(), Conflict) == "step_up_ended"
    ended = [event for event in await house.events("step_up.ended") if event["decision"] == "cancelled"]
    assert len(ended) == 1


async def test_the_key_of_a_link_is_shown_to_its_person_while_it_runs_and_never_after(house: StaffedHub) -> None:
    shown = await begin_link(house.owner)
    app = App(house, shown.shown)
    await answer(house.owner, shown, app.code())
    read = await house.hub.complete_step_up.read(house.owner.credential, shown.step.id)
    assert read.shown == {}


async def test_a_factor_that_was_removed_meanwhile_proves_nothing(house: StaffedHub) -> None:
    app, shown = await begun(house)
    [factor] = (await house.hub.factors.list(house.owner.credential)).linked
    await house.hub.factors.remove(house.owner.credential, factor.factor_id, await house.owner.fresh())
    assert await refused(house.owner, shown, app.code(), Conflict) == "step_up_ended"


async def test_a_person_who_was_disabled_meanwhile_proves_nothing(house: StaffedHub) -> None:
    app, shown = await begun(house)
    await house.change("UPDATE people SET state = 'disabled' WHERE id = :id", id=house.owner.person_id)
    assert await refused(house.owner, shown, app.code()) == "person_disabled"


async def test_an_answer_while_the_provider_is_being_asked_is_to_be_sent_again(house: StaffedHub) -> None:
    app, shown = await begun(house)
    await house.change(
        "UPDATE step_ups SET collect_at = :at WHERE id = :id", at=house.time.now + LEASE, id=shown.step.id
    )
    with pytest.raises(Unavailable) as found:
        await answer(house.owner, shown, app.code())
    assert (found.value.code, found.value.retry_after) == ("step_up_busy", 1)
