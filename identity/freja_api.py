"""The wire: Freja's Signature Service, base64 of JSON over mutual TLS (frejaeid.atlassian.net, "REST API").

What comes back is bounded, of a known shape, or an error of `identity.errors`. Freja's `message` never gets into one.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from identity.errors import Misconfigured, NotProven, ProviderDown, Refused, TimedOut
from identity.freja_order import encoded
from identity.vendor_http import Answer, call

if TYPE_CHECKING:
    from aiohttp import ClientSession

LARGEST_ANSWER = 1024 * 1024
"""Bytes. A signature over 4,096 characters with its OCSP response is some 60 kB."""
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,128}")
WORD = re.compile(r"[A-Z_]{1,40}")
UNKNOWN_REFERENCE = 1100
REFUSED = {
    1005: "the person has switched this service off in Freja",
    1012: "Freja knows no such person, or none at the level that is asked for",
    1014: "Freja knows no such person, or none at the level that is asked for",
}
"""Codes that are about the person; the others are about what the hub sent."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a signature stands. `details` is the JWS of a signed one, not verified yet."""

    status: str
    details: str | None = None


class SignatureApi:
    """Freja's Signature Service at one base URL. Keeps nothing between two calls."""

    def __init__(self, session: ClientSession, tls: ssl.SSLContext, url: str) -> None:
        self._session = session
        self._tls = tls
        self._url = url

    async def start(self, order: Mapping[str, Any]) -> str:
        """Ask for a signature. The reference of it. Raises Refused, ProviderDown, Misconfigured."""
        answer = await self._call("initSignature", "initSignRequest", order)
        reference = answer.get("signRef")
        if not isinstance(reference, str) or not REFERENCE.fullmatch(reference):
            raise _garbled()
        return reference

    async def result(self, reference: str) -> Result:
        """How it stands. Raises TimedOut where Freja knows no such reference any more, ProviderDown, Misconfigured."""
        answer = await self._call("getOneResult", "getOneSignResultRequest", {"signRef": reference})
        status, details = answer.get("status"), answer.get("details")
        if not isinstance(status, str) or not WORD.fullmatch(status) or answer.get("signRef") != reference:
            raise _garbled()
        if status == "APPROVED" and not isinstance(details, str):
            raise _garbled()
        return Result(status, details if isinstance(details, str) else None)

    async def cancel(self, reference: str) -> None:
        """End it. Raises TimedOut where there is none any more, ProviderDown, Misconfigured."""
        await self._call("cancel", "cancelSignRequest", {"signRef": reference}, empty=True)

    async def _call(
        self, method: str, parameter: str, body: Mapping[str, Any], *, empty: bool = False
    ) -> dict[str, Any]:
        answer = await call(
            self._session,
            "POST",
            f"{self._url}/sign/1.0/{method}",
            vendor="Freja",
            largest=LARGEST_ANSWER,
            tls=self._tls,
            # What is sent is a form's; Freja's own clients call it JSON, and it takes only that.
            headers={"Content-Type": "application/json"},
            data=encoded(parameter, dict(body)),
        )
        if empty and answer.status in (200, 204):
            return {}
        value = answer.object()
        if answer.status != 200:
            raise _refusal(method, answer, value)
        if value is None:
            raise _garbled()
        return value


def _refusal(method: str, answer: Answer, value: Mapping[str, Any] | None) -> NotProven:
    """Freja's refusal as an error of ours: 400 and 422 carry `{code, message}`."""
    code = value.get("code") if value is not None else None
    known = isinstance(code, int) and not isinstance(code, bool) and 0 <= code < 100_000
    told = f"Freja answered {answer.status}" + (f", code {code}" if known else "")
    hint = str(code) if known else None
    if answer.status in (408, 429) or answer.status >= 500 or (known and code == 0):
        return ProviderDown(told, retry_after=answer.retry_after, hint=hint)
    if code == UNKNOWN_REFERENCE and method != "initSignature":
        return TimedOut(f"{told}: the signature has ended, and its end is not kept any more", hint=hint)
    if known and code in REFUSED:
        return Refused(f"{told}: {REFUSED[code]}", hint=hint)
    return Misconfigured(f"{told} to {method}: certificates, url or settings are wrong", hint=hint)


def _garbled() -> ProviderDown:
    return ProviderDown("Freja's answer is none of its protocol")
