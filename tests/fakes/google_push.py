"""Google's token endpoint and FCM's HTTP v1 on this machine: what they check, and what they answer with."""

from __future__ import annotations

import functools
import json
import re
import warnings
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

PROJECT = "acme-hub"
EMAIL = "hub@acme-hub.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
WAIT = 37
LIFETIME = 3600

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@functools.cache
def account_key() -> tuple[rsa.RSAPrivateKey, str]:
    """The account's key, and the same as PEM. Reading it checks it: seven times longer with 2048 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def service_account(base_url: str, **changes: Any) -> str:
    """A key file's text, as the console of Google gives it."""
    told = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "0123456789abcdef",
        "private_key": account_key()[1],
        "client_email": EMAIL,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": f"{base_url}/token",
        "universe_domain": "googleapis.com",
        **changes,
    }
    return json.dumps(told)


def claims_of(assertion: str) -> dict[str, Any]:
    """What the account says, by its signature. Times are not looked at: the clock of a test stands still somewhere."""
    options: Any = {"verify_exp": False, "verify_iat": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        return dict(jwt.decode(assertion, account_key()[0].public_key(), ["RS256"], options, audience=AUDIENCE))


def said(status: int, word: str, code: str | None = None, message: str = "", **more: Any) -> web.Response:
    """An error in Google's form: `word` of all its interfaces, `code` of FCM."""
    details = more.pop("details", [])
    details = details if code is None else [{"@type": FCM_ERROR, "errorCode": code}, *details]
    error = {"code": status, "message": message or word, "status": word, "details": details}
    return web.json_response({"error": error}, status=status, **more)


class GooglePush(VendorServer):
    """Takes messages for the devices in `devices`."""

    def __init__(self, *, now: int) -> None:
        """`now`: milliseconds since 1970."""
        super().__init__()
        self.devices: dict[str, str] = {}
        """A device's fid or token → what `Arrival.to` says."""
        self.tokens: list[str] = []
        """Access tokens that were given out."""
        self.revoked: set[str] = set()
        """Those that are good no more."""
        self.now = now

    async def answer(self, request: web.Request) -> web.Response:
        if (request.method, request.path) == ("POST", "/token"):
            return await self._sign_in(request)
        if (request.method, request.path) != ("POST", f"/v1/projects/{PROJECT}/messages:send"):
            return web.Response(status=404, text="<html>")
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens or token in self.revoked:
            return self.refusal()
        message = json.loads(await request.text())["message"]
        return self._fault(message) or self._take(message, request)

    def throttled(self) -> web.Response:
        return said(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", headers={"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return said(401, "UNAUTHENTICATED")

    def _take(self, message: dict[str, Any], request: web.Request) -> web.Response:
        to = self.devices[message.get("fid") or message["token"]]
        shown, data = message.get("notification"), message["data"]
        text, id_ = data["text"] if shown is None else shown["body"], data["id"]
        self.keep(Arrival(to, text, id_, dict(request.headers), message))
        return web.json_response({"name": f"projects/{PROJECT}/messages/0:{len(self.arrived)}%5641"})

    def _fault(self, message: dict[str, Any]) -> web.Response | None:
        device = message.get("fid") or message.get("token") or ""
        if ("fid" in message) == ("token" in message):
            return said(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Recipient of the message is not set.")
        if device not in self.devices:
            return said(404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found.")
        if not all(isinstance(value, str) for value in message["data"].values()):
            return said(400, "INVALID_ARGUMENT")
        if {"from", "notification", "message_type"} & set(message["data"]):
            return said(400, "INVALID_ARGUMENT")
        android = message["android"]
        if not re.fullmatch(r"[0-9]+s", android["ttl"]) or int(android["ttl"][:-1]) > 28 * 24 * 3600:
            return said(400, "INVALID_ARGUMENT")
        return None if android["priority"] in ("high", "normal") else said(400, "INVALID_ARGUMENT")

    async def _sign_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") != GRANT:
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        try:
            claims = claims_of(str(form["assertion"]))
        except jwt.InvalidTokenError:
            return web.json_response({"error": "invalid_grant", "error_description": "Bad signature"}, status=400)
        seconds = self.now / 1000
        if claims["iss"] != EMAIL or claims["scope"] != SCOPE or not claims["iat"] <= seconds < claims["exp"]:
            return web.json_response({"error": "invalid_grant", "error_description": "Invalid JWT"}, status=400)
        self.tokens.append(f"ya29.{len(self.tokens)}-access-token")
        return web.json_response({"access_token": self.tokens[-1], "expires_in": LIFETIME, "token_type": "Bearer"})
