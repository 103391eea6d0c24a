"""Makes id_tokens and has them verified, for the tests of their claims."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from identity.jwks import Jwks
from identity.oidc_id_token import Expected, IdToken, verify
from identity.oidc_settings import OidcSettings
from identity.oidc_token import Tokens
from tests.fakes.openid_keys import SigningKey, signing_key

NOW = 1_789_000_000
ISSUER = "https://id.example.se"
EXPECTED = Expected(
    nonce="a-nonce",
    code="a-code",
    began_at=(NOW - 30) * 1000,
    now=NOW * 1000,
    algorithms=("EdDSA", "ES256", "PS256", "RS256"),
)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "anna",
    "aud": "hub",
    "iat": NOW,
    "exp": NOW + 300,
    "auth_time": NOW - 5,
    "nonce": "a-nonce",
    "acr": "strong",
}
ONE = signing_key("one")


def settings_of(**changes: Any) -> OidcSettings:
    return msgspec.convert({"issuer": ISSUER, "client_id": "hub", "client_secret": "s", **changes}, OidcSettings)


def keys_of(*entries: dict[str, Any]) -> Jwks:
    async def fetch() -> bytes:
        return json.dumps({"keys": list(entries)}).encode()

    return Jwks(fetch, lambda: NOW * 1000)


async def read(
    expected: Expected = EXPECTED,
    settings: OidcSettings | None = None,
    key: SigningKey = ONE,
    access: str | None = "an-access-token",
    header: dict[str, Any] | None = None,
    published: dict[str, Any] | None = None,
    **changes: Any,
) -> IdToken:
    """Verify a token with these claims changed; `...` takes one away."""
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    token = key.signed(claims, **(header or {}))
    return await verify(Tokens(token, access), keys_of(published or key.jwk()), settings or settings_of(), expected)
