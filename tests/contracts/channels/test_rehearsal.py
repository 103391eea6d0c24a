"""What a channel owes that can try itself without sending, on every stage."""

from __future__ import annotations

import asyncio

from notify.channel import Rehearsable
from notify.delivery import Cause, Delivered, Failed, TryLater
from tests.contracts.channels.stage import PATIENCE, Stage
from tests.fakes.trouble import Trouble

NOTHING_TO_TRY = {"webpush", "webhook", "slack", "teams", "ntfy"}
"""Where a message goes to a host that its address names, or is their package's business."""
SIGNS_IN = {"smtp", "sendgrid"}


async def test_where_nothing_is_in_the_way_nothing_arrives_and_the_next_message_does(stage: Stage) -> None:
    if not isinstance(stage.channel, Rehearsable):
        assert stage.channel.name in NOTHING_TO_TRY
        return
    async with asyncio.timeout(PATIENCE):
        assert await stage.channel.rehearse() is None
    assert stage.arrived() == []
    assert isinstance(await stage.channel.send(stage.address, stage.message()), Delivered)


async def test_a_provider_that_is_down_or_silent_is_told_within_the_time_limit(stage: Stage) -> None:
    if not isinstance(stage.impatient, Rehearsable):
        return
    async with stage.is_down(), asyncio.timeout(PATIENCE):
        down = await stage.impatient.rehearse()
    with stage.plays(Trouble.SILENT):
        async with asyncio.timeout(PATIENCE):
            silent = await stage.impatient.rehearse()
    # Apple's fake is silent to what is asked, and nothing is asked; a token that Google gave is kept.
    assert isinstance(down, TryLater)
    assert not down.perhaps_sent
    assert isinstance(silent, TryLater) or stage.channel.name == "apns"


async def test_a_key_or_password_that_is_refused_is_told_before_anything_is_sent(stage: Stage) -> None:
    if not isinstance(stage.channel, Rehearsable) or stage.channel.name not in SIGNS_IN:
        return
    with stage.plays(Trouble.REFUSES_US):
        async with asyncio.timeout(PATIENCE):
            result = await stage.channel.rehearse()
    assert isinstance(result, Failed)
    assert result.cause is Cause.SETTINGS
    assert stage.arrived() == []
