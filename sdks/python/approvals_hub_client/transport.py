"""Calls to the hub: signed anew at every try, repeated until a total timeout, never redirected."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import SystemRandom
from time import monotonic
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import aiohttp
from yarl import URL

from approvals_hub_client import request_signature
from approvals_hub_client.canonical import CanonicalError, dumps, loads
from approvals_hub_client.credential import Credential
from approvals_hub_client.errors import BadAnswer, Closed, NoConnection, Refused, Unreachable, refused
from approvals_hub_client.times import present, to_milliseconds

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""This machine: what goes there in the clear passes no network."""

MAX_ANSWER: Final = 4 * 1024 * 1024
"""Longer answers are not read; in bytes."""

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0
"""Between two tries, in seconds: doubled each time, then a random part of it, so that clients do not march in step."""

_connect = 10.0  # seconds for a connection: longer, and a dead road looks like a long poll that was cut
_farewell = 2.0  # seconds that a socket's other end has to say that it closes, too
_repeatable = frozenset({"nonce_replayed"})
_random = SystemRandom()


class Transport:
    """One hub, one caller, one connection pool. `credential` is None for callers that need no account."""

    def __init__(
        self,
        hub: str,
        credential: Credential | None,
        *,
        tls: ssl.SSLContext | None = None,
        allow_http: bool = False,
        clock: Callable[[], int] = present,
    ) -> None:
        """`hub` is its public URL. Raises ValueError for http to another machine, unless `allow_http`."""
        parts = urlsplit(hub)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{hub!r} is not the public URL of a hub")
        if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS and not allow_http:
            raise ValueError(
                "plain http sends tokens in the clear: use https, or allow_http=True on a network you trust"
            )
        self.hub = hub.rstrip("/")
        self.credential = credential
        self._clock = clock
        self._ahead = 0  # milliseconds that the hub's clock is ahead of this machine's, once it said so
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        anonymous: bool = False,
        within: float = 30.0,
        answer_within: float = 20.0,
    ) -> dict[str, Any]:
        """The JSON object that the hub answers. Both times are in seconds: `within` is for all tries together.
        An `anonymous` call carries no proof of who calls.

        Everything this client sends is safe to send again: reads, withdrawals, and what carries an idempotency key.
        Raises Refused, Unreachable when the time is over without an answer, BadAnswer for what is none.
        """
        target = f"{self.hub}{path}" + (f"?{urlencode(query)}" if query else "")
        raw = dumps(dict(body)) if body is not None else b""
        end = monotonic() + within
        pause = FIRST_PAUSE
        corrected = False
        while True:
            left = end - monotonic()
            failure: Refused | Unreachable
            began = monotonic()
            try:
                headers = self._headers(method, target, raw, idempotency_key, None if anonymous else self.credential)
                return await self._once(method, target, raw, headers, max(min(answer_within, left), 0.05))
            except Unreachable as error:
                if not error.retryable:
                    raise
                failure = error
            except Refused as error:
                if not corrected and self._correct(error):
                    corrected = True
                    continue
                if not error.retryable and error.code not in _repeatable:
                    raise
                failure = error
            pause = pause_after(pause, monotonic() - began)
            rest = pause_of(failure, pause)
            if monotonic() + rest >= end:
                raise failure
            await asyncio.sleep(rest)
            pause = min(2 * pause, LONGEST_PAUSE)

    def clock(self) -> int:
        """The hub's time as far as it is known here, in milliseconds since 1970: this machine's, until the hub refused
        a request because of it."""
        return self._clock() + self._ahead

    def _correct(self, refusal: Refused) -> bool:
        """Take the hub's time for this client's where the hub says that the machine's clock is wrong.

        Whoever answers in the hub's name could have a request signed for another time, and use it at that hub alone.
        """
        if refusal.code != "signature_outside_window":
            return False
        try:
            self._ahead = to_milliseconds(refusal.problem["now"]) - self._clock()
        except (KeyError, TypeError, ValueError):
            return False
        return True

    @asynccontextmanager
    async def socket(self, path: str, *, within: float = 20.0) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A signed WebSocket (RFC 6455), closed at the end. Raises Refused, Unreachable after `within` seconds.

        A refusal here has a status and no words; an ordinary call has both.
        """
        target = f"{self.hub}{path}"
        headers = self._headers("GET", target, b"", None, self.credential)
        try:
            async with asyncio.timeout(within):
                socket = await self._open().ws_connect(
                    URL(target, encoded=True),
                    headers=headers,
                    max_msg_size=MAX_ANSWER,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_farewell),
                )
        except aiohttp.WSServerHandshakeError as error:
            wanted = None if error.headers is None else error.headers.get("Retry-After")
            raise refused(error.status, {}, _seconds(wanted)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"{self.hub} did not answer: {type(error).__name__}") from error
        try:
            yield socket
        finally:
            await socket.close()

    async def _once(
        self, method: str, target: str, raw: bytes, headers: dict[str, str], seconds: float
    ) -> dict[str, Any]:
        try:
            async with self._open().request(
                method,
                URL(target, encoded=True),
                data=raw or None,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, connect=_connect),
            ) as response:
                answer = await response.content.read(MAX_ANSWER + 1)
                while len(answer) <= MAX_ANSWER and not response.content.at_eof():
                    answer += await response.content.read(MAX_ANSWER + 1 - len(answer))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NoConnection(f"{self.hub} takes no connection: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"{self.hub} did not answer: {type(error).__name__}") from error
        return _read(response.status, response.headers, answer)

    def _headers(
        self, method: str, target: str, raw: bytes, idempotency_key: str | None, who: Credential | None
    ) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} if raw else {}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if who is not None and who.key is not None:
            created = self.clock() // 1000
            headers |= request_signature.sign(
                who.key, who.key_id, method, target, headers=headers, body=raw, created=created
            )
        elif who is not None:
            headers["Authorization"] = f"Bearer {who.api_key}"
        return headers | {"Accept": "application/json"}

    def _open(self) -> aiohttp.ClientSession:
        # A call that waits while its client is closed tries again: what it opened then, nobody would close.
        if self._closed:
            raise Closed(f"this client of {self.hub} was closed")
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._tls or True, limit=0)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Close the connections for good: a call that still waits, and every later one, raises Closed."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Transport:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()


def pause_of(failure: Refused | Unreachable, pause: float) -> float:
    """How long to rest before the next try, in seconds: what the hub asked for, and a random part of `pause`."""
    least = failure.retry_after if isinstance(failure, Refused) else None
    return (least or 0.0) + _random.uniform(0, pause)


def pause_after(pause: float, held: float) -> float:
    """The pause after a try that failed after `held` seconds, where `pause` was due by the tries before it.

    A proxy that cuts a long poll is no hub in trouble: pauses that grew with each cut would hold the answer up.
    """
    return FIRST_PAUSE if held > pause else pause


def rest_of(wanted: float | None) -> float:
    """How long whoever waited rests before it waits again, in seconds: what the hub asked for, up to three times that.

    A hub that stops answers all that wait at one instant; they must not come back at another one.
    """
    return (wanted or 1.0) * _random.uniform(1, 3)


def _read(status: int, headers: Mapping[str, str], answer: bytes) -> dict[str, Any]:
    try:
        value = loads(answer, max_depth=40) if len(answer) <= MAX_ANSWER else None
    except CanonicalError:
        value = None
    if 200 <= status < 300:
        if not isinstance(value, dict):
            raise BadAnswer(f"the hub answered {status} with something that is no JSON object")
        retry_after = headers.get("Retry-After")
        return value if retry_after is None else {**value, "retry_after": _seconds(retry_after)}
    if status < 400:
        raise BadAnswer(f"the hub answered {status}: it is not at this address, and redirects are not followed")
    raise refused(status, value if isinstance(value, dict) else {}, _seconds(headers.get("Retry-After")))


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 7 else None
