"""Push messages to Android on a stage: signed in to Google already, or signing in with the first message."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from notify.fcm import Fcm, FcmSettings
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.google_push import WAIT, GooglePush, account_key, service_account

FID, GONE = "cXyZ0123456789_-abcdeF", "dAbC0123456789_-fedcbA"
TOKEN = "fXyZ0123456789_-abcdeF:APA91b" + "Q" * 120


def device(**name: str) -> str:
    """An address."""
    return json.dumps(name, separators=(",", ":"))


def hostile() -> list[str]:
    """Names that would be another member or another device, and what is no address at all."""
    fids = ["", "short", FID + "x", FID[:-1] + "/", FID[:-1] + '"', f"{FID[:-2]}\r\n", "å" * 22]
    tokens = ["", "short", TOKEN + '","topic":"all', TOKEN + "/", TOKEN + " ", "A" * 1001]
    texts = ["", "null", "[]", "{}", "\ud800", FID, device(fid=FID, token=TOKEN), device(topic="all"), '{"fid":null}']
    texts += [device(fid=FID, topic="all"), '{"fid":7}', device(condition="'all' in topics")]
    return [*texts, *(device(fid=fid) for fid in fids), *(device(token=token) for token in tokens)]


def settings(server: GooglePush, **changes: Any) -> FcmSettings:
    """For the fake, as an operator would write them."""
    own = {"service_account": service_account(server.base_url), "base_url": server.base_url}
    return FcmSettings(**{**own, **changes})


@asynccontextmanager
async def stage(*, signed_in: bool) -> AsyncIterator[Stage]:
    server = GooglePush(now=START)
    await server.open()
    server.devices[FID] = device(fid=FID)
    # No connection of the first sign-in is left when the suite begins.
    connector = TCPConnector(force_close=True)
    async with ClientSession(connector=connector, cookie_jar=DummyCookieJar()) as session:
        found = VendorStage(
            server,
            lambda limit: Fcm(settings(server), session=session, clock=lambda: START, time_limit=limit),
            notice,
            address=device(fid=FID),
            gone=device(fid=GONE),
            hostile=hostile(),
            secrets=[FID, GONE, *account_key()[1].splitlines()[1:-1], "ya29."],
            wait=WAIT,
        )
        if signed_in:
            for channel in (found.channel, found.impatient):
                await channel.send(found.address, notice())
            server.arrived.clear()
            server.asked.clear()
        yield found
    await server.close()
