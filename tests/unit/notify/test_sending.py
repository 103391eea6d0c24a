"""The frame of every channel: its limit, its silence, and that it raises nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from notify.delivery import Cause, Delivered, Delivery, Failed, TryLater
from notify.message import ShortText
from notify.sending import Attempt, Sender

NOW = 1_800_000_000_000
Act = Callable[[Attempt], Awaitable[Delivery]]


class Acting(Sender[ShortText]):
    """Does what the test says."""

    name = "acting"
    takes = ShortText

    def __init__(self, act: Act, time_limit: float = 5.0) -> None:
        super().__init__(clock=lambda: NOW, time_limit=time_limit)
        self._act = act

    def masked(self, address: str) -> str:
        return "…"

    async def _send(self, address: str, message: ShortText, attempt: Attempt) -> Delivery:
        return await self._act(attempt)


async def taken(attempt: Attempt) -> Delivery:
    return Delivered("1")


def text(expires_at: int | None = None) -> ShortText:
    return ShortText(id="msg_1", text="A text", expires_at=expires_at)


async def test_the_result_is_what_the_channel_says() -> None:
    assert await Acting(taken).send("a", text()) == Delivered("1")


@pytest.mark.parametrize(
    ("expires_at", "sent"), [(None, True), (NOW + 1, True), (NOW, False), (NOW - 1, False), (0, False)]
)
async def test_a_message_is_sent_until_it_expires_and_not_from_then_on(expires_at: int | None, sent: bool) -> None:
    result = await Acting(taken).send("a", text(expires_at))
    assert result == (Delivered("1") if sent else Failed(Cause.PERMANENT, "the message has expired"))


@pytest.mark.parametrize("on_its_way", [False, True])
async def test_at_the_end_of_the_time_it_says_whether_the_message_was_on_its_way(on_its_way: bool) -> None:
    async def silent(attempt: Attempt) -> Delivery:
        attempt.on_its_way = on_its_way
        await asyncio.Event().wait()
        raise AssertionError

    result = await Acting(silent, time_limit=0.01).send("a", text())
    assert isinstance(result, TryLater)
    assert result.perhaps_sent == on_its_way


async def test_an_error_that_nobody_foresaw_is_told_by_its_kind_and_not_by_its_text() -> None:
    async def breaks(attempt: Attempt) -> Delivery:
        raise KeyError("anna@example.se, code 48151623")

    result = await Acting(breaks).send("a", text())
    assert isinstance(result, TryLater)
    assert result.why == "it failed with KeyError"


async def test_a_task_that_is_cancelled_sees_that() -> None:
    began = asyncio.Event()

    async def silent(attempt: Attempt) -> Delivery:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    sending = asyncio.create_task(Acting(silent).send("a", text()))
    await began.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_a_channel_that_keeps_nothing_open_closes_at_once() -> None:
    await Acting(taken).close()
