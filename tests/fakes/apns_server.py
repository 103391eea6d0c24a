"""Apple's push server on this machine: HTTP/2 over TLS, what it checks, and what servers do on bad days.

Written from RFC 9113 and Apple's pages; h2 keeps the protocol's state, as in any server.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.settings import SettingCodes, Settings

from tests.fakes.hurry import Hurry
from tests.fakes.slicer import slicing
from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival, Trouble

HOST = "127.0.0.1"
KEY_ID, TEAM_ID, TOPIC = "KEYID12345", "TEAMID1234", "example.hub.app"
FLOOD = b" " * 16384

Refusal = tuple[int, dict[str, Any]]
Headers = dict[str, str]


class ApnsServer:
    """Takes notifications for the tokens in `devices`. It runs in the test's own loop."""

    def __init__(self, authority: Authority, key: ec.EllipticCurvePublicKey, *, now: int, alpn: str = "h2") -> None:
        """`key` verifies provider tokens; `now`: milliseconds since 1970."""
        self.arrived: list[Arrival] = []
        self.devices: dict[str, str] = {}
        """Token → what `Arrival.to` says."""
        self.gone: dict[str, int] = {}
        """Token → since when, milliseconds."""
        self.refusal: Refusal | None = None
        """What it answers to everything."""
        self.odd: str | None = None
        """What it does instead of answering as usual: see `Session`."""
        self.settings: dict[SettingCodes, int] = {}
        """What it allows each new connection."""
        self.seen: list[Headers] = []
        self.sessions: list[Session] = []
        """Every connection that there was."""
        self.trouble: Trouble | None = None
        self.asked = asyncio.Event()
        self.questioned = asyncio.Event()
        """Set when a notification has come."""
        self.hung_up_on = asyncio.Event()
        self.resets = 0
        """Streams that the client gave up."""
        self.most_at_once = 0
        """Streams that were open at the same time."""
        self.port = 0
        self.now = now
        self.hurry = Hurry()
        self._key = key
        self._tls = authority.server("localhost", HOST)
        self._tls.set_alpn_protocols([alpn])
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen: the first time on any free port, then on the same one."""
        self.port = await self._listen(self.port)

    async def _listen(self, port: int) -> int:
        loop = asyncio.get_running_loop()
        make = lambda: Session(self)  # noqa: E731 - a factory of one word
        self._server = await loop.create_server(make, HOST, port, ssl=self._tls, reuse_address=True)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Refuse connections, and end those that there are."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        for session in self.sessions:
            # Python 3.11.2 has nothing left to end of what was closed twice.
            with suppress(AttributeError):
                session.transport.abort()

    @contextmanager
    def plays(self, trouble: Trouble) -> Iterator[None]:
        """Within: that trouble, for new connections and old ones."""
        self.trouble = trouble
        self.hurry.silence_begins()
        try:
            yield
        finally:
            self.trouble = None

    @asynccontextmanager
    async def is_down(self) -> AsyncIterator[None]:
        """Within: connections are refused."""
        await self.close()
        try:
            yield
        finally:
            await self.open()

    @asynccontextmanager
    async def trickles(self, *, size: int, pause: float) -> AsyncIterator[None]:
        """Within: its answers come in slices of `size` bytes, one every `pause` seconds."""
        await self.close()
        async with slicing(self.port, await self._listen(0), size=size, pause=pause):
            yield
            await self.close()
        await self.open()

    def judged(self, headers: Headers, body: bytes) -> Refusal | None:
        """What it refuses a notification with; None: it is taken."""
        if self.trouble is Trouble.THROTTLED:
            return 429, {"reason": "TooManyRequests"}
        if self.trouble is Trouble.BROKEN:
            return 503, {"reason": "ServiceUnavailable"}
        if self.trouble is Trouble.REFUSES_US or not self._knows(headers.get("authorization", "")):
            return 403, {"reason": "InvalidProviderToken"}
        if self.refusal is not None:
            return self.refusal
        return self._of_request(headers, body)

    def _of_request(self, headers: Headers, body: bytes) -> Refusal | None:
        found = re.fullmatch(r"/3/device/([0-9a-f]+)", headers[":path"])
        if headers[":method"] != "POST":
            return 405, {"reason": "MethodNotAllowed"}
        if found is None:
            return 404, {"reason": "BadPath"}
        if headers.get("apns-topic") != TOPIC:
            return 400, {"reason": "TopicDisallowed"}
        if not re.fullmatch(r"[0-9a-f-]{36}", headers.get("apns-id", "")):
            return 400, {"reason": "BadMessageId"}
        if len(headers.get("apns-collapse-id", "")) > 64:
            return 400, {"reason": "BadCollapseId"}
        if len(body) > 4096:
            return 413, {"reason": "PayloadTooLarge"}
        if found[1] in self.gone:
            return 410, {"reason": "Unregistered", "timestamp": self.gone[found[1]]}
        return None if found[1] in self.devices else (400, {"reason": "BadDeviceToken"})

    def _knows(self, authorization: str) -> bool:
        kind, _, token = authorization.partition(" ")
        if kind != "bearer" or jwt.get_unverified_header(token) != {"kid": KEY_ID, "alg": "ES256"}:
            return False
        # The clock of a test stands still somewhere; the time is looked at below.
        options: Any = {"verify_iat": False}
        claims = jwt.decode(token, self._key, algorithms=["ES256"], options=options)
        return claims["iss"] == TEAM_ID and 0 <= self.now / 1000 - claims["iat"] < 3600


class Session(asyncio.Protocol):
    """One connection.

    `ApnsServer.odd` is one of: `split` and `empty` bodies of refusals, `nameless` (no apns-id), `reset`, `goaway` that
    names no stream of ours, `goaway after` that names the last one, `stalled` (it reads, and gives no window back),
    `mute` (it keeps the question), `no status` that is a number, `goaway at once` with its first words.
    """

    transport: asyncio.Transport

    def __init__(self, fake: ApnsServer) -> None:
        self.fake = fake
        self.conn = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._requests: dict[int, tuple[Headers, bytearray]] = {}
        self._floods: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.fake.sessions.append(self)
        self.fake.asked.set()
        if self.fake.trouble is Trouble.SILENT:
            self.fake.hurry.silent_to_somebody()
            return
        if self.fake.trouble is Trouble.NO_PROTOCOL:
            transport.write(b"220 mail.example ESMTP\r\n")
            transport.close()
            return
        allowed = {SettingCodes.MAX_CONCURRENT_STREAMS: 100, **self.fake.settings}
        self.conn.local_settings = Settings(client=False, initial_values=allowed)
        self.conn.initiate_connection()
        if self.fake.odd == "goaway at once":
            self.conn.close_connection(last_stream_id=0)
        self.flush()

    def data_received(self, data: bytes) -> None:
        if self.fake.trouble is Trouble.SILENT:
            self.fake.hurry.silent_to_somebody()
            return
        for event in self.conn.receive_data(data):
            self._take(event)
        if not self.transport.is_closing():
            self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._floods:
            self.fake.hung_up_on.set()

    def flush(self) -> None:
        self.transport.write(self.conn.data_to_send())

    def _take(self, event: object) -> None:
        if isinstance(event, RequestReceived):
            headers = {str(name): str(value) for name, value in event.headers}
            self._requests[event.stream_id] = (headers, bytearray())
            self.fake.most_at_once = max(self.fake.most_at_once, self.conn.open_inbound_streams)
        elif isinstance(event, DataReceived):
            self._requests[event.stream_id][1].extend(event.data)
            if self.fake.odd != "stalled":
                self.conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            headers, body = self._requests.pop(event.stream_id)
            self._respond(event.stream_id, headers, bytes(body))
        elif isinstance(event, StreamReset):
            self.fake.resets += 1
            self._floods.discard(event.stream_id)
        elif isinstance(event, WindowUpdated):
            for stream in self._floods:
                self._flood(stream)
        elif isinstance(event, ConnectionTerminated):
            self.transport.close()

    def _respond(self, stream: int, headers: Headers, body: bytes) -> None:
        fake = self.fake
        fake.seen.append(headers)
        fake.questioned.set()
        said = [(":status", "200"), ("apns-id", headers.get("apns-id", ""))]
        if fake.trouble is Trouble.HANGS_UP:
            self.conn.send_headers(stream, said)
            self.conn.send_data(stream, b'{"reas')
            self.flush()
            self.transport.close()
        elif fake.trouble is Trouble.LEAVES:
            self.transport.close()
        elif fake.trouble is Trouble.NO_PROTOCOL:
            self.transport.write(b"220 mail.example ESMTP\r\n")
            self.transport.close()
        elif fake.trouble is Trouble.GARBLES:
            self.conn.send_headers(stream, said)
            self.conn.send_data(stream, b"\xff\x00<html>" * 100, end_stream=True)
        elif fake.trouble is Trouble.FLOODS:
            self.conn.send_headers(stream, said)
            self._floods.add(stream)
            self._flood(stream)
        elif fake.odd in ("reset", "goaway", "goaway after"):
            self._end_oddly(stream, fake.odd)
        elif fake.odd == "no status":
            self.conn.send_headers(stream, [(":status", "good")], end_stream=True)
        elif fake.odd != "mute":
            self._answer(stream, headers, body)

    def _answer(self, stream: int, headers: Headers, body: bytes) -> None:
        refusal = self.fake.judged(headers, body)
        status = 200 if refusal is None else refusal[0]
        said = [(":status", str(status))]
        if self.fake.odd != "nameless":
            said.append(("apns-id", headers.get("apns-id", "")))
        if refusal is None:
            told = json.loads(body)
            to = self.fake.devices[headers[":path"].rpartition("/")[2]]
            self.fake.arrived.append(Arrival(to, told["aps"]["alert"]["body"], told["hub"]["id"], headers, told))
            self.conn.send_headers(stream, said, end_stream=True)
            return
        if self.fake.odd == "empty":
            self.conn.send_headers(stream, said, end_stream=True)
            return
        reason = json.dumps(refusal[1]).encode()
        self.conn.send_headers(stream, said)
        if self.fake.odd == "split":
            self.conn.send_data(stream, reason[:5])
            reason = reason[5:]
        self.conn.send_data(stream, reason, end_stream=True)

    def _end_oddly(self, stream: int, odd: str) -> None:
        if odd == "reset":
            self.conn.reset_stream(stream, error_code=7)
            return
        last = stream if odd == "goaway after" else 0
        self.conn.close_connection(additional_data=b'{"reason":"Shutdown"}', last_stream_id=last)
        self.flush()
        self.transport.close()

    def _flood(self, stream: int) -> None:
        while (room := min(self.conn.local_flow_control_window(stream), len(FLOOD))) > 0:
            self.conn.send_data(stream, FLOOD[:room])
