"""An OpenID provider for tests and for trying the hub out: discovery, authorization, token and keys, over HTTP.

Whoever is `signed_in` is sent back at once. Its knobs make it misbehave: by default it does all that the standards ask.
"""

from __future__ import annotations

import hmac
import secrets
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlencode

from aiohttp import web

from identity.jws import b64u, json_object, read, verify
from tests.fakes.openid_keys import SigningKey, signing_key
from tests.fakes.vendor_server import VendorServer

if TYPE_CHECKING:
    from identity.jws import PublicKey

CLIENT, SECRET = "hub:client", "a secret + of the hub/100%"
REQUIRED = ("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")


@dataclass
class Knobs:
    """How it misbehaves."""

    claims: dict[str, Any] = field(default_factory=dict)
    """What replaces claims of an id_token; None takes one away."""
    token: Callable[[dict[str, Any]], str] | None = None
    """What makes the id_token of its claims, instead of the newest key."""
    header: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    """What replaces members of the description; None takes one away."""
    documents: dict[str, Callable[[], web.Response]] = field(default_factory=dict)
    """What answers at a path, instead of everything else."""
    returns: dict[str, Any] = field(default_factory=dict)
    """What replaces parameters that the person comes back with; None takes one away."""
    error: str | None = None
    """What it answers to the person's sign-in."""
    checks_pkce: bool = True
    forgets_codes: bool = True
    answer: dict[str, Any] = field(default_factory=dict)
    """What replaces members of a token answer."""


class OpenIdProvider(VendorServer):
    """The provider. Its issuer is its address, unless it is a vendor's (`openid_vendors`)."""

    description_path = "/.well-known/openid-configuration"
    authorize_path = "/authorize"
    token_path = "/token"
    keys_path = "/jwks"
    takes: str | None = None
    """The one member of the form that proves a client here; None: any of the four ways."""

    def __init__(self, clock: Callable[[], int], tls: ssl.SSLContext | None = None) -> None:
        """`clock`: milliseconds since 1970 UTC."""
        super().__init__(tls)
        self.knobs = Knobs()
        self.keys: list[SigningKey] = [signing_key("one")]
        """The newest last: it is signed with."""
        self.signed_in: dict[str, Any] = {"sub": "nobody"}
        self.acr: str | None = "urn:example:strong"
        self.codes: dict[str, dict[str, str]] = {}
        self.client_key: PublicKey | None = None
        """For `private_key_jwt` (PS256, ES256 or EdDSA)."""
        self.sent_here: list[dict[str, str]] = []
        """What people were sent here with."""
        self.redeemed: list[dict[str, str]] = []
        """What came to the token endpoint."""
        self.assertions: set[str] = set()
        self._clock = clock

    @property
    def issuer(self) -> str:
        return self.base_url

    @property
    def discovery(self) -> str:
        return f"{self.base_url}{self.description_path}"

    def now(self) -> int:
        """Seconds since 1970 UTC."""
        return self._clock() // 1000

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.seen]

    async def answer(self, request: web.Request) -> web.Response:
        if own := self.knobs.documents.get(request.path):
            return own()
        match request.method, request.path:
            case "GET", self.description_path:
                return web.json_response(_replaced(self.description(), self.knobs.discovery))
            case "GET", self.keys_path:
                return web.json_response({"keys": self.published()})
            case "GET", self.authorize_path:
                return self._authorize(dict(request.query))
            case "POST", self.token_path:
                form = {name: str(value) for name, value in (await request.post()).items()}
                return self._token(form, request)
        return web.Response(status=404)

    def throttled(self) -> web.Response:
        return web.json_response({"error": "slow_down"}, status=429, headers={"Retry-After": "7"})

    def refusal(self) -> web.Response:
        return _error("invalid_client", 401)

    def rotate(self, name: str, alg: str = "RS256") -> SigningKey:
        """A new key; the old ones are not published any more."""
        self.keys = [signing_key(name, alg)]
        return self.keys[0]

    def description(self) -> dict[str, Any]:
        """Its discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.base_url}{self.authorize_path}",
            "token_endpoint": f"{self.base_url}{self.token_path}",
            "jwks_uri": f"{self.base_url}{self.keys_path}",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
            "authorization_response_iss_parameter_supported": True,
        }

    def published(self) -> list[dict[str, Any]]:
        """The public halves of its keys."""
        return [key.jwk() for key in self.keys]

    def refuses(self, asked: dict[str, str]) -> str | None:
        """Why this vendor shows somebody who was sent here with this an error of its own; None where it does not."""
        return None

    def brings_back(self, asked: dict[str, str]) -> dict[str, str]:
        """What somebody comes back with beside the code."""
        return {"iss": self.issuer}

    def told(self, asked: dict[str, str]) -> dict[str, Any]:
        """The claims of its id_tokens that are this vendor's own; None takes one away."""
        return {} if self.acr is None else {"acr": self.acr}

    def _authorize(self, asked: dict[str, str]) -> web.Response:
        self.sent_here.append(asked)
        missing = [name for name in REQUIRED if not asked.get(name)]
        if missing or asked["client_id"] != CLIENT or asked["code_challenge_method"] != "S256":
            return web.Response(status=400, text=f"missing or wrong: {missing}")
        if (why := self.refuses(asked)) is not None:
            return web.Response(status=400, text=why)
        back: dict[str, Any] = {"state": asked["state"], **self.brings_back(asked)}
        if self.knobs.error is not None:
            back |= {"error": self.knobs.error, "error_description": "secret-of-the-provider"}
        else:
            back["code"] = secrets.token_urlsafe(24)
            person = {name: str(value) for name, value in self.signed_in.items() if name == "sub"}
            self.codes[back["code"]] = {**asked, **person, "auth_time": str(self._clock() // 1000)}
        location = f"{asked['redirect_uri']}?{urlencode(_replaced(back, self.knobs.returns))}"
        return web.Response(status=302, headers={"Location": location})

    def _token(self, form: dict[str, str], request: web.Request) -> web.Response:
        self.redeemed.append(form)
        if not self._is_client(form, request):
            return _error("invalid_client", 401)
        take = self.codes.pop if self.knobs.forgets_codes else self.codes.get
        asked = take(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return _error("invalid_grant")
        challenge = b64u(sha256(form.get("code_verifier", "").encode()).digest())
        if self.knobs.checks_pkce and challenge != asked["code_challenge"]:
            return _error("invalid_grant")
        access = secrets.token_urlsafe(24)
        claims = _replaced(self._claims(asked, access), self.knobs.claims)
        make = self.knobs.token
        id_token = make(claims) if make is not None else self.keys[-1].signed(claims, **self.knobs.header)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}
        return web.json_response(_replaced(answer, self.knobs.answer))

    def _claims(self, asked: dict[str, str], access: str) -> dict[str, Any]:
        now = self.now()
        digest = (sha512 if self.keys[-1].alg == "EdDSA" else sha256)(access.encode()).digest()
        return _replaced(
            {
                **self.signed_in,
                "iss": self.issuer,
                "sub": asked["sub"],
                "aud": CLIENT,
                "iat": now,
                "exp": now + 300,
                "auth_time": int(asked["auth_time"]),
                "nonce": asked["nonce"],
                "at_hash": b64u(digest[: len(digest) // 2]),
            },
            self.told(asked),
        )

    def _is_client(self, form: dict[str, str], request: web.Request) -> bool:
        """Any of the four ways, whichever is used; a vendor may take fewer."""
        if self.takes is not None and self.takes not in form:
            return False
        if "client_assertion" in form:
            return self._is_assertion(form["client_assertion"])
        header = request.headers.get("Authorization", "")
        if header.startswith("Basic "):
            name, _, secret = b64decode(header[6:], validate=True).decode().partition(":")
            return unquote_plus(name) == CLIENT and hmac.compare_digest(unquote_plus(secret), SECRET)
        if "client_secret" in form:
            return form["client_id"] == CLIENT and hmac.compare_digest(form["client_secret"], SECRET)
        transport = request.transport
        assert transport is not None
        return form.get("client_id") == CLIENT and bool(transport.get_extra_info("peercert"))

    def _is_assertion(self, assertion: str) -> bool:
        assert self.client_key is not None
        jws = read(assertion, largest=4096)
        verify(jws, self.client_key, alg=jws.alg)
        claims, now = json_object(jws.payload), self._clock() // 1000
        fresh = claims["jti"] not in self.assertions and claims["iat"] <= now < claims["exp"] <= now + 60
        self.assertions.add(claims["jti"])
        for_us = claims["aud"] in (self.issuer, f"{self.base_url}{self.token_path}")
        return bool(fresh and for_us and claims["iss"] == claims["sub"] == CLIENT)


def _replaced(value: dict[str, Any], by: dict[str, Any]) -> dict[str, Any]:
    """The members with their replacements; None takes one away."""
    return {name: member for name, member in {**value, **by}.items() if member is not None}


def _error(code: str, status: int = 400) -> web.Response:
    return web.json_response({"error": code, "error_description": "secret-of-the-provider"}, status=status)
