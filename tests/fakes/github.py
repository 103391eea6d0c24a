"""GitHub's OAuth web flow and the two pages of its interface that tell who signed in, over HTTP."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from identity.jws import b64u
from tests.fakes.vendor_server import VendorServer

CLIENT, SECRET = "Iv1.hub", "secret-of-the-hub"


class FakeGitHub(VendorServer):
    """Whoever is `signed_in` is sent back at once. Errors of the token page come with status 200, as GitHub's do."""

    def __init__(self) -> None:
        super().__init__()
        self.signed_in: dict[str, Any] = {}
        self.addresses: Any = []
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.error: str | None = None
        """What the token page says while it is set."""
        self.bent: dict[str, Any] = {}
        """What replaces members of a token answer."""
        self.status = 200
        """What the interface's pages answer with."""

    async def answer(self, request: web.Request) -> web.Response:
        match request.method, request.path:
            case "GET", "/login/oauth/authorize":
                return self._authorize(dict(request.query))
            case "POST", "/login/oauth/access_token":
                return self._token({name: str(value) for name, value in (await request.post()).items()})
            case "GET", "/user":
                return self._page(request, self.signed_in)
            case "GET", "/user/emails":
                return self._page(request, self.addresses)
        return web.Response(status=404)

    def throttled(self) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "7"})

    def refusal(self) -> web.Response:
        return web.json_response({"error": "incorrect_client_credentials"})

    def _authorize(self, asked: dict[str, str]) -> web.Response:
        code = secrets.token_hex(10)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{back}"})

    def _token(self, form: dict[str, str]) -> web.Response:
        if self.error is not None:
            return web.json_response({"error": self.error, "error_description": "secret-of-github"})
        asked = self.codes.pop(form["code"], None)
        if (form["client_id"], form["client_secret"]) != (CLIENT, SECRET):
            return web.json_response({"error": "incorrect_client_credentials"})
        challenge = b64u(sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != challenge:
            return web.json_response({"error": "bad_verification_code"})
        token = f"gho_{secrets.token_hex(18)}"
        self.tokens.add(token)
        return web.json_response({"access_token": token, "token_type": "bearer", "scope": asked["scope"], **self.bent})

    def _page(self, request: web.Request, value: Any) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.json_response({"message": "Requires authentication"}, status=401)
        return web.json_response(value, status=self.status)
