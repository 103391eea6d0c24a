"""One call to a vendor over HTTP: no redirect is followed, the answer is of bounded size, and faults are our errors.

The caller limits the time (`asyncio.timeout`), as a call of a provider may be several of these.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from identity.errors import Misconfigured, NotProven, ProviderDown

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

LONGEST_WAIT = 60.0
"""Seconds that a vendor can make a caller wait, whatever it asks for."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole and within its limit."""

    status: int
    headers: Mapping[str, str]
    octets: bytes

    @property
    def is_json(self) -> bool:
        """Whether the vendor calls it JSON (`application/json`, `application/…+json`)."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))

    @property
    def retry_after(self) -> float:
        """Seconds until the vendor wants to be asked again, as it says; 2 where it says nothing."""
        value = self.headers.get("Retry-After", "")
        return min(LONGEST_WAIT, max(1.0, float(value))) if re.fullmatch(r"[0-9]{1,9}", value) else 2.0

    def object(self) -> dict[str, Any] | None:
        """The JSON object that it holds, or None."""
        try:
            value = json.loads(self.octets)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


async def call(
    session: ClientSession,
    method: str,
    url: str,
    *,
    vendor: str,
    largest: int,
    tls: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
    data: bytes | None = None,
) -> Answer:
    """One request. `largest`: bytes of an answer; `tls`: None for the authorities that this machine trusts.

    Raises ProviderDown where nobody answers in HTTP, or with more; Misconfigured where TLS fails, or for a redirect.
    """
    from aiohttp import ClientError

    # Asked for uncompressed: a few bytes of a compressed answer can be a gigabyte, and the limit would come too late.
    asked = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    trust = True if tls is None else tls
    try:
        async with session.request(method, url, headers=asked, data=data, ssl=trust, allow_redirects=False) as response:
            octets = await _read(response, largest, vendor)
    except ssl.SSLError as error:
        raise _bad_tls(vendor, error) from error
    except ClientError as error:
        raise _unreachable(vendor, error) from error
    except (TimeoutError, OSError) as error:
        raise ProviderDown(f"{vendor} cannot be reached: {type(error).__name__}") from error
    if 300 <= response.status < 400:
        # Followed, it would take secrets to wherever the answer says.
        raise Misconfigured(f"{vendor} answered {response.status}: the address in the settings is another one now")
    return Answer(response.status, response.headers, octets)


def is_safe_url(url: str) -> bool:
    """Whether secrets may go to this address: https, or http on this very machine; ASCII, no user, no fragment."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None or "#" in url:
        return False
    if len(url) > 2000 or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


async def _read(response: ClientResponse, largest: int, vendor: str) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProviderDown(f"{vendor}'s answer is compressed, which was not asked for")
    octets = bytearray()
    async for chunk in response.content.iter_any():
        octets += chunk
        if len(octets) > largest:
            raise ProviderDown(f"{vendor}'s answer is too large to be one")
    return bytes(octets)


def _unreachable(vendor: str, error: Exception) -> NotProven:
    from aiohttp import ClientConnectorError, ClientSSLError, InvalidURL

    refused = isinstance(error, ClientConnectorError) and isinstance(error.os_error, ssl.SSLError)
    # TLS 1.3 tells of a refused client certificate only at the first read.
    if refused or isinstance(error, ClientSSLError) or isinstance(error.__cause__, ssl.SSLError):
        return _bad_tls(vendor, error)
    if isinstance(error, ClientConnectorError) and isinstance(error.os_error, PermissionError):
        return Misconfigured(f"{vendor}'s address is in a network that the hub may not call")
    if isinstance(error, InvalidURL):
        return Misconfigured(f"{vendor}'s address is none")
    return ProviderDown(f"{vendor} cannot be reached: {type(error).__name__}")


def _bad_tls(vendor: str, error: Exception) -> Misconfigured:
    return Misconfigured(f"{vendor} and the hub do not accept each other's certificates: {type(error).__name__}")
