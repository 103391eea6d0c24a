"""The hub asks a provider, and keeps what it heard for the page that began."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound, Unavailable
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_attempt import LIFE, PROVEN_LIFE, ShownAttempt
from approvals_hub.stepup.step_up import COLLECT_AFTER, LEASE
from identity.errors import Cancelled, NotProven, ProviderDown, WrongAnswer
from tests.fakes.reception import Reception
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import SignIns


@pytest.fixture
async def ins(house: StaffedHub) -> SignIns:
    """A reception that the hub asks, and that knows the owner."""
    ins = SignIns(house, Reception(asks=True))
    await ins.link(house.owner.person_id, "ada")
    return ins


async def test_nobody_is_asked_before_it_is_due(ins: SignIns) -> None:
    await ins.begin()
    assert await ins.collect() == 0


async def test_a_page_takes_its_session_when_the_hub_has_heard_who_it_is(ins: SignIns) -> None:
    begun = await ins.begin()
    ins.house.time.now += 1000
    assert await ins.collect() == 1
    waiting = await ins.answer(begun)
    assert isinstance(waiting, ShownAttempt)
    assert waiting.shown == {"door": 2}
    ins.reception.arrived = {"subject": "ada"}
    ins.house.time.now += 1000
    await ins.collect()
    assert (await ins.complete.read(begun.shown.attempt.id, begun.secret)).attempt.state == "proven"
    assert isinstance(await ins.answer(begun), SignedIn)


async def test_a_proof_that_nobody_takes_in_time_signs_nobody_in(ins: SignIns) -> None:
    begun = await ins.begin()
    ins.reception.arrived = {"subject": "ada"}
    ins.house.time.now += 1000
    await ins.collect()
    ins.house.time.now += PROVEN_LIFE
    with pytest.raises(Conflict):
        await ins.answer(begun)
    await ins.collect()
    with pytest.raises(NotFound):
        await ins.answer(begun)


async def test_a_provider_that_is_down_is_asked_again(ins: SignIns) -> None:
    begun = await ins.begin()
    ins.reception.arrived = ProviderDown("no", retry_after=3)
    ins.house.time.now += 1000
    await ins.collect()
    ins.reception.arrived = {"subject": "ada"}
    ins.house.time.now += 2999
    assert await ins.collect() == 0
    ins.house.time.now += 1
    await ins.collect()
    assert isinstance(await ins.answer(begun), SignedIn)


async def test_an_answer_that_comes_while_the_hub_asks_is_sent_again_and_loses_nothing(ins: SignIns) -> None:
    # BankID tells the end of an order once: whoever is not told hears that there is no such order.
    begun = await ins.begin()
    ins.reception.speaks.clear()
    ins.house.time.now += 1000
    asking = asyncio.create_task(ins.collect())
    await ins.reception.called.wait()
    with pytest.raises(Unavailable) as refused:
        await ins.answer(begun, {"subject": "ada"})
    assert (refused.value.code, refused.value.retry_after) == ("sign_in_busy", 1)
    ins.reception.speaks.set()
    await asking
    assert isinstance(await ins.answer(begun, {"subject": "ada"}), SignedIn)


async def test_the_hub_does_not_ask_while_an_answer_is_looked_at(ins: SignIns) -> None:
    begun = await ins.begin()
    ins.reception.speaks.clear()
    answering = asyncio.create_task(ins.answer(begun, {"subject": "ada"}))
    await ins.reception.called.wait()
    ins.house.time.now += 3000
    assert await ins.collect() == 0
    with pytest.raises(Unavailable):
        await ins.answer(begun, {"subject": "ada"})
    ins.reception.speaks.set()
    assert isinstance(await answering, SignedIn)


@pytest.mark.parametrize("wrong", [WrongAnswer("no"), ProviderDown("no")])
async def test_the_hub_asks_again_soon_after_an_answer_that_was_none(ins: SignIns, wrong: NotProven) -> None:
    begun = await ins.begin()
    ins.reception.down = wrong
    with pytest.raises((Forbidden, Unavailable)):
        await ins.answer(begun, {})
    ins.reception.arrived = {"subject": "ada"}
    ins.house.time.now += COLLECT_AFTER
    assert await ins.collect() == 1
    assert isinstance(await ins.answer(begun), SignedIn)


async def test_an_answer_that_was_lost_with_its_process_costs_one_lease(ins: SignIns) -> None:
    begun = await ins.begin()
    ins.reception.speaks.clear()
    answering = asyncio.create_task(ins.answer(begun, {"subject": "ada"}))
    await ins.reception.called.wait()
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    ins.reception.speaks.set()
    ins.reception.arrived = {"subject": "ada"}
    ins.house.time.now += LEASE
    assert await ins.collect() == 1
    assert isinstance(await ins.answer(begun), SignedIn)


async def test_a_refusal_ends_it(ins: SignIns) -> None:
    begun = await ins.begin()
    ins.reception.arrived = Cancelled("no")
    ins.house.time.now += 1000
    await ins.collect()
    assert (await ins.complete.read(begun.shown.attempt.id, begun.secret)).attempt.state == "ended"


async def test_what_nobody_finished_is_dropped_and_ended_at_the_provider(ins: SignIns) -> None:
    await ins.begin()
    ins.house.time.now += LIFE
    await ins.collect()
    assert ins.reception.cancelled == 1
    assert await ins.house.rows("SELECT id FROM sign_ins") == []
