"""Push messages to Apple's devices on a stage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notify.apns import Apns, ApnsSettings
from notify.channel import Channel
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import LIMIT, PATIENCE, START, Stage
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC, ApnsServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival, Trouble

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
TOKEN, GONE = "a1" * 32, "b2" * 32
REGISTERED = START - 3600_000


def device(token: str, registered_at: int = REGISTERED) -> str:
    """An address."""
    return json.dumps({"token": token, "registered_at": registered_at}, separators=(",", ":"))


def hostile() -> list[str]:
    """Tokens that would be a path, a header or a frame of their own, and what is no address at all."""
    tokens = [
        "",
        "a1",
        TOKEN.upper(),
        TOKEN + "/../x",
        TOKEN + "\r\nx: y",
        TOKEN + "?a",
        TOKEN[:-1],
        "g" * 64,
        "a" * 202,
    ]
    texts = ["", "null", "[]", "{}", "\ud800", TOKEN, json.dumps({"token": TOKEN}), json.dumps({"registered_at": 1})]
    texts += [json.dumps({"token": TOKEN, "registered_at": "yesterday"})]
    texts += [json.dumps({"token": TOKEN, "registered_at": 1, "topic": "evil.example"})]
    return [*texts, *(device(token) for token in tokens)]


class ApnsStage:
    """A server with real HTTP/2 and TLS."""

    address = device(TOKEN)
    gone = device(GONE)
    tells_who_is_gone = True
    tells_an_id = True
    reads_answers = True
    says_words = True
    wait: float | None = None

    def __init__(self, server: ApnsServer, channel: Apns, impatient: Apns) -> None:
        self.channel: Channel[Any] = channel
        self.impatient: Channel[Any] = impatient
        self.server = server
        server.hurry.seconds = LIMIT

    def message(self, **changes: Any) -> Any:
        return notice(**changes)

    def arrived(self) -> list[Arrival]:
        return self.server.arrived

    def plays(self, trouble: Trouble) -> AbstractContextManager[None]:
        return self.server.plays(trouble)

    def is_down(self) -> AbstractAsyncContextManager[None]:
        return self.server.is_down()

    def trickles(self, *, size: int, pause: float) -> AbstractAsyncContextManager[None]:
        return self.server.trickles(size=size, pause=pause)

    async def asked(self) -> None:
        await self.server.asked.wait()

    async def flood_ended(self) -> None:
        await self.server.hung_up_on.wait()

    def hostile_addresses(self) -> list[str]:
        return hostile()

    def secrets(self) -> list[str]:
        return [TOKEN, GONE, *PEM.splitlines()[1:-1]]


def settings(server: ApnsServer, **changes: Any) -> ApnsSettings:
    """For the fake, as an operator would write them."""
    own = {"key": PEM, "key_id": KEY_ID, "team_id": TEAM_ID, "topic": TOPIC, "host": "localhost", "port": server.port}
    return ApnsSettings(**{**own, **changes})


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    authority = Authority()
    server = ApnsServer(authority, KEY.public_key(), now=START)
    server.devices[TOKEN] = ApnsStage.address
    server.gone[GONE] = START
    await server.open()
    channel, impatient = (
        Apns(settings(server), tls=authority.trusting(), clock=lambda: START, time_limit=limit)
        for limit in (PATIENCE, LIMIT)
    )
    try:
        yield ApnsStage(server, channel, impatient)
    finally:
        await channel.close()
        await impatient.close()
        await server.close()
