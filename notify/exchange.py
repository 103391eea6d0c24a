"""One question to a vendor over HTTP: no redirect followed, the answer read up to a limit, every fault a result."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from notify.delivery import AFTER, Failed, TryLater, bad_settings, permanent, waiting
from notify.guarded import Forbidden
from notify.sending import Attempt

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

LARGEST = 64 * 1024
"""Bytes of an answer that are read; what comes behind them is not waited for."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. Nothing of a message stands in the URL."""

    method: str
    url: str
    """The settings' own, or an address that was checked."""
    headers: Mapping[str, str]
    body: bytes
    exact: bool = False
    """Whether the URL goes out letter for letter, as its owner wrote it: it was checked to need no quoting."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the body is whole, or None where it was longer than `LARGEST`."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    def json(self) -> Any:
        """The body's JSON value, or None where it is none, or too long."""
        import msgspec

        try:
            return None if self.body is None else msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def retry_after(self, *, now: int, default: float = AFTER) -> float:
        """Seconds that Retry-After asks for (RFC 9110 section 10.2.3). `now`: milliseconds since 1970 UTC."""
        return waiting(_seconds(self.headers.get("Retry-After", ""), now, default))


async def ask(session: ClientSession, request: Request, attempt: Attempt) -> Answer | TryLater | Failed:
    """Ask once. The caller holds the time limit: a TimeoutError of the session's own goes through."""
    from aiohttp import ClientError, ClientSSLError, ClientTimeout, InvalidURL
    from yarl import URL

    attempt.on_its_way = True
    try:
        async with session.request(
            request.method,
            URL(request.url, encoded=True) if request.exact else request.url,
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
            timeout=ClientTimeout(total=None),
        ) as response:
            return await _read(response)
    except ClientSSLError as error:
        return _of_tls(error)
    except InvalidURL:
        return bad_settings("the URL is none")
    except (ClientError, OSError) as error:
        if isinstance(error, TimeoutError):
            raise
        return _of_network(error)


async def answered(session: ClientSession, url: str) -> TryLater | Failed | None:
    """Whether somebody answers over HTTP at the host of a URL, whose certificate verifies; what they answer is not
    looked at. The caller holds the time limit."""
    parts = urlsplit(url)
    result = await ask(session, Request("HEAD", f"{parts.scheme}://{parts.netloc}/", {}, b""), Attempt())
    if isinstance(result, TryLater):
        # No message was on its way by this.
        return replace(result, perhaps_sent=False)
    return result if isinstance(result, Failed) else None


def require_url(url: str) -> None:
    """Raises ValueError unless it is https, or http on this very machine, with nothing in it that hides the host."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("the URL begins with https://")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("the URL has a host, and neither user, password nor fragment")


def refused(status: int) -> Failed | None:
    """What is said to whoever asks wrongly: sign-in, payment, permission, place; and a redirect."""
    if 300 <= status < 400:
        return bad_settings(f"it answers with a redirect ({status}), which is not followed: see the URL")
    if status in (401, 402, 403, 404, 405, 407):
        return bad_settings(f"it refuses us with {status}")
    return None


async def _read(response: ClientResponse) -> Answer:
    body = bytearray()
    while len(body) <= LARGEST and (part := await response.content.read(LARGEST + 1 - len(body))):
        body += part
    # Whoever leaves an answer that is not read to its end closes the connection: nothing more of it arrives.
    return Answer(response.status, response.headers, bytes(body) if len(body) <= LARGEST else None)


def _of_tls(error: Exception) -> TryLater | Failed:
    reason = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return bad_settings(f"the server's certificate does not verify: {reason.verify_message}")
    return bad_settings("TLS does not come about: see the URL")


def _of_network(error: Exception) -> TryLater | Failed:
    from aiohttp import ClientConnectorError

    if isinstance(error, ClientConnectorError) and isinstance(error.os_error, Forbidden):
        return permanent("the host is in a network that the settings do not allow")
    if isinstance(error, ClientConnectorError):
        return TryLater(AFTER, "the server cannot be reached")
    # Hung up, or what came back is no HTTP: by then it had the request.
    return TryLater(AFTER, f"the connection broke off with {type(error).__name__}", perhaps_sent=True)


def _seconds(text: str, now: int, default: float) -> float:
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return default
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp() - now / 1000
