"""What Apple is asked for one notice, and what comes of it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from notify.apns import LONGEST_LIFE, SERVERS, Apns, ApnsSettings
from notify.apns_payload import apns_id
from notify.apns_token import SHORTEST
from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.message import Notice, Urgency
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_apns import GONE, KEY, PEM, REGISTERED, TOKEN, device, settings
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC, ApnsServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble


class Scene:
    """A device, Apple, and the channel; the clock moves as the test says."""

    def __init__(self, server: ApnsServer, authority: Authority) -> None:
        self.server = server
        self.now = START
        self.channel = Apns(settings(server), tls=authority.trusting(), clock=lambda: self.now)

    async def send(self, message: Notice | None = None, token: str = TOKEN, registered: int = REGISTERED) -> Delivery:
        return await self.channel.send(device(token, registered), message or notice())


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    authority = Authority()
    server = ApnsServer(authority, KEY.public_key(), now=START)
    server.devices[TOKEN] = "anna"
    server.gone[GONE] = START
    await server.open()
    found = Scene(server, authority)
    yield found
    await found.channel.close()
    await server.close()


async def test_the_headers_say_until_when_how_soon_and_which_is_replaced() -> None:
    async with scene() as found:
        message = notice(expires_at=START + 61_999, urgency=Urgency.HIGH, collapse_key="esc_7")
        await found.send(message)
        headers = found.server.arrived[0].headers
    assert {name: value for name, value in headers.items() if name != "authorization"} == {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "localhost",
        ":path": f"/3/device/{TOKEN}",
        "apns-id": apns_id(message),
        "apns-push-type": "alert",
        "apns-expiration": str(START // 1000 + 61),  # no second beyond the question's end
        "apns-priority": "10",
        "apns-collapse-id": "esc_7",
        "apns-topic": TOPIC,
    }


@pytest.mark.parametrize(("urgency", "priority"), [(Urgency.HIGH, "10"), (Urgency.NORMAL, "5"), (Urgency.LOW, "5")])
async def test_only_what_is_urgent_wakes_a_sleeping_phone(urgency: Urgency, priority: str) -> None:
    async with scene() as found:
        await found.send(notice(urgency=urgency))
        assert found.server.arrived[0].headers["apns-priority"] == priority


async def test_a_notice_without_an_end_is_kept_as_long_as_apple_keeps_one() -> None:
    async with scene() as found:
        await found.send(notice(expires_at=None))
        assert found.server.arrived[0].headers["apns-expiration"] == str(START // 1000 + LONGEST_LIFE)
    assert LONGEST_LIFE <= 30 * 24 * 3600


async def test_the_same_notice_has_the_same_id_at_apple_however_often_it_is_sent() -> None:
    async with scene() as found:
        message = notice()
        first, second = await found.send(message), await found.send(message)
        assert first == second == Delivered(apns_id(message))
        assert {arrival.headers["apns-id"] for arrival in found.server.arrived} == {apns_id(message)}


async def test_all_connections_share_one_provider_token() -> None:
    async with scene() as found:
        for _ in range(4):
            await found.send()
            await found.channel.close()
        assert len(found.server.sessions) == 4
        assert len({headers["authorization"] for headers in found.server.seen}) == 1


async def test_a_token_that_apple_takes_for_too_old_is_made_anew_once_that_is_allowed() -> None:
    async with scene() as found:
        await found.send()
        found.server.refusal = (403, {"reason": "ExpiredProviderToken"})
        at_once = await found.send()
        assert isinstance(at_once, Failed)
        assert at_once.cause is Cause.SETTINGS, "so soon after it was made, the clock is wrong"
        found.now += SHORTEST * 1000
        assert isinstance(await found.send(notice(expires_at=None)), TryLater)
        found.server.refusal = None
        found.server.now = found.now
        assert isinstance(await found.send(notice(expires_at=None)), Delivered)
        assert len({headers["authorization"] for headers in found.server.seen}) == 2


async def test_a_device_that_is_gone_is_forgotten_unless_it_registered_since() -> None:
    async with scene() as found:
        assert isinstance(await found.send(token=GONE, registered=START - 1), AddressGone)
        assert isinstance(await found.send(token=GONE, registered=START + 1), TryLater)


async def test_a_token_that_apple_does_not_know_kills_no_device() -> None:
    async with scene() as found:
        result = await found.send(token="c3" * 32)
    assert isinstance(result, Failed)
    assert (result.cause, result.of_address, "BadDeviceToken" in result.why) == (Cause.SETTINGS, True, True)


async def test_a_message_larger_than_apple_takes_is_not_sent() -> None:
    async with scene() as found:
        result = await found.send(notice(text="x" * 4000))
        assert isinstance(result, Failed)
        assert (result.cause, found.server.sessions) == (Cause.PERMANENT, [])


@pytest.mark.parametrize(("odd", "perhaps"), [("reset", True), ("goaway", False), ("goaway after", True)])
async def test_a_message_that_is_not_answered_may_be_sent_again(odd: str, perhaps: bool) -> None:
    async with scene() as found:
        found.server.odd = odd
        result = await found.send()
        assert isinstance(result, TryLater)
        assert result.perhaps_sent == perhaps
        found.server.odd = None
        assert isinstance(await found.send(), Delivered)


async def test_a_server_that_nobody_vouches_for_is_an_operators_to_mend() -> None:
    async with scene() as found:
        stranger = Apns(settings(found.server), tls=Authority().trusting(), clock=lambda: START)
        result = await stranger.send(device(TOKEN), notice())
        assert isinstance(result, Failed)
        assert (result.cause, "does not verify" in result.why) == (Cause.SETTINGS, True)
        assert found.server.seen == []


async def test_a_server_without_http2_is_an_operators_to_mend() -> None:
    authority = Authority()
    server = ApnsServer(authority, KEY.public_key(), now=START, alpn="http/1.1")
    await server.open()
    result = await Apns(settings(server), tls=authority.trusting(), clock=lambda: START).send(device(TOKEN), notice())
    assert isinstance(result, Failed)
    assert (result.cause, "HTTP/2" in result.why) == (Cause.SETTINGS, True)
    await server.close()


async def test_a_flood_is_hung_up_on_and_the_next_message_arrives() -> None:
    async with scene() as found:
        with found.server.plays(Trouble.FLOODS):
            assert isinstance(await found.send(), TryLater)
        assert isinstance(await found.send(), Delivered)


def test_apple_has_two_servers_that_know_different_tokens() -> None:
    assert SERVERS == {"production": "api.push.apple.com", "sandbox": "api.sandbox.push.apple.com"}


@pytest.mark.parametrize("weakness", ["CERT_NONE", "no host name"])
def test_a_context_that_trusts_anybody_is_refused(weakness: str) -> None:
    tls = ssl.create_default_context()
    tls.check_hostname = False
    if weakness == "CERT_NONE":
        tls.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="verifies the server"):
        Apns(ApnsSettings(**table()), tls=tls, clock=lambda: START)


def table(**changes: Any) -> dict[str, Any]:
    return {"key": PEM, "key_id": KEY_ID, "team_id": TEAM_ID, "topic": TOPIC, **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"key": "AuthKey.p8"}, "p8"),
        ({"key_id": "short"}, "regex"),
        ({"team_id": "TEAMID1234\n"}, "regex"),
        ({"topic": "a\r\nb"}, "regex"),
        ({"environment": "test"}, "environment"),
        ({"port": 0}, "port"),
        ({"host": "https://api.push.apple.com"}, "regex"),
        ({"verify": False}, "unknown field"),
    ],
)
def test_settings_that_are_unsafe_or_unknown_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert(table(**changes), ApnsSettings)


def test_settings_do_not_show_their_key() -> None:
    shown = repr(msgspec.convert(table(), ApnsSettings))
    assert [line for line in PEM.splitlines()[1:-1] if line in shown] == []
