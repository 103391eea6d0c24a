"""A push service and the browser behind it: RFC 8030 on the wire, VAPID checked with another library, bodies opened.

The browser's half is written from RFC 8291 and RFC 8188 alone; nothing of the sender's code is in it.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

WAIT = 23
"""Seconds that it asks for when it throttles."""


def encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """One subscription, and the private key that opens what is sent to it."""

    def __init__(self, endpoint: str, key: ec.EllipticCurvePrivateKey, auth: bytes) -> None:
        self.endpoint = endpoint
        self.key = key
        self.auth = auth

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def subscription(self) -> str:
        """As `JSON.stringify` gives it in a browser."""
        keys = {"p256dh": encoded(self.public), "auth": encoded(self.auth)}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys}, separators=(",", ":"))

    def opened(self, body: bytes) -> bytes:
        """The plain text of a message. Raises for what it was not encrypted for."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        assert 17 <= len(body) - 21 - length <= size
        theirs = body[21 : 21 + length]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        secret = HKDF(hashes.SHA256(), 32, self.auth, b"WebPush: info\0" + self.public + theirs).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        plain = AESGCM(key).decrypt(nonce, body[21 + length :], None).rstrip(b"\0")
        assert plain.endswith(b"\x02"), "the record does not say that it is the last"
        return plain[:-1]


class PushService(VendorServer):
    """Takes messages for the browsers that subscribed here, from one sender."""

    success = 201

    def __init__(self, authority: Authority, sender: str, *, now: int) -> None:
        """`sender`: the application server key, base64url; `now`: milliseconds since 1970."""
        super().__init__(authority.server("127.0.0.1"))
        self.browsers: dict[str, Browser] = {}
        self._sender = sender
        self._now = now

    @property
    def host(self) -> str:
        """As settings name it."""
        return self.base_url.removeprefix("https://")

    def subscribe(self, name: str) -> Browser:
        """A browser; without being kept, one whose subscription has ended."""
        return Browser(f"{self.base_url}/push/{name}", ec.generate_private_key(ec.SECP256R1()), name.encode().ljust(16))

    def keep_browser(self, browser: Browser) -> None:
        self.browsers[browser.endpoint] = browser

    async def answer(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            return web.Response(status=405)
        wrong = self._fault(request)
        if wrong is not None:
            return web.Response(status=wrong[0], text=wrong[1])
        browser = self.browsers.get(f"{self.base_url}{request.path}")
        if browser is None:
            return web.Response(status=410, text="push subscription has unsubscribed or expired.")
        body = await request.read()
        if len(body) > 4096:
            return web.Response(status=413)
        told = json.loads(browser.opened(body))
        shown = told["notification"]
        arrival = Arrival(browser.subscription, shown["body"], shown["data"]["id"], dict(request.headers), told)
        self.keep(arrival)
        return web.Response(status=201, headers={"Location": f"{self.base_url}/m/0:{len(self.arrived)}%5641"})

    def throttled(self) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        text = "the VAPID credentials in the authorization header do not correspond to the subscription."
        return web.Response(status=403, text=text)

    def _fault(self, request: web.Request) -> tuple[int, str] | None:
        headers = request.headers
        if not self._knows(headers.get("Authorization", "")):
            return 403, "invalid VAPID"
        if headers.get("Content-Encoding") != "aes128gcm":
            return 400, "Content-Encoding"
        if not re.fullmatch(r"[0-9]+", headers.get("TTL", "")):
            return 400, "TTL"
        if headers.get("Urgency", "normal") not in ("very-low", "low", "normal", "high"):
            return 400, "Urgency"
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", headers.get("Topic", "x")):
            return 400, "Topic"
        return None

    def _knows(self, authorization: str) -> bool:
        found = re.fullmatch(r"vapid t=([^,\s]+), k=([^,\s]+)", authorization)
        if found is None or found[2] != self._sender:
            return False
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(found[2]))
        # The clock of a test stands still somewhere; the times are looked at below.
        options: Any = {"verify_exp": False}
        claims = jwt.decode(found[1], point, algorithms=["ES256"], audience=self.base_url, options=options)
        return 0 < claims["exp"] - self._now / 1000 <= 24 * 3600 and claims["sub"].startswith(("mailto:", "https:"))
