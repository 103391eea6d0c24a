"""The least HTTP/1.1 client that does: prepared bytes out, status and body in. The load must never be the limit."""

from __future__ import annotations

import asyncio
from collections import deque


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answers: deque[asyncio.Future[tuple[int, bytes, float]]] = deque()
        self._need = -1
        self._closed = False
        self.head = b""
        """The last answer's status line and headers, in small letters."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            if self._need < 0:
                end = self._buffer.find(b"\r\n\r\n")
                if end < 0:
                    return
                self.head = bytes(self._buffer[: end + 2]).lower()
                del self._buffer[: end + 4]
                at = self.head.find(b"content-length:")
                self._need = int(self.head[at + 15 : self.head.index(b"\r\n", at)]) if at >= 0 else 0
            if len(self._buffer) < self._need:
                return
            body = bytes(self._buffer[: self._need])
            del self._buffer[: self._need]
            self._need = -1
            answer = self._answers.popleft()
            if not answer.done():
                answer.set_result((int(self.head[9:12]), body, asyncio.get_running_loop().time()))

    def connection_lost(self, exc: Exception | None) -> None:
        for answer in self._answers:
            if answer.done():
                continue
            if self._closed:
                # Nobody waits any more: an exception that nobody fetches would only fill the terminal.
                answer.cancel()
            else:
                answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def send(self, request: bytes) -> asyncio.Future[tuple[int, bytes, float]]:
        """Status, body, and the loop's monotonic time at which the last byte was there."""
        assert self._transport is not None
        answer: asyncio.Future[tuple[int, bytes, float]] = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            answer.set_exception(ConnectionResetError("the connection is closed"))
            return answer
        self._answers.append(answer)
        self._transport.write(request)
        return answer

    def close(self) -> None:
        self._closed = True
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Connection:
    """A connection to this machine."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


def request(method: str, path: str, *, port: int, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
