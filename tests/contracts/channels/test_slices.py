"""Answers that come in pieces, or so slowly that they never end."""

from __future__ import annotations

import asyncio

import pytest

from notify.delivery import Delivered, TryLater
from tests.contracts.channels.stage import PATIENCE, Stage
from tests.fakes.trouble import Trouble

SLICE = 7
"""Bytes: no status line, frame or record comes in one piece."""
SLOW = 0.05
"""Seconds for one byte: the shortest answer lasts longer than an impatient channel waits."""
PROTOCOLS = ["smtp", "smtp over TLS", "sendgrid", "apns", "fcm signing in"]
"""A stage for each way in which answers are read; the other channels read them as `sendgrid` does."""


async def test_an_answer_in_slices_says_the_same_as_one_in_a_piece(stage: Stage) -> None:
    gone = await stage.channel.send(stage.gone, stage.message())
    with stage.plays(Trouble.THROTTLED):
        throttled = await stage.channel.send(stage.address, stage.message())
    async with stage.trickles(size=SLICE, pause=0), asyncio.timeout(PATIENCE):
        assert isinstance(await stage.channel.send(stage.address, stage.message()), Delivered)
        assert await stage.channel.send(stage.gone, stage.message()) == gone
        with stage.plays(Trouble.THROTTLED):
            assert await stage.channel.send(stage.address, stage.message()) == throttled
    assert len(stage.arrived()) == 1


@pytest.mark.parametrize("stage", PROTOCOLS, indirect=True)
async def test_an_answer_that_trickles_ends_with_the_time_limit_and_the_next_message_arrives(stage: Stage) -> None:
    async with stage.trickles(size=1, pause=SLOW), asyncio.timeout(PATIENCE):
        result = await stage.impatient.send(stage.address, stage.message())
    assert isinstance(result, TryLater)
    assert result.why == "no answer within the time limit"
    assert isinstance(await stage.impatient.send(stage.address, stage.message()), Delivered)
