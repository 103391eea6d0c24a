"""No message text, whole address or secret in a log, in a result, or in what is shown, whatever happens."""

from __future__ import annotations

import logging

import pytest

from tests.contracts.channels.stage import TEXT, Stage
from tests.fakes.trouble import Trouble

OF_FAKES = ("aiohttp.access", "aiohttp.server", "mail.log")
"""Loggers of the fake vendors' servers: what they write is the vendor's."""


def never_seen(stage: Stage) -> list[str]:
    """What may stand nowhere. A number is looked for without its +, as some vendors write it."""
    addresses = [address.removeprefix("+") for address in (stage.address, stage.gone)]
    return [TEXT, "48151623", *addresses, *stage.secrets()]


async def everything_that_happens(stage: Stage) -> str:
    """The results of a success, every trouble, and every kind of bad address, as a log would write them."""
    results: list[object] = [await stage.channel.send(stage.address, stage.message())]
    for trouble in Trouble:
        channel = stage.impatient if trouble is Trouble.SILENT else stage.channel
        with stage.plays(trouble):
            results.append(await channel.send(stage.address, stage.message()))
    async with stage.is_down():
        results.append(await stage.channel.send(stage.address, stage.message()))
    for address in (stage.gone, *stage.hostile_addresses()):
        results.append(await stage.channel.send(address, stage.message()))
    results.append(await stage.channel.send(stage.address, stage.message(expires_at=1)))
    return "\n".join(f"{result} {result!r}" for result in results)


async def test_no_log_and_no_result_holds_a_text_an_address_or_a_secret(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    results = await everything_that_happens(stage)
    own = [record for record in caplog.records if not record.name.startswith(OF_FAKES)]
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in own)
    assert [secret for secret in never_seen(stage) if secret in logged] == []
    assert [secret for secret in never_seen(stage) if secret in results] == []


async def test_a_message_shows_nothing_of_its_text_when_it_is_logged(stage: Stage) -> None:
    message = stage.message()
    shown = f"{message} {message!r}"
    assert message.id in shown
    assert [part for part in (TEXT, "48151623", "Åsa") if part in shown] == []


async def test_a_masked_address_is_known_again_and_not_written_to(stage: Stage) -> None:
    masked = stage.channel.masked(stage.address)
    assert "…" in masked
    assert stage.address not in masked
    assert masked != stage.channel.masked(stage.gone)


async def test_what_is_no_address_is_masked_as_a_whole(stage: Stage) -> None:
    assert {stage.channel.masked(address) for address in stage.hostile_addresses()} == {"…"}
