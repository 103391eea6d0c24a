"""Sends a second of one core's time of each channel, beside the bare client of its protocol, to the same vendor.

Bare is: aiohttp that posts bytes of the same size with the same headers and as many connections, aioapns and
aiosmtplib as they come. The bare client of Web Push encrypts each message with a new key, as RFC 8291 demands of every
client, and signs once an hour (RFC 8292); beside posts of one message that was encrypted before it is only printed.
"""

from __future__ import annotations

import asyncio
import ssl
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import aioapns
from aiohttp import ClientSession, DummyCookieJar, TCPConnector, TraceConfig, TraceRequestChunkSentParams
from aiosmtplib import SMTP

from approvals_hub.core.clock import system_clock
from approvals_hub.notifications.compose import Subject, composed
from approvals_hub.outbound import vendor_session
from notify.channel import Channel
from notify.delivery import Delivered
from notify.guarded import guarded_session
from notify.mail_form import From, letter
from notify.message import Message, Notice
from notify.push_subscription import PushSubscription
from notify.registry import Given, load
from notify.webhook import Webhook, WebhookSettings
from notify.webpush_encryption import encrypted
from notify.webpush_payload import payload
from tests.load.addresses import CHANNELS, FROM, addresses, settings

AT_ONCE = 16
"""Messages under way at the same time."""
POSTING = "webpush_beside_posts_of_one_message"
"""Web Push beside a client that sends what no browser would open a second time: what a POST itself costs."""
PER_HOST = 5
"""Connections of a webhook's session to one host; the bare client has as many."""
PUBLIC_URL = "https://hub.example.com"
NOW = system_clock().now

Send = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Pair:
    """One channel, and the bare client beside it."""

    ours: Send
    bare: Send


def message(channel: Channel[Any]) -> Message:
    """What the hub says on this channel that somebody is asked."""
    subject = Subject(
        telling_id="tel_0123456789abcdef0123456789abcdef",
        kind="escalation.opened",
        org="Acme",
        escalation_id="esc_0123456789abcdefghjkmnpqrs",
        agent="deploy-bot",
        risk="high",
        happened_at=NOW(),
        expires_at=NOW() + 900_000,
    )
    return composed(subject, channel, language="en", public_url=PUBLIC_URL)


def measure(ports: dict[str, int], folder: Path, *, count: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Channel → sends a second of ours and of the bare client: the medians of alternating rounds."""
    return asyncio.run(_measure(ports, folder, count, rounds))


async def _measure(ports: dict[str, int], folder: Path, count: int, rounds: int) -> dict[str, tuple[float, float]]:
    found = {}
    for name in (*CHANNELS, POSTING):
        async with AsyncExitStack() as stack:
            pair = await stack.enter_async_context(PAIRS.get(name, over_http)(name, ports, folder))
            took: dict[str, list[float]] = {"ours": [], "bare": []}
            for number in range(rounds + 1):
                for side in ("bare", "ours"):
                    seconds = await _round(getattr(pair, side), count if number else count // 5)
                    if number:
                        took[side].append(seconds)
            found[name] = (count / statistics.median(took["ours"]), count / statistics.median(took["bare"]))
    return found


async def _round(send: Send, count: int) -> float:
    """Seconds of this process' own time: what others do on the machine, and the vendor's work, are not in it."""
    todo = iter(range(count))

    async def sender() -> None:
        for _ in todo:
            await send()

    started = process_time()
    await asyncio.gather(*[sender() for _ in range(AT_ONCE)])
    return process_time() - started


def _ours(channel: Channel[Any], address: str) -> Send:
    what = message(channel)

    async def send() -> None:
        result = await channel.send(address, what)
        if not isinstance(result, Delivered):
            raise RuntimeError(f"{channel.name}: {result}")

    return send


def _trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))


def _session(connector: TCPConnector, *traces: TraceConfig) -> ClientSession:
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar(), trace_configs=list(traces))


async def _last_request(
    send: Callable[[ClientSession], Awaitable[None]], tls: Any
) -> tuple[str, dict[str, str], bytes]:
    """URL, headers and body of what our channel asks, for the bare client to say the same."""
    asked: list[tuple[str, dict[str, str], bytes]] = []
    headers: list[dict[str, str]] = []
    trace = TraceConfig()

    async def started(_: ClientSession, __: Any, told: Any) -> None:
        headers.append(dict(told.headers))

    async def sent(_: ClientSession, __: Any, told: TraceRequestChunkSentParams) -> None:
        asked.append((str(told.url), headers[-1], told.chunk))

    trace.on_request_start.append(started)
    trace.on_request_chunk_sent.append(sent)
    async with _session(TCPConnector(ssl=tls), trace) as session:
        await send(session)
    return asked[-1]


def _posts(
    session: ClientSession, asked: tuple[str, dict[str, str], bytes], encrypt: Callable[[], bytes] | None = None
) -> Send:
    url, headers, body = asked

    async def post() -> None:
        data = body if encrypt is None else encrypt()
        async with session.post(url, headers=headers, data=data) as response:
            await response.read()
            if response.status >= 300:
                raise RuntimeError(f"the bare client was answered {response.status}")

    return post


@asynccontextmanager
async def over_http(name: str, ports: dict[str, int], folder: Path) -> AsyncIterator[Pair]:
    """Channels that ask a vendor over a session of the hub's."""
    tls, encrypts = _trusting(folder), name == "webpush"
    name = "webpush" if name == POSTING else name
    table, address = settings(ports)[name], addresses(ports)[name]

    def made(session: ClientSession) -> Channel[Any]:
        return load({name: table}, Given(vendors=lambda: session, tls=tls, clock=NOW))[name]

    asked = await _last_request(lambda session: _ours(made(session), address)(), tls)
    async with vendor_session(tls) as session, _session(TCPConnector(ssl=tls)) as bare:
        channel = made(session)
        yield Pair(_ours(channel, address), _posts(bare, asked, _encrypts(channel, address) if encrypts else None))


def _encrypts(channel: Channel[Any], address: str) -> Callable[[], bytes]:
    subscription, what = PushSubscription.read(address), message(channel)
    assert isinstance(what, Notice)
    plain, key, secret = payload(what), subscription.browser_key(), subscription.auth_secret()
    return lambda: encrypted(plain, key, secret)


@asynccontextmanager
async def _webhook(name: str, ports: dict[str, int], folder: Path) -> AsyncIterator[Pair]:
    """It opens a session of its own, which reaches no inner network but those allowed."""
    address = addresses(ports)[name]
    allowed = WebhookSettings(ports=(ports[name],), private_networks=("127.0.0.0/8",))
    channel = Webhook(allowed, clock=NOW, open_session=guarded_session)

    async def once(session: ClientSession) -> None:
        await _ours(Webhook(allowed, clock=NOW, open_session=lambda _: session), address)()

    asked = await _last_request(once, True)
    async with _session(TCPConnector(limit_per_host=PER_HOST)) as bare:
        yield Pair(_ours(channel, address), _posts(bare, asked))
    await channel.close()


def no_session() -> ClientSession:
    """For channels that speak no HTTP by a session of the hub's."""
    raise AssertionError("it asked for one")


@asynccontextmanager
async def _apns(name: str, ports: dict[str, int], folder: Path) -> AsyncIterator[Pair]:
    table, address = settings(ports)[name], addresses(ports)[name]
    tls = _trusting(folder)
    given = Given(no_session, tls=tls, clock=NOW, own_tls=lambda: _trusting(folder))
    channel = load({name: table}, given)[name]
    what: Any = message(channel)
    own = {key: table[key] for key in ("key_id", "team_id", "topic")}
    apple = aioapns.APNs(key=table["key"], **own, max_connections=1, ssl_context=tls)
    # Where Apple is, it has written in.
    place = {"APNS_SERVER": table["host"], "APNS_PORT": table["port"]}
    apple.pool.protocol_class = type("ToBench", (apple.pool.protocol_class,), place)
    body = {"aps": {"alert": {"title": what.title, "body": what.text}}, "hub": {"id": what.id, "link": what.link}}

    async def bare() -> None:
        request = aioapns.NotificationRequest(
            device_token="a1" * 32, message=body, time_to_live=900, priority=10, collapse_key=what.collapse_key
        )
        result = await apple.send_notification(request)
        if not result.is_successful:
            raise RuntimeError(f"aioapns: {result.status}")

    yield Pair(_ours(channel, address), bare)
    apple.pool.close()
    await channel.close()


@asynccontextmanager
async def _smtp(name: str, ports: dict[str, int], folder: Path) -> AsyncIterator[Pair]:
    """Two connections each; the bare client sends a letter that was written once."""
    table, address = settings(ports)[name], addresses(ports)[name]
    given = Given(no_session, tls=_trusting(folder), clock=NOW)
    channel = load({name: table}, given)[name]
    what: Any = message(channel)
    written = letter(what, From(FROM), [address], at=NOW())
    free: asyncio.Queue[SMTP] = asyncio.Queue()
    opened = [SMTP(hostname="127.0.0.1", port=ports[name], use_tls=False, start_tls=False) for _ in range(2)]
    for connection in opened:
        await connection.connect()
        free.put_nowait(connection)

    async def bare() -> None:
        connection = await free.get()
        await connection.sendmail(FROM, [address], written)
        free.put_nowait(connection)

    yield Pair(_ours(channel, address), bare)
    for connection in opened:
        connection.close()
    await channel.close()


PAIRS: dict[str, Callable[[str, dict[str, int], Path], Any]] = {"webhook": _webhook, "apns": _apns, "smtp": _smtp}
