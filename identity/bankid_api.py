"""The wire: BankID's RP API v6.0, JSON over mutual TLS (developers.bankid.com, "Auth & Sign").

What comes back is bounded, of a known shape, or an error of `identity.errors`. BankID's own `details` never get into an
error's text: they may name a person.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from identity.errors import Cancelled, Misconfigured, NotProven, ProviderDown, TimedOut

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer that are read at most. A signature over 40,000 characters is some 150 kB."""
LONGEST_WAIT = 60.0
"""Seconds that BankID can make a caller wait, whatever it asks for."""
WORD = re.compile(r"[A-Za-z]{1,40}")
TOKEN = re.compile(r"[A-Za-z0-9-]{1,64}")
PERSONAL_NUMBER = re.compile(r"[0-9]{12}")
RISKS = ("low", "moderate", "high")
"""From the least to the most."""


@dataclass(frozen=True, slots=True)
class Order:
    """A started order. All but `order_ref` are secret until the person's own page or phone needs them."""

    order_ref: str
    auto_start_token: str = field(repr=False)
    qr_start_token: str = field(repr=False)
    qr_start_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Completion:
    """What BankID says of a completed order. Nothing of it is verified yet; `signature` and `ocsp` are base64."""

    personal_number: str
    signature: str
    ocsp: str
    risk: str | None
    """`low`, `moderate`, `high`; None where BankID could not tell, or was not asked."""
    mrtd: bool | None
    """Whether a travel document was scanned and matched; None where none was asked for."""
    address: str | None
    """The app's IP address as BankID saw it."""


@dataclass(frozen=True, slots=True)
class Collected:
    """How an order stands: `pending` and `failed` have a hint, `complete` has what was proven."""

    status: str
    hint: str
    completion: Completion | None = None


class RpApi:
    """BankID's RP API at one base URL. Keeps nothing between two calls."""

    def __init__(self, session: ClientSession, tls: ssl.SSLContext, url: str, *, time_limit: float) -> None:
        """`time_limit`: seconds that BankID has for one answer."""
        self._time_limit = time_limit
        self._session = session
        self._tls = tls
        self._url = url.rstrip("/")

    async def start(self, kind: str, order: Mapping[str, Any]) -> Order:
        """Start a `sign` or an `auth` order. Raises ProviderDown or Misconfigured."""
        answer = await self._call(kind, order)
        names = ("orderRef", "autoStartToken", "qrStartToken", "qrStartSecret")
        return Order(*(_text(answer, name, TOKEN) for name in names))

    async def collect(self, order_ref: str) -> Collected:
        """How the order stands. BankID tells the end of an order once.

        Raises TimedOut where it knows no such order: told already, or longer ago than the three minutes (a failed one:
        five) that it keeps the end; ProviderDown; Misconfigured.
        """
        answer = await self._call("collect", {"orderRef": order_ref})
        status = answer.get("status")
        if status == "complete":
            return Collected("complete", "", _completion(answer))
        if status not in ("pending", "failed"):
            raise _garbled()
        hint = answer.get("hintCode")
        # BankID adds hint codes at any time; what is no code at all must not get into pages and logs.
        return Collected(status, hint if isinstance(hint, str) and WORD.fullmatch(hint) else "unknown")

    async def cancel(self, order_ref: str) -> None:
        """End a pending order. Raises TimedOut where there is none any more, ProviderDown, Misconfigured."""
        await self._call("cancel", {"orderRef": order_ref})

    async def _call(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        from aiohttp import ClientError

        # BankID takes exactly this content type; with a charset it answers 415.
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        data = json.dumps(body).encode()
        try:
            async with (
                asyncio.timeout(self._time_limit),
                self._session.post(
                    f"{self._url}/{method}", data=data, headers=headers, ssl=self._tls, allow_redirects=False
                ) as response,
            ):
                octets = await _read(response)
                if response.status != 200:
                    raise _refusal(method, response.status, _error_code(octets), response.headers)
        except ssl.SSLError as error:
            raise _bad_tls(error) from error
        except ClientError as error:
            raise _unreachable(error) from error
        except (TimeoutError, OSError) as error:
            raise ProviderDown(f"BankID cannot be reached: {type(error).__name__}") from error
        return _object(octets)


async def _read(response: ClientResponse) -> bytes:
    octets = bytearray()
    async for chunk in response.content.iter_any():
        octets += chunk
        if len(octets) > LARGEST_ANSWER:
            raise ProviderDown("BankID's answer is too large to be one")
    return bytes(octets)


def _object(octets: bytes) -> dict[str, Any]:
    try:
        value = json.loads(octets)
    except (ValueError, RecursionError):
        raise _garbled() from None
    if not isinstance(value, dict):
        raise _garbled()
    return value


def _error_code(octets: bytes) -> str:
    """The `errorCode` of an error's body, or an empty text; proxies answer with pages of their own."""
    try:
        code = _object(octets).get("errorCode")
    except ProviderDown:
        return ""
    return code if isinstance(code, str) and WORD.fullmatch(code) else ""


def _refusal(method: str, status: int, code: str, headers: Mapping[str, str]) -> NotProven:
    """BankID's refusal as an error of ours."""
    told = f"BankID answered {status} {code}".rstrip()
    if code == "alreadyInProgress":
        # BankID has ended the earlier order as well: two at once is what an attack looks like, so the person decides.
        return ProviderDown(f"{told}: another order of the same person was open", retry_after=1.0, hint=code)
    if status == 400 and code in ("canceled", "cancelled"):
        return Cancelled(told, hint=code)
    if status == 400 and code == "invalidParameters" and method in ("collect", "cancel"):
        return TimedOut(
            f"{told}: the order has ended and its end was told already, or was not fetched in time", hint=code
        )
    if status in (408, 429) or status >= 500:
        patience = 30.0 if status == 503 else 2.0
        return ProviderDown(told, retry_after=_wait(headers, patience), hint=code or None)
    # 400 with other parameters, 401, 403, 404, 405, 415, redirects: no repetition helps.
    return Misconfigured(f"{told} to {method}: certificates, url or settings are wrong", hint=code or None)


def _wait(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds until BankID wants to be asked again (Retry-After, or the draft RateLimit-Reset)."""
    for name in ("Retry-After", "RateLimit-Reset", "X-RateLimit-Reset"):
        value = headers.get(name, "")
        if re.fullmatch(r"[0-9]{1,9}", value):
            return min(LONGEST_WAIT, max(1.0, float(value)))
    return otherwise


def _unreachable(error: Exception) -> NotProven:
    from aiohttp import ClientConnectorError, ClientSSLError, ServerDisconnectedError

    refused = isinstance(error, ClientConnectorError) and isinstance(error.os_error, ssl.SSLError)
    if refused or isinstance(error, ClientSSLError) or isinstance(error.__cause__, ssl.SSLError):
        return _bad_tls(error)
    if isinstance(error, ServerDisconnectedError) or isinstance(error.__cause__, ConnectionResetError):
        # A server that refuses a client's certificate says so in an alert, which the reset after it often overtakes.
        return ProviderDown("BankID ended the connection unanswered: it restarts, or does not accept our certificate")
    return ProviderDown(f"BankID cannot be reached: {type(error).__name__}")


def _bad_tls(error: Exception) -> Misconfigured:
    return Misconfigured(f"BankID and the hub do not accept each other's certificates: {type(error).__name__}")


def _completion(answer: Mapping[str, Any]) -> Completion:
    data = _part(answer, "completionData")
    risk = data.get("risk")
    mrtd = data["stepUp"].get("mrtd") if isinstance(data.get("stepUp"), dict) else None
    address = data["device"].get("ipAddress") if isinstance(data.get("device"), dict) else None
    return Completion(
        personal_number=_text(_part(data, "user"), "personalNumber", PERSONAL_NUMBER),
        signature=_text(data, "signature"),
        ocsp=_text(data, "ocspResponse"),
        risk=risk if risk in RISKS else None,
        mrtd=mrtd if isinstance(mrtd, bool) else None,
        address=address if isinstance(address, str) and len(address) <= 45 else None,
    )


def _part(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise _garbled()
    return value


def _text(holder: Mapping[str, Any], name: str, shape: re.Pattern[str] | None = None) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or (shape is not None and not shape.fullmatch(value)):
        raise _garbled()
    return value


def _garbled() -> ProviderDown:
    return ProviderDown("BankID's answer is none of its protocol")
