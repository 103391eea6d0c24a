"""Answers, sessions and ends of attempts to sign in, for whoever holds their secret."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound, Unauthenticated, Unavailable
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_attempt import LIFE, ShownAttempt
from approvals_hub.stepup.step_up import MOST_TRIES
from identity.errors import Cancelled, ProviderDown, WrongAnswer
from identity.proof import State, StepUp
from tests.fakes.reception import Reception
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import ARRIVAL, SignIns


async def linked(house: StaffedHub) -> SignIns:
    ins = SignIns(house)
    await ins.link(house.owner.person_id, "ada")
    return ins


async def test_a_proof_opens_the_session_of_its_person(house: StaffedHub) -> None:
    ins = await linked(house)
    signed_in = await ins.sign_in(subject="ada", acr="SUBSTANTIAL")
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.person_id, signed_in.org_id) == (house.owner.person_id, house.org_id)
    assert (signed_in.session.scope, signed_in.session.acr) == ("full", "SUBSTANTIAL")


async def test_another_secret_finds_nothing(house: StaffedHub) -> None:
    ins = await linked(house)
    begun, other = await ins.begin(), await ins.begin()
    for call in (
        ins.complete(begun.shown.attempt.id, other.secret, {"subject": "ada"}, ARRIVAL),
        ins.complete.read(begun.shown.attempt.id, other.secret),
        ins.complete.cancel(begun.shown.attempt.id, ""),
    ):
        with pytest.raises(NotFound):
            await call


async def test_two_answers_at_once_open_one_session(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    results = await asyncio.gather(*(ins.answer(begun, {"subject": "ada"}) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, SignedIn) for result in results) == 1
    assert all(isinstance(result, SignedIn | Conflict) for result in results)


async def test_an_answer_that_waits_keeps_the_attempt_open(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    shown = await ins.answer(begun, {"wait": True})
    assert isinstance(shown, ShownAttempt)
    assert shown.shown == {"door": 3}
    assert isinstance(await ins.answer(begun, {"subject": "ada"}), SignedIn)


async def test_a_provider_that_is_down_ends_nothing(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    ins.reception.down = ProviderDown("no")
    with pytest.raises(Unavailable):
        await ins.answer(begun, {"subject": "ada"})
    ins.reception.down = None
    assert isinstance(await ins.answer(begun, {"subject": "ada"}), SignedIn)


async def test_a_final_refusal_ends_it_with_the_one_answer(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    ins.reception.down = Cancelled("no")
    with pytest.raises(Unauthenticated) as refused:
        await ins.answer(begun, {})
    assert refused.value.code == "not_signed_in"
    with pytest.raises(Conflict):
        await ins.answer(begun, {"subject": "ada"})


async def test_wrong_answers_end_it_at_the_last_that_is_allowed(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    ins.reception.down = WrongAnswer("no")
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(Forbidden):
            await ins.answer(begun, {})
    with pytest.raises(Unauthenticated):
        await ins.answer(begun, {})
    ins.reception.down = None
    with pytest.raises(Conflict):
        await ins.answer(begun, {"subject": "ada"})


async def test_an_attempt_ends_with_its_time(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    house.time.now += LIFE
    with pytest.raises(Conflict):
        await ins.answer(begun, {"subject": "ada"})


async def test_an_end_is_told_to_the_provider_once(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    ended = [await ins.complete.cancel(begun.shown.attempt.id, begun.secret) for _ in range(2)]
    assert [shown.attempt.state for shown in ended] == ["ended", "ended"]
    assert ins.reception.cancelled == 1


async def test_looking_changes_nothing(house: StaffedHub) -> None:
    ins = await linked(house)
    begun = await ins.begin()
    looked = [await ins.complete.read(begun.shown.attempt.id, begun.secret) for _ in range(2)]
    assert looked[0] == looked[1]
    assert looked[0].shown == {"door": 1}


class Stumbling(Reception):
    """A plug-in whose picture moves, or should."""

    def show(self, step_up: StepUp, state: State, *, now: int) -> dict[str, object]:
        raise RuntimeError("a secret")


async def test_a_plug_in_that_fails_at_its_picture_shows_what_it_showed_at_the_beginning(house: StaffedHub) -> None:
    ins = SignIns(house, Stumbling())
    begun = await ins.begin()
    shown = await ins.complete.read(begun.shown.attempt.id, begun.secret)
    assert (shown.attempt.state, shown.shown) == ("running", {"door": 1})
