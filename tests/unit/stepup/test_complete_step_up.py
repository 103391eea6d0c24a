"""Answering a step-up: five tries and no more, whoever guesses, from wherever, at how many at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, TooMany
from approvals_hub.stepup.step_up import MOST_TRIES, WRONG_PERSON_HOURLY
from tests.unit.hub_fixture import StaffedHub, code_of, staffed_hub
from tests.unit.step_up_actor import App, begin, complete, link_app, question, refused, step_of


async def begun(house: StaffedHub) -> tuple[App, str]:
    """An app, and a running step-up for a question that asks for a code."""
    app = await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    return app, (await begin(house.owner, statement)).step.id


async def test_a_right_code_proves_it_and_answering_again_tells_so(house: StaffedHub) -> None:
    app, name = await begun(house)
    first = await complete(house.owner, name, app.code())
    assert (first.step.state, first.step.amr, first.step.binding) == ("proven", "otp", "server")
    assert (await complete(house.owner, name, app.wrong())).step.state == "proven"


async def test_a_wrong_code_is_counted_and_the_next_one_taken(house: StaffedHub) -> None:
    app, name = await begun(house)
    assert (await refused(Forbidden, complete(house.owner, name, app.wrong()))).code == "wrong_answer"
    assert (await house.hub.complete_step_up.read(house.owner.credential, name)).step.tries == 1
    assert (await complete(house.owner, name, app.code())).step.state == "proven"


async def test_the_sixth_guess_is_refused_even_if_it_is_right(house: StaffedHub) -> None:
    app, name = await begun(house)
    for _ in range(MOST_TRIES):
        await refused(Forbidden, complete(house.owner, name, app.wrong()))
    found = await refused(Conflict, complete(house.owner, name, app.code()))
    assert (found.code, found.extra["cause"]) == ("step_up_ended", "too_many_tries")


async def test_of_twenty_guesses_at_once_no_more_than_five_are_looked_at(house: StaffedHub) -> None:
    app, name = await begun(house)
    guesses = [complete(house.owner, name, app.wrong()) for _ in range(20)]
    found = [code_of(error) for error in await asyncio.gather(*guesses, return_exceptions=True) if error]
    assert found.count("wrong_answer") <= MOST_TRIES
    assert set(found) == {"wrong_answer", "step_up_ended"}


async def test_a_right_code_among_many_guesses_at_once_proves_it_once(house: StaffedHub) -> None:
    app, name = await begun(house)
    answers = [app.code() for _ in range(8)]
    found = await asyncio.gather(*[complete(house.owner, name, answer) for answer in answers], return_exceptions=True)
    assert (await step_of(house, name))["state"] == "proven"
    assert len(await house.events("step_up.proven")) == 2, "the link, and this one"
    assert not [one for one in found if isinstance(one, Forbidden)]


async def test_an_answer_in_no_form_is_no_guess(house: StaffedHub) -> None:
    app, name = await begun(house)
    for answer in (None, 7, [], {}, {"code": 123456}, {"code": "12345"}, {"code": "１２３４５６"}, "123456"):
        assert (await refused(Forbidden, complete(house.owner, name, answer))).code == "malformed"
    assert (await complete(house.owner, name, app.code())).step.tries == 0


async def test_a_code_that_was_used_is_a_refused_replay_in_the_same_step(house: StaffedHub) -> None:
    app, name = await begun(house)
    await complete(house.owner, name, app.code())
    other = await begin(house.owner, await house.owner.statement(await question(house)))
    found = await refused(Forbidden, complete(house.owner, other.step.id, app.code()))
    assert found.code == "proof_replayed"
    house.time.now += 30_000
    assert (await complete(house.owner, other.step.id, app.code())).step.state == "proven"


async def test_a_code_cannot_be_replayed_at_two_processes_at_once(postgres_uri: str, tmp_path: Path) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        app, one = await begun(house)
        other = (await begin(house.owner, await house.owner.statement(await question(house)))).step.id
        second, mine = await house.another_process(), house.owner.credential
        code = app.code()
        found = await asyncio.gather(
            house.hub.complete_step_up(mine, one, code, source="a"),
            second.complete_step_up(mine, other, code, source="b"),
            return_exceptions=True,
        )
        assert sorted(code_of(one) if isinstance(one, HubError) else "proven" for one in found) == [
            "proof_replayed",
            "proven",
        ]


async def test_guesses_at_one_step_up_over_two_processes_are_no_more_than_five(
    postgres_uri: str, tmp_path: Path
) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        app, name = await begun(house)
        second, mine = await house.another_process(), house.owner.credential
        hubs = (house.hub, second)
        found = await asyncio.gather(
            *[hubs[turn % 2].complete_step_up(mine, name, app.wrong(), source="a") for turn in range(12)],
            return_exceptions=True,
        )
        assert [code_of(one) for one in found if isinstance(one, HubError)].count("wrong_answer") <= MOST_TRIES


async def test_guesses_spread_over_many_step_ups_at_once_stay_below_the_persons_limit(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    begun_ones = [(await begin(house.owner, await house.owner.statement(name))).step.id for _ in range(8)]
    guesses = [complete(house.owner, one, app.wrong()) for one in begun_ones for _ in range(MOST_TRIES)]
    found = [code_of(error) for error in await asyncio.gather(*guesses, return_exceptions=True) if error]
    assert found.count("wrong_answer") <= WRONG_PERSON_HOURLY < len(guesses)
    assert "too_many_wrong_answers" in found


async def test_guesses_from_many_addresses_are_counted_for_their_person(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    for turn in range(WRONG_PERSON_HOURLY):
        if turn % 4 == 0:
            step = (await begin(house.owner, await house.owner.statement(name))).step.id
        await refused(Forbidden, complete(house.owner, step, app.wrong(), source=f"198.51.100.{turn}"))
    fresh_one = step
    found = await refused(TooMany, complete(house.owner, fresh_one, app.code(), source="203.0.113.9"))
    assert found.code == "too_many_wrong_answers"
    notices = await house.rows("SELECT kind FROM notices WHERE kind = 'codes_guessed'")
    told = await house.rows("SELECT kind FROM outbox WHERE kind = 'step_up.guessed'")
    assert (len(notices), len(told)) == (1, 1)


async def test_somebody_elses_step_up_is_read_answered_and_ended_by_nobody_else(house: StaffedHub) -> None:
    app, name = await begun(house)
    ada = await house.person("Ada")
    await refused(NotFound, house.hub.complete_step_up.read(ada.credential, name))
    await refused(NotFound, complete(ada, name, app.code()))
    await refused(NotFound, house.hub.complete_step_up.cancel(ada.credential, name))
    assert (await step_of(house, name))["tries"] == 0
    assert (await complete(house.owner, name, app.code())).step.state == "proven"
