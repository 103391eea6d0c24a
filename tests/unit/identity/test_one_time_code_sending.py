"""The engine of codes that are sent: resending, senders that fail, addresses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from identity.attempt import WrongTry
from identity.errors import ProviderDown, Refused, WrongAnswer
from identity.one_time_code import CodeSettings, NotSent, Sent
from identity.proof import Factor, Pending, Proof, Purpose, StepUp
from tests.contracts.step_up import asked
from tests.unit.identity.code_desk import MINE, NOW, Desk, Slip, begun, other_than


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def resent(provider: Slip, step_up: StepUp, state: Any, now: int) -> Pending:
    result = await provider.complete(MINE, step_up, state, {"resend": True}, now=now)
    assert isinstance(result, Pending)
    return result


async def test_a_resend_makes_a_new_code_and_voids_the_old_one(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    old = desk.code
    pending = await resent(provider, step_up, challenge.state, NOW + 30_000)
    with pytest.raises(WrongAnswer):
        await provider.complete(MINE, step_up, pending.state, {"code": old}, now=NOW + 30_000)
    assert await provider.complete(MINE, step_up, pending.state, {"code": desk.code}, now=NOW + 30_000)


async def test_beginning_again_makes_a_new_code_and_voids_the_old_one(desk: Desk) -> None:
    provider, step_up, _ = await begun(desk)
    old = desk.code
    challenge = await provider.begin(MINE, step_up)
    with pytest.raises(WrongAnswer):
        await provider.complete(MINE, step_up, challenge.state, {"code": old}, now=NOW)


async def test_a_resend_that_comes_too_early_sends_nothing_and_says_when(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    pending = await resent(provider, step_up, challenge.state, NOW + 29_999)
    assert len(desk.sent) == 1
    assert pending.state == challenge.state
    assert pending.shown["resend_at"] == NOW + 30_000


async def test_no_more_codes_are_sent_than_set(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk, resends=2)
    state, left = challenge.state, []
    for round_ in range(1, 5):
        pending = await resent(provider, step_up, state, NOW + round_ * 30_000)
        state = pending.state
        left.append(pending.shown["resends_left"])
    assert len(desk.sent) == 3
    assert left == [1, 0, 0, 0]
    assert await provider.complete(MINE, step_up, state, {"code": desk.code}, now=NOW + 120_000)


async def test_a_resend_does_not_forgive_wrong_codes(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    with pytest.raises(WrongTry) as error:
        await provider.complete(MINE, step_up, challenge.state, {"code": other_than(desk.code)}, now=NOW)
    pending = await resent(provider, step_up, error.value.state, NOW + 30_000)
    assert pending.state["wrong"] == 1


async def test_no_code_is_sent_again_after_too_many_wrong_ones(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    with pytest.raises(Refused):
        await provider.complete(MINE, step_up, {**challenge.state, "wrong": 5}, {"resend": True}, now=NOW + 30_000)
    assert len(desk.sent) == 1


async def test_a_resend_that_fails_leaves_the_code_that_was_sent_good(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    answer = {"code": desk.code}
    desk.result = NotSent(retry_after=7)
    with pytest.raises(ProviderDown) as error:
        await resent(provider, step_up, challenge.state, NOW + 30_000)
    assert error.value.retry_after == 7
    assert await provider.complete(MINE, step_up, challenge.state, answer, now=NOW + 30_000)


async def test_an_address_that_takes_no_messages_is_refused(desk: Desk) -> None:
    desk.result = NotSent(permanent=True)
    with pytest.raises(Refused):
        await begun(desk)


@pytest.mark.parametrize("error", [OSError("to anna"), RuntimeError("code 123"), TimeoutError("anna")])
async def test_a_sender_that_raises_is_a_provider_that_is_down_and_is_not_quoted(desk: Desk, error: Exception) -> None:
    desk.result = error
    with pytest.raises(ProviderDown) as told:
        await begun(desk)
    assert str(error) not in str(told.value)
    assert told.value.__suppress_context__


async def test_a_sender_that_never_ends_is_given_up_in_time() -> None:
    async def send(address: str, message: str) -> Sent:
        await asyncio.Event().wait()
        return Sent()

    provider = Slip(send, key=bytes(32), clock=lambda: NOW, settings=CodeSettings(), sending_limit=0.01)
    async with asyncio.timeout(5):
        with pytest.raises(ProviderDown):
            await provider.begin(MINE, asked.step_up(NOW))


@pytest.mark.parametrize(
    "data", [{}, {"address": "anna"}, {"address": None, "confirmed_at": 1}, {"address": "evil", "confirmed_at": 1}]
)
async def test_nothing_is_sent_to_an_address_that_is_missing_unconfirmed_or_not_allowed(
    desk: Desk, data: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        await desk.provider().begin(Factor(data), asked.step_up(NOW))
    assert desk.sent == []


async def test_a_new_address_is_confirmed_by_the_code_that_went_there(desk: Desk) -> None:
    provider, factor = desk.provider(), Factor({"address": "bo"})
    step_up = asked.step_up(NOW, purpose=Purpose.LINK)
    challenge = await provider.begin(factor, step_up)
    proof = await provider.complete(factor, step_up, challenge.state, {"code": desk.code}, now=NOW)
    assert isinstance(proof, Proof)
    assert proof.data == {"address": "bo", "confirmed_at": NOW}


async def test_an_address_swapped_while_it_is_confirmed_is_refused(desk: Desk) -> None:
    provider = desk.provider()
    step_up = asked.step_up(NOW, purpose=Purpose.LINK)
    challenge = await provider.begin(Factor({"address": "bo"}), step_up)
    with pytest.raises(WrongAnswer):
        await provider.complete(Factor({"address": "mallory"}), step_up, challenge.state, {"code": desk.code}, now=NOW)
