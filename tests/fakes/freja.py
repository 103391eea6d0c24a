"""A Freja for tests and for trying the hub out: its Signature Service over mutual TLS, and people with phones.

Nothing of it reaches Freja. People scan what a page shows, or are asked by name; then they `approve` or `decline`.
"""

from __future__ import annotations

import json
import secrets
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from identity.jws import b64, b64u, sign
from tests.fakes.mutual_tls import rsa_key, self_signed
from tests.fakes.vendor_server import VendorServer

if TYPE_CHECKING:
    from identity.jws import PrivateKey

PARAMETERS = {
    "initSignature": "initSignRequest",
    "getOneResult": "getOneSignResultRequest",
    "cancel": "cancelSignRequest",
}
REQUIRED = {"userInfoType", "userInfo", "dataToSignType", "dataToSign", "signatureType"}
KNOWN = REQUIRED | {
    "minRegistrationLevel",
    "title",
    "pushNotification",
    "expiry",
    "attributesToReturn",
    "userConfirmationMethod",
}
LEVELS = ("BASIC", "EXTENDED", "PLUS")
TWO_MINUTES = 120_000
ENDED = ("APPROVED", "CANCELED", "RP_CANCELED", "REJECTED", "EXPIRED")


@dataclass(frozen=True)
class Person:
    """Somebody with Freja on their phone."""

    ssn: str
    user_id: str
    """Freja's name of them for this relying party."""
    level: str = "PLUS"
    country: str = "SE"


@dataclass
class Signature:
    """One signature that was asked for."""

    reference: str
    asked: dict[str, Any]
    status: str = "STARTED"
    person: Person | None = None
    details: str | None = None


class Rejected(Exception):
    """What Freja answers with 422."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FakeFreja(VendorServer):
    """Freja's server, and the people that it knows."""

    def __init__(self, tls: ssl.SSLContext, clock: Callable[[], int]) -> None:
        """`clock`: milliseconds since 1970 UTC."""
        super().__init__(tls)
        self.people: list[Person] = []
        self.signatures: dict[str, Signature] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuses: Callable[[], web.Response] | None = None
        """What makes the answer to every call while it is set."""
        self.signer: tuple[PrivateKey, Certificate] = (rsa_key("freja"), freja_certificate())
        self._clock = clock

    @property
    def newest(self) -> Signature:
        """What was asked for last."""
        return list(self.signatures.values())[-1]

    def scan(self, link: str, person: Person) -> Signature:
        """Somebody opens a link, or scans a QR code that holds it."""
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc) == ("frejaeid", "bindUserToTransaction")
        signature = self.signatures[parse_qs(parts.query)["transactionReference"][0]]
        assert signature.person in (None, person), "it is for somebody else"
        signature.person, signature.status = person, "DELIVERED_TO_MOBILE"
        return signature

    def approve(self, signature: Signature, **bent: Any) -> None:
        """Whoever opened it signs. `bent` replaces what is signed: `words`, members of the result, `header`, `alg`."""
        assert signature.person is not None, "nobody has opened it"
        key, certificate = bent.pop("signer", self.signer)
        header = bent.pop("header", {"x5t": thumbprint(certificate)})
        words = bent.pop("words", dict(signature.asked["dataToSign"]))
        alg = bent.pop("alg", "RS256")
        result = self._result(signature, words) | bent
        signature.details = sign(header, result, key, alg=alg)
        signature.status = "APPROVED"

    def end(self, signature: Signature, status: str) -> None:
        """The person, the time or Freja ends it."""
        signature.status = status

    async def answer(self, request: web.Request) -> web.Response:
        if self.refuses is not None:
            return self.refuses()
        method = request.path.removeprefix("/sign/1.0/")
        parameter, _, value = (await request.text()).partition("=")
        if request.method != "POST" or PARAMETERS.get(method) != parameter:
            return web.Response(status=404)
        if request.headers["Content-Type"] != "application/json":
            return web.Response(status=415)
        text = b64decode(value, validate=True).decode()
        if "\\u" in text:
            return _error(1010)
        body = json.loads(text)
        self.calls.append((method, body))
        try:
            return self._do(method, body)
        except Rejected as error:
            return _error(error.code)

    def throttled(self) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "7"})

    def refusal(self) -> web.Response:
        return _error(1008)

    def _do(self, method: str, body: dict[str, Any]) -> web.Response:
        if method == "initSignature":
            signature = self._start(body)
            return web.json_response({"signRef": signature.reference})
        found = self.signatures.get(body["signRef"])
        if found is None:
            raise Rejected(1100)
        if method == "cancel":
            if found.status in ENDED:
                raise Rejected(1100)
            found.status = "RP_CANCELED"
            return web.Response(status=204)
        told = {"signRef": found.reference, "status": found.status}
        return web.json_response(told if found.details is None else {**told, "details": found.details})

    def _start(self, body: dict[str, Any]) -> Signature:
        if not REQUIRED <= set(body) <= KNOWN:
            raise Rejected(1000)
        if (body["dataToSignType"], body["signatureType"]) != ("EXTENDED_UTF8_TEXT", "EXTENDED"):
            raise Rejected(3002)
        text = b64decode(body["dataToSign"]["text"], validate=True).decode()
        if not text or len(text) > 4096 or not b64decode(body["dataToSign"]["binaryData"], validate=True):
            raise Rejected(3001)
        if body["expiry"] < self._clock() + TWO_MINUTES:
            raise Rejected(3003)
        signature = Signature(secrets.token_urlsafe(32), body, person=self._named(body))
        self.signatures[signature.reference] = signature
        return signature

    def _named(self, body: dict[str, Any]) -> Person | None:
        if body["userInfoType"] == "INFERRED":
            return None
        user = json.loads(b64decode(body["userInfo"], validate=True))
        found = [one for one in self.people if (one.country, one.ssn) == (user["country"], user["ssn"])]
        if not found or LEVELS.index(found[0].level) < LEVELS.index(body["minRegistrationLevel"]):
            raise Rejected(1012)
        return found[0]

    def _result(self, signature: Signature, words: Any) -> dict[str, Any]:
        """The payload of `details`."""
        person = signature.person
        assert person is not None
        attributes: dict[str, Any] = {
            "SSN": ("ssn", {"ssn": person.ssn, "country": person.country}),
            "RELYING_PARTY_USER_ID": ("relyingPartyUserId", person.user_id),
            "REGISTRATION_LEVEL": ("registrationLevel", person.level),
        }
        wanted = [attributes[one["attribute"]] for one in signature.asked["attributesToReturn"]]
        return {
            "signRef": signature.reference,
            "status": "APPROVED",
            "userInfoType": signature.asked["userInfoType"],
            "userInfo": signature.asked["userInfo"],
            "minRegistrationLevel": signature.asked["minRegistrationLevel"],
            "timestamp": self._clock(),
            "signatureType": "EXTENDED",
            "signatureData": {
                "userSignature": sign({"kid": "a phone"}, words, rsa_key("a phone"), alg="RS256"),
                "certificateStatus": b64(b"an OCSP response"),
            },
            "requestedAttributes": dict(wanted),
        }


def freja_certificate(name: str = "freja", **changes: Any) -> Certificate:
    """What Freja publishes for the key of that name."""
    return self_signed("Freja eID results", rsa_key(name), **changes)


def thumbprint(certificate: Certificate) -> str:
    """`x5t` (RFC 7515, 4.1.7)."""
    return b64u(sha1(certificate.public_bytes(Encoding.DER)).digest())


def _error(code: int) -> web.Response:
    # Freja quotes what it was sent: nothing of this may get into a log.
    return web.json_response({"code": code, "message": f"secret-of-freja {code}"}, status=422)
