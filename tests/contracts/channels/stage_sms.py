"""SMS on a stage, with each gateway that is known by name, and with one that settings describe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import ClientSession, DummyCookieJar

from notify.sms import Sms, SmsSettings
from tests.contracts.channels.numbered import HOSTILE_NUMBERS, short
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.sms_gateway import ACCOUNT, GONE, PASSWORD, USER, WAIT, SmsGateway


def tables(base_url: str) -> dict[str, dict[str, Any]]:
    """The table `gateway` of each kind, as an operator writes it."""
    signed_in = {"username": USER, "password": PASSWORD, "base_url": base_url}
    keys = {"api_key": USER, "api_secret": PASSWORD, "base_url": base_url}
    return {
        "46elks": signed_in,
        "twilio": {**signed_in, "account_sid": ACCOUNT},
        "vonage": keys,
        "vonage_legacy": keys,
        "http": {
            "url": f"{base_url}/send",
            "auth": {"kind": "bearer", "token": PASSWORD},
            "headers": {"Idempotency-Key": "{id}"},
            "body": {"recipient": "{to}", "sender": "{from}", "message": "{text}", "reference": "{id}", "flash": False},
            "success": {"path": "ok", "equals": "true"},
            "id_path": "message.number",
            "errors": {"path": "error", "gone": ["unknown_number"]},
        },
    }


def settings(kind: str, base_url: str, **changes: Any) -> SmsSettings:
    """For one kind of gateway at the fake; `changes` replace members of the table `gateway`."""
    gateway = {"kind": kind, **tables(base_url)[kind], **changes}
    return msgspec.convert({"sender": "Acme", "gateway": gateway}, SmsSettings)


@asynccontextmanager
async def stage(kind: str) -> AsyncIterator[Stage]:
    server = SmsGateway(kind)
    await server.open()
    found = settings(kind, server.base_url)
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield VendorStage(
            server,
            lambda limit: Sms(found, session=session, clock=lambda: START, time_limit=limit),
            short,
            address="+46701234567",
            gone=GONE,
            hostile=HOSTILE_NUMBERS,
            secrets=[USER, PASSWORD],
            wait=WAIT,
            tells_who_is_gone=kind != "46elks",
        )
    await server.close()
