"""A new order in place of one that nobody opened, by itself or because the person asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from identity.errors import Cancelled, TimedOut
from identity.proof import Pending, Proof, State, StepUp
from tests.fakes.bankid_orders import NotOpened
from tests.fakes.bankid_scene import PHONE, Scene, bankid_scene, nonce_of


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with bankid_scene() as found:
        yield found


async def pending_of(scene: Scene, step_up: StepUp, state: State) -> Pending:
    result = await scene.collected(step_up, state)
    assert isinstance(result, Pending)
    return result


async def test_an_order_that_nobody_opened_is_followed_by_another(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 31_000
    pending = await pending_of(scene, step_up, challenge.state)
    assert pending.shown["orders"] == 2
    scene.fake.approve(scene.open(pending.shown))
    assert isinstance(await scene.collected(step_up, pending.state), Proof)


async def test_an_order_that_was_opened_and_left_is_followed_by_another(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.open(challenge.shown)
    scene.now += 181_000
    assert (await pending_of(scene, step_up, challenge.state)).shown["orders"] == 2


async def test_the_new_order_starts_its_code_at_second_nought(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 31_000
    pending = await pending_of(scene, step_up, challenge.state)
    assert pending.shown["qr"].split(".")[2] == "0"
    assert pending.shown["qr"].split(".")[1] != challenge.shown["qr"].split(".")[1]


async def test_a_new_order_on_the_same_phone_has_a_nonce_of_its_own(scene: Scene) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    old = scene.fake.newest.asked["returnUrl"]
    scene.now += 31_000
    pending = await pending_of(scene, step_up, challenge.state)
    url = scene.fake.approve(scene.open(pending.shown))
    assert url != old
    assert isinstance(await scene.completed(step_up, pending.state, nonce_of(url)), Proof)


async def test_no_more_orders_are_started_than_may_be(scene: Scene) -> None:
    scene.provider = scene.provider_with(most_orders=2)
    step_up = scene.step_up()
    state = (await scene.begun(step_up)).state
    scene.now += 31_000
    state = (await pending_of(scene, step_up, state)).state
    scene.now += 31_000
    with pytest.raises(TimedOut):
        await scene.collected(step_up, state)
    assert len(scene.fake.orders.started) == 2


async def test_no_order_is_started_after_the_end_of_the_step_up(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now = step_up.expires_at
    with pytest.raises(TimedOut):
        await scene.collected(step_up, challenge.state)
    assert len(scene.fake.orders.started) == 1


async def test_a_new_order_that_cannot_be_started_now_is_started_by_the_next_collect(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 31_000
    scene.fake.refuse_next("sign", 503, "maintenance")
    pending = await pending_of(scene, step_up, challenge.state)
    assert "qr" not in pending.shown
    assert pending.collect_every == 2.0
    pending = await pending_of(scene, step_up, pending.state)
    assert pending.shown["orders"] == 2
    scene.fake.approve(scene.open(pending.shown))
    assert isinstance(await scene.collected(step_up, pending.state), Proof)


async def test_cancelling_an_order_that_has_lapsed_asks_bankid_nothing(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 31_000
    scene.fake.refuse_next("sign", 503, "maintenance")
    pending = await pending_of(scene, step_up, challenge.state)
    calls = len(scene.fake.calls)
    await scene.provider.cancel(pending.state)
    assert len(scene.fake.calls) == calls


async def test_an_order_that_somebody_else_started_is_not_ended_over_and_over(scene: Scene) -> None:
    # Renewing by itself against an attacker's order of the same person would be a duel nobody sees.
    scene.factor = replace(scene.factor, data={"personal_number": scene.anna.personal_number})
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 31_000
    scene.fake.orders.look(scene.fake.newest)
    elsewhere = {"endUserIp": "198.51.100.7", "requirement": {"personalNumber": scene.anna.personal_number}}
    scene.fake.orders.start("sign", elsewhere)
    with pytest.raises(Cancelled) as refusal:
        await scene.collected(step_up, challenge.state)
    assert refusal.value.hint == "alreadyInProgress"


async def test_a_person_who_asks_for_a_new_code_gets_one_and_the_old_order_ends(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    pending = await scene.completed(step_up, challenge.state, {"renew": True})
    assert isinstance(pending, Pending)
    with pytest.raises(NotOpened):
        scene.open(challenge.shown)
    scene.fake.approve(scene.open(pending.shown))
    assert isinstance(await scene.collected(step_up, pending.state), Proof)


async def test_asking_for_a_new_code_throws_no_signature_away(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.approve(scene.open(challenge.shown))
    assert isinstance(await scene.completed(step_up, challenge.state, {"renew": True}), Proof)


async def test_asking_for_a_new_link_throws_no_signature_away_that_waits_for_the_nonce(scene: Scene) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    url = scene.fake.approve(scene.open(challenge.shown))
    pending = await scene.completed(step_up, challenge.state, {"renew": True})
    assert isinstance(pending, Pending)
    assert isinstance(await scene.completed(step_up, pending.state, nonce_of(url)), Proof)


async def test_asking_for_a_new_code_when_one_is_due_starts_one_order_not_two(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 31_000
    pending = await scene.completed(step_up, challenge.state, {"renew": True})
    assert isinstance(pending, Pending)
    assert pending.shown["orders"] == len(scene.fake.orders.started) == 2


async def test_asking_for_new_codes_is_bounded(scene: Scene) -> None:
    scene.provider = scene.provider_with(most_orders=3)
    step_up = scene.step_up()
    state = (await scene.begun(step_up)).state
    for _ in range(2):
        pending = await scene.completed(step_up, state, {"renew": True})
        assert isinstance(pending, Pending)
        state = pending.state
    with pytest.raises(TimedOut):
        await scene.completed(step_up, state, {"renew": True})
    assert len(scene.fake.orders.started) == 3
