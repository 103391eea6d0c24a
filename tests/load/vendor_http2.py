"""The least HTTP/2 server that takes push messages (RFC 9113): it says 200 to every stream, with its `apns-id`."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from hpack import Decoder

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING, GOAWAY = 0, 1, 4, 6, 7
END_STREAM, ACK = 1, 1


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame (section 4.1)."""
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


# A thousand streams at once, and windows that a whole run does not fill.
HELLO = frame(SETTINGS, 0, 0, struct.pack("!HIHI", 3, 1000, 4, 2**20)) + frame(
    8, 0, 0, struct.pack("!I", 2**31 - 65536)
)
OK = b"\x88"
"""`:status: 200`, the eighth of the static table (RFC 7541 appendix A)."""
NAMED = b"\x00\x07apns-id"
"""A literal field that no table keeps (section 6.2.2). aioapns knows an answer by it, and not by its stream."""


class Http2(asyncio.Protocol):
    """One connection; `take` is called for every request."""

    transport: asyncio.Transport

    def __init__(self, take: Callable[[], None]) -> None:
        self._take = take
        self._buffer = b""
        self._greeted = False
        self._decoder = Decoder()
        self._ids: dict[int, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(HELLO)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        at, said = 0, []
        if not self._greeted:
            if len(buffer) < len(PREFACE):
                self._buffer = buffer
                return
            at, self._greeted = len(PREFACE), True
        while len(buffer) - at >= 9:
            length = int.from_bytes(buffer[at : at + 3], "big")
            if len(buffer) - at < 9 + length:
                break
            kind, flags, stream = struct.unpack_from("!BBI", buffer, at + 3)
            if kind == HEADERS:
                fields = dict(self._decoder.decode(buffer[at + 9 : at + 9 + length], raw=True))
                self._ids[stream] = fields[b"apns-id"]
            elif kind == DATA and flags & END_STREAM:
                name = self._ids.pop(stream)
                said.append(frame(HEADERS, 5, stream, OK + NAMED + bytes([len(name)]) + name))
                self._take()
            elif kind in (SETTINGS, PING) and not flags & ACK:
                said.append(frame(kind, ACK, 0, buffer[at + 9 : at + 9 + length] if kind == PING else b""))
            elif kind == GOAWAY:
                self.transport.close()
            at += 9 + length
        self._buffer = buffer[at:]
        if said:
            self.transport.write(b"".join(said))
