"""OpenID providers that people know by name, each with its own ways: its issuer and paths, what it refuses, what it
brings back, and what its id_tokens say and leave out.

As their documentation has it: docs.idura.app/verify (Criipto), developer.signicat.com/docs/eid-hub,
developers.google.com/identity/openid-connect, learn.microsoft.com/entra/identity-platform/id-token-claims-reference.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from aiohttp import web

from tests.fakes.openid_provider import CLIENT, OpenIdProvider
from tests.fakes.vendor_server import VendorServer

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
STRANGE_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""Microsoft's own tenant, in which all its consumers are."""


class Criipto(OpenIdProvider):
    """A broker that names the eID in `acr`, more exactly than it was asked."""

    authorize_path = "/oauth2/authorize"
    token_path = "/oauth2/token"
    keys_path = "/.well-known/jwks"
    used = "same-device"
    """How the person used the eID."""
    scheme = "urn:grn:authn:se:bankid"
    """Which eID they used."""

    def description(self) -> dict[str, Any]:
        return {
            **super().description(),
            "id_token_signing_alg_values_supported": ["RS256"],
            "acr_values_supported": [self.scheme, f"{self.scheme}:same-device", f"{self.scheme}:qr"],
            "authorization_response_iss_parameter_supported": None,
        }

    def refuses(self, asked: dict[str, str]) -> str | None:
        """Only with one eID named does it take a message for the eID's app."""
        one = len(asked.get("acr_values", "").split()) == 1
        return None if one or "login_hint" not in asked else "acr_quirk"

    def brings_back(self, asked: dict[str, str]) -> dict[str, str]:
        return {}

    def told(self, asked: dict[str, str]) -> dict[str, Any]:
        return {
            "acr": f"{self.scheme}:{self.used}",
            "authenticationtype": f"{self.scheme}:{self.used}",
            "identityscheme": "sebankid",
            "nameidentifier": str(self.signed_in["sub"]).strip("{}").replace("-", ""),
            "country": "SE",
            "email": None,
            "email_verified": None,
        }

    def message(self) -> str:
        """The words that the eID's app showed to whoever was sent here last."""
        hint = self.sent_here[-1]["login_hint"]
        assert hint.startswith("message:")
        return b64decode(hint.removeprefix("message:")).decode()


class Signicat(OpenIdProvider):
    """A broker that names the eID in `idp`, and neither a level nor a way that anybody else knows."""

    description_path = "/auth/open/.well-known/openid-configuration"
    authorize_path = "/auth/open/connect/authorize"
    token_path = "/auth/open/connect/token"
    keys_path = "/auth/open/.well-known/openid-configuration/jwks"
    idp: str | None = None
    """The eID that the person took; None: the one that was asked for."""

    @property
    def issuer(self) -> str:
        return f"{self.base_url}/auth/open"

    def brings_back(self, asked: dict[str, str]) -> dict[str, str]:
        return {"iss": self.issuer, "scope": asked["scope"], "session_state": "C6q.Zq"}

    def told(self, asked: dict[str, str]) -> dict[str, Any]:
        return {
            "idp": self.idp or asked["acr_values"].removeprefix("idp:"),
            "amr": ["external"],
            "nbf": self.now(),
            "sid": "6D1B",
            "email": None,
            "email_verified": None,
        }


class Google(OpenIdProvider):
    """Accounts that anybody can have. Who belongs to a customer's domain has it in `hd`; nobody has groups."""

    authorize_path = "/o/oauth2/v2/auth"
    token_path = "/token"
    keys_path = "/oauth2/v3/certs"
    takes = "client_secret"
    bare = False
    """Whether its id_tokens name it without the scheme, as they did before there was a standard."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.apis = Elsewhere(self)

    async def open(self) -> None:
        await super().open()
        await self.apis.open()

    async def close(self) -> None:
        await self.apis.close()
        await super().close()

    def description(self) -> dict[str, Any]:
        return {
            **super().description(),
            "token_endpoint": f"{self.apis.base_url}{self.token_path}",
            "jwks_uri": f"{self.apis.base_url}{self.keys_path}",
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": None,
        }

    def refuses(self, asked: dict[str, str]) -> str | None:
        known = set(asked["prompt"].split()) <= {"none", "consent", "select_account"}
        return None if known else "Error 400: invalid_request (prompt)"

    def brings_back(self, asked: dict[str, str]) -> dict[str, str]:
        domain = self.signed_in.get("hd")
        return {"scope": asked["scope"], "authuser": "0", "prompt": "none", **({"hd": domain} if domain else {})}

    def told(self, asked: dict[str, str]) -> dict[str, Any]:
        issuer = self.issuer.partition("://")[2] if self.bare else self.issuer
        return {"iss": issuer, "azp": CLIENT, "auth_time": None, "groups": None}


class Elsewhere(VendorServer):
    """Another host of the same vendor, which answers what its first one does."""

    def __init__(self, first: VendorServer) -> None:
        super().__init__()
        self._first = first

    async def answer(self, request: web.Request) -> web.Response:
        return await self._first.answer(request)

    def throttled(self) -> web.Response:
        return self._first.throttled()

    def refusal(self) -> web.Response:
        return self._first.refusal()


class Microsoft(OpenIdProvider):
    """One description for all its customers, with a template for an issuer; tokens name the tenant."""

    description_path = "/organizations/v2.0/.well-known/openid-configuration"
    authorize_path = "/organizations/oauth2/v2.0/authorize"
    token_path = "/organizations/oauth2/v2.0/token"
    keys_path = "/organizations/discovery/v2.0/keys"
    takes = "client_secret"
    most_groups = 200
    """With more it puts none into a token, and says where they could be asked for."""

    @property
    def issuer(self) -> str:
        return f"{self.base_url}/{{tenantid}}/v2.0"

    def description(self) -> dict[str, Any]:
        return {
            **super().description(),
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": None,
            "authorization_response_iss_parameter_supported": None,
        }

    def published(self) -> list[dict[str, Any]]:
        """Each names the tenants whose tokens it signs; none says with which algorithm."""
        keys = [{**key, "issuer": self.issuer} for key in super().published()]
        return [{name: member for name, member in key.items() if name != "alg"} for key in keys]

    def brings_back(self, asked: dict[str, str]) -> dict[str, str]:
        return {"session_state": "00000000-2bd4-4b8c-a2f4-7f0b8a5c1f10"}

    def told(self, asked: dict[str, str]) -> dict[str, Any]:
        person = self.signed_in
        groups = person.get("groups", [])
        over = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}}
        return {
            "iss": self.issuer.replace("{tenantid}", person["tid"]),
            "ver": "2.0",
            "oid": f"oid-of-{person['sub']}",
            "preferred_username": person["email"],
            "nbf": self.now(),
            "auth_time": None,
            "at_hash": None,
            "email_verified": None,
            **({"groups": None, **over} if len(groups) > self.most_groups else {}),
        }
