"""What a hub says to a relay: an id, two keyed hashes, how long and how urgent, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar

from notify.delivery import Delivered
from notify.message import Urgency
from notify.registry import BadSettings, read
from notify.relay import LONGEST_LIFE, Relay, RelaySettings
from notify.relay_device import RelayDevice
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_relay import HANDLE, TOPIC_KEY, device
from tests.fakes.relay_server import RelayServer

MORE = {"title": "canary-title", "text": "canary-text", "reference": "canary-reference", "collapse_key": "canary-key"}


@pytest.fixture
async def relay() -> AsyncIterator[tuple[Relay, RelayServer]]:
    server = RelayServer()
    await server.open()
    server.handles[HANDLE] = "anna"
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield Relay(RelaySettings(url=server.base_url), session=session, clock=lambda: START), server
    await server.close()


async def sent(relay: tuple[Relay, RelayServer], **changes: Any) -> Any:
    channel, server = relay
    assert isinstance(await channel.send(device(server.base_url), notice(**{**MORE, **changes})), Delivered)
    return server.arrived[-1]


async def test_a_relay_is_told_five_members_and_no_word_link_or_name(relay: tuple[Relay, RelayServer]) -> None:
    arrival = await sent(relay, id="tel_1", sealed=b"canary-sealed", badge=3)
    found = RelayDevice.read(device(relay[1].base_url), relay=relay[1].base_url)
    assert arrival.body == {
        "id": "tel_1",
        "topic": found.topic("tel_1"),
        "collapse": found.collapse("canary-key"),
        "ttl": 300,
        "priority": "high",
    }
    whole = repr(vars(arrival)) + str(relay[1].seen[-1].raw_headers) + str(relay[1].seen[-1].rel_url)
    assert [word for word in ("canary", "hub.example.se", "esc_1", TOPIC_KEY, '"sv"') if word in whole] == []


async def test_the_handle_stands_in_no_url(relay: tuple[Relay, RelayServer]) -> None:
    await sent(relay)
    assert relay[1].seen[-1].path_qs == "/v1/wakes"


async def test_how_long_a_wake_is_worth_anything_is_told_in_seconds(relay: tuple[Relay, RelayServer]) -> None:
    assert (await sent(relay, expires_at=START + 400)).body["ttl"] == 1
    assert (await sent(relay, expires_at=None)).body["ttl"] == LONGEST_LIFE
    assert (await sent(relay, expires_at=START + LONGEST_LIFE * 2000)).body["ttl"] == LONGEST_LIFE


async def test_what_is_not_urgent_says_so(relay: tuple[Relay, RelayServer]) -> None:
    assert (await sent(relay, urgency=Urgency.NORMAL)).body["priority"] == "normal"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://push.example.com",
        "https://push.example.com/",
        "https://push.example.com/v1",
        "https://a@push.example.com",
        "https://push.example.com?x=1",
        "ftp://push.example.com",
    ],
)
def test_a_relay_is_named_by_its_origin_alone(url: str) -> None:
    with pytest.raises(BadSettings):
        read({"url": url}, RelaySettings)


async def test_rehearsing_wakes_nobody(relay: tuple[Relay, RelayServer]) -> None:
    channel, server = relay
    assert await channel.rehearse() is None
    assert server.arrived == []
    assert channel.masked(device(server.base_url)) == f"…{HANDLE[-4:]}"
