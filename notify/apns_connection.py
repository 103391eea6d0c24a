"""One connection to APNs over HTTP/2: aioapns with what it leaves out.

Of aioapns 4.0 are the pool, which opens one connection at a time, and the protocol's frame. Tried against a server that
does what Apple's may do, it waits for ever for an answer without a body or in two parts, for a stream that is reset and
for one whose window is empty; it never gives received bytes back to the window, so that after 2,340 refusals nothing
comes any more; and it asks at once, before the server has said how many streams it allows.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aioapns.connection import APNsBaseClientProtocol, APNsKeyConnectionPool, APNsTLSClientProtocol
from aioapns.exceptions import ConnectionError as NotConnected
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

from notify.apns_answer import Answer
from notify.sending import Attempt

if TYPE_CHECKING:
    from notify.guarded import Dial

LARGEST = 16 * 1024
"""Bytes of an answer's body; Apple's have about a hundred."""
IDLE = 240
"""Seconds after which a connection that nobody used is closed: firewalls forget it after five minutes or so."""
SUSPICIOUS = 0.5
"""Seconds of silence after which a connection whose question was given up is not trusted with another."""


class Unanswered(Exception):
    """No answer will come. `taken`: whether Apple may have the notification all the same."""

    def __init__(self, why: str, *, taken: bool) -> None:
        super().__init__(why)
        self.taken = taken


class NoHttp2(Exception):
    """Whoever is there speaks TLS and no HTTP/2."""


class Connection(APNsTLSClientProtocol):
    """The protocol. Whoever asks waits for room: streams and window are the server's to give."""

    INACTIVITY_TIME = IDLE

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.ready: asyncio.Future[None] = self.loop.create_future()
        """Done when the server has said what it allows (RFC 9113 section 3.4)."""
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._statuses: dict[int, int] = {}
        self._bodies: dict[int, bytearray] = {}
        self._room = asyncio.Event()
        self._heard_at = 0.0
        self._ended = False

    @property
    def is_busy(self) -> bool:
        """Never: who cannot ask yet waits here, and the pool opens no second connection for that."""
        return False

    @property
    def is_over(self) -> bool:
        """Whether nothing can be asked here any more."""
        return self._ended

    async def ask(self, headers: list[tuple[str, str]], body: bytes, attempt: Attempt) -> Answer:
        """Ask once. Raises Unanswered. Given up half-way, the stream is ended and its place is free again."""
        await self._has_room(len(body))
        stream = self.conn.get_next_available_stream_id()
        answer: asyncio.Future[Answer] = self.loop.create_future()
        self._answers[stream] = answer
        attempt.on_its_way = True
        asked_at = self.loop.time()
        self.conn.send_headers(stream, headers)
        self.conn.send_data(stream, body, end_stream=True)
        self.flush()
        try:
            return await answer
        except asyncio.CancelledError:
            self._give_up(stream, asked_at)
            raise

    def data_received(self, data: bytes) -> None:
        """Read whatever came. A server that breaks the rules is hung up on."""
        self._heard_at = self.loop.time()
        try:
            for event in self.conn.receive_data(data):
                self._take(event)
        except (ProtocolError, ValueError):
            self._end("it speaks no HTTP/2, or breaks its rules")
            return
        if not self._ended:
            self.flush()
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        self._end("the connection broke off")
        super().connection_lost(exc)

    def close(self) -> None:
        """Say goodbye to the server, and wait for nothing."""
        if not self._ended:
            self.conn.close_connection()
            self.flush()
        self._end("the connection was closed")

    def _take(self, event: Event) -> None:
        if isinstance(event, ResponseReceived):
            self._statuses[event.stream_id] = int(dict(event.headers).get(b":status", b"0"))
        elif isinstance(event, DataReceived):
            self._keep(event.stream_id, event.data, event.flow_controlled_length)
        elif isinstance(event, StreamEnded):
            self._answer(event.stream_id)
        elif isinstance(event, StreamReset):
            self._refuse(event.stream_id, "the stream was reset", taken=True)
        elif isinstance(event, RemoteSettingsChanged) and not self.ready.done():
            self.ready.set_result(None)
        elif isinstance(event, ConnectionTerminated):
            self._goodbye(event.last_stream_id or 0)

    def _keep(self, stream: int, data: bytes, counted: int) -> None:
        if counted:
            # Given back, or the server may send no more after 64 KiB of answers.
            self.conn.acknowledge_received_data(counted, stream)
        if stream not in self._answers:
            return
        body = self._bodies.setdefault(stream, bytearray())
        body += data
        if len(body) > LARGEST:
            self._end("its answer has no end")

    def _answer(self, stream: int) -> None:
        status, body = self._statuses.pop(stream, 0), self._bodies.pop(stream, bytearray())
        waiting = self._answers.pop(stream, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(status, bytes(body)))

    def _refuse(self, stream: int, why: str, *, taken: bool) -> None:
        self._statuses.pop(stream, None)
        self._bodies.pop(stream, None)
        waiting = self._answers.pop(stream, None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(Unanswered(why, taken=taken))

    def _goodbye(self, last: int) -> None:
        """GOAWAY: streams above the last that it names were never looked at (RFC 9113 section 6.8)."""
        for stream in [stream for stream in self._answers if stream > last]:
            self._refuse(stream, "the server is closing", taken=False)
        self._end("the server is closing")

    def _end(self, why: str) -> None:
        if self._ended:
            return
        self._ended = True
        if self.inactivity_timer:
            self.inactivity_timer.cancel()
        for stream in list(self._answers):
            self._refuse(stream, why, taken=True)
        if not self.ready.done():
            self.ready.set_exception(Unanswered(why, taken=False))
            self.ready.exception()  # looked at, also where nobody waits for it any more
        self._wake()
        if self.on_connection_lost:
            self.on_connection_lost(self)
        if self.transport is not None:
            # Without waiting for the other side's goodbye: it may be silent.
            self.transport.abort()

    def _give_up(self, stream: int, asked_at: float) -> None:
        if self._answers.pop(stream, None) is None or self._ended:
            return
        self._statuses.pop(stream, None)
        self._bodies.pop(stream, None)
        if self._heard_at < asked_at and self.loop.time() - asked_at >= SUSPICIOUS:
            # A half-open connection looks like this, and nothing else would ever tell.
            self._end("the connection is silent")
            return
        self.conn.reset_stream(stream, error_code=8)  # CANCEL (RFC 9113 section 7)
        self.flush()
        self._wake()

    async def _has_room(self, size: int) -> None:
        """Returns once a stream and so many bytes are allowed. Raises Unanswered."""
        while not self._ended:
            settings, window = self.conn.remote_settings, self.conn.outbound_flow_control_window
            streams = self.conn.open_outbound_streams < settings.max_concurrent_streams
            if streams and size <= min(window, settings.initial_window_size):
                return
            await self._room.wait()
        raise Unanswered("the connection broke off", taken=False)

    def _wake(self) -> None:
        """Let everybody who waits for room look again."""
        self._room.set()
        self._room.clear()


class Connections(APNsKeyConnectionPool):
    """One connection to one server, opened when somebody asks and none is there."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        topic: str,
        token: Callable[[], str],
        tls: ssl.SSLContext,
        dial: Dial | None = None,
    ) -> None:
        """`tls` verifies the server; `token` gives the value of `authorization`; `dial` connects to a host that
        somebody else named. Within a running loop."""
        super().__init__(key="", key_id="", team_id="", topic=topic, max_connections=1, ssl_context=tls)
        self.protocol_class = type("ToHost", (Connection,), {"APNS_SERVER": host, "APNS_PORT": port})
        self._token = token
        self._place = (host, port)
        self._tls = tls
        self._dial = dial

    async def ask(self, path: str, headers: dict[str, str], body: bytes, attempt: Attempt) -> Answer:
        """Ask once. Raises Unanswered, NoHttp2, and OSError where nobody can be reached or trusted."""
        connection = await self.opened()
        request = [(":method", "POST"), (":scheme", "https"), (":authority", connection.APNS_SERVER), (":path", path)]
        fields = [*headers.items(), ("apns-topic", str(self.apns_topic)), ("authorization", self._token())]
        return await connection.ask([*request, *fields], body, attempt)

    async def opened(self) -> Connection:
        """The connection, with a server that has said what it allows. Raises as `ask`."""
        try:
            connection = await self.acquire()
        except NotConnected as error:
            # aioapns keeps what really happened in the context alone.
            raise error.__context__ or error from None
        assert isinstance(connection, Connection)
        return connection

    async def create_connection(self) -> APNsBaseClientProtocol:
        """A connection whose server has said what it allows."""
        opened = partial(
            self.protocol_class,
            str(self.apns_topic),
            self.loop,
            self.discard_connection,  # type: ignore[arg-type]  # it is annotated as never returning, and returns
        )
        connection = await self._connected(opened)
        assert isinstance(connection, Connection)
        assert connection.transport is not None
        try:
            if connection.transport.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
                raise NoHttp2("whoever is there offers no HTTP/2")
            await connection.ready
            # It may have said goodbye in the same breath: the pool would keep it for ever.
            if connection.is_over:
                raise Unanswered("the server is closing", taken=False)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _connected(self, opened: Callable[[], Any]) -> Any:
        if self._dial is None:
            return await self._create_connection(opened)
        dialled = await self._dial(*self._place)
        _, connection = await self.loop.create_connection(
            opened, sock=dialled, ssl=self._tls, server_hostname=self._place[0]
        )
        return connection

    def discard_connection(self, connection: APNsBaseClientProtocol) -> None:
        """Forget it. It is told twice, and also of one that was lost before the pool had it."""
        if connection in self.connections:
            self.connections.remove(connection)

    def close(self) -> None:
        """End what is open."""
        for connection in list(self.connections):
            connection.close()
