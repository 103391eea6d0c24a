"""Vendors that take everything, as fast as Python can: whoever sends to them must be the limit, never they.

`python -m tests.load.vendor FOLDER` prints one JSON line, where each of them listens, and has its authority's
certificate in FOLDER. On the port `control` the line `after N` is answered, when N more messages have been taken by
all of them together, with the monotonic clock's nanoseconds at that moment.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fakes.tls import Authority
from tests.load.vendor_http2 import Http2

HOST = "127.0.0.1"
TOKEN = b'{"access_token": "ya29.bench", "expires_in": 3599, "token_type": "Bearer"}'


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """An HTTP answer."""
    kind = ("Content-Type: application/json",) if body else ()
    lines = [f"HTTP/1.1 {status}", *kind, *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


ANSWERS = {
    "webpush": answer("201 Created", b"", "Location: https://push.example/m/0:1"),
    "fcm": answer("200 OK", b'{"name": "projects/acme-hub/messages/0:1"}'),
    "relay": answer("200 OK", b'{"id": "0:1"}'),
    "sendgrid": answer("202 Accepted", b"", "X-Message-Id: sg.1"),
    "sms": answer("200 OK", b'{"id": "s70df59406a1b4643b96f3f91e0bfb7b0", "status": "created"}'),
    "webhook": answer("200 OK", b"{}"),
    "slack": answer("200 OK", b"ok"),
    "teams": answer("202 Accepted"),
}
SIGNS_IN = answer("200 OK", TOKEN)


class Count:
    """How many messages were taken, and who waits for how many."""

    def __init__(self) -> None:
        self.missing = 0
        self.tell: Callable[[bytes], None] | None = None

    def take(self) -> None:
        self.missing -= 1
        if self.missing == 0 and self.tell is not None:
            self.tell(f"{time.monotonic_ns()}\n".encode())


class Taker(asyncio.Protocol):
    """What all connections have: a transport, what has come in, and the count."""

    transport: asyncio.Transport

    def __init__(self, count: Count) -> None:
        self.count = count
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport


class Http1(Taker):
    """Reads lengths and nothing else; one answer for all, and one for who signs in to Google."""

    def __init__(self, count: Count, said: bytes) -> None:
        super().__init__(count)
        self.said = said

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            at = self.buffer.lower().find(b"content-length:", 0, end)
            length = int(self.buffer[at + 15 : self.buffer.find(b"\r\n", at)]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            signing_in = self.buffer.startswith(b"POST /token ")
            self.buffer = self.buffer[end + 4 + length :]
            self.transport.write(SIGNS_IN if signing_in else self.said)
            if not signing_in:
                self.count.take()


class Mail(Taker):
    """An SMTP server that says yes to everything."""

    def __init__(self, count: Count) -> None:
        super().__init__(count)
        self.letter = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n.\r\n" if self.letter else b"\r\n")) >= 0:
            if self.letter:
                self.buffer, self.letter = self.buffer[end + 5 :], False
                self.transport.write(b"250 2.0.0 Ok: queued as 4BENCH\r\n")
                self.count.take()
                continue
            word, self.buffer = self.buffer[:4].upper(), self.buffer[end + 2 :]
            self.letter = word == b"DATA"
            said = {b"EHLO": b"250-bench\r\n250 SIZE 10000000\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
            self.transport.write(said.get(word, b"250 2.0.0 Ok\r\n"))


class Control(Taker):
    """Answers `after N`."""

    def data_received(self, data: bytes) -> None:
        self.count.tell, self.count.missing = self.transport.write, int(data.split()[1])
        self.transport.write(b"counting\n")


async def main(folder: Path) -> None:
    loop, count, authority = asyncio.get_running_loop(), Count(), Authority()
    (folder / "ca.pem").write_text(authority.pem())
    tls, over_http2 = authority.server("localhost", HOST), authority.server("localhost", HOST)
    over_http2.set_alpn_protocols(["h2"])
    made: dict[str, tuple[Callable[[], asyncio.Protocol], Any]] = {
        "webpush": (lambda: Http1(count, ANSWERS["webpush"]), tls),
        "apns": (lambda: Http2(count.take), over_http2),
        "smtp": (lambda: Mail(count), None),
        "silent": (asyncio.Protocol, None),
        "control": (lambda: Control(count), None),
    }
    for name in ("fcm", "relay", "sendgrid", "sms", "webhook", "slack", "teams"):
        made[name] = (lambda said=ANSWERS[name]: Http1(count, said), tls if name in ("slack", "teams") else None)
    servers = {
        name: await loop.create_server(kind, HOST, 0, ssl=context, backlog=1024)
        for name, (kind, context) in made.items()
    }
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    sys.stdout.write(json.dumps({name: server.sockets[0].getsockname()[1] for name, server in servers.items()}) + "\n")
    sys.stdout.flush()
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
