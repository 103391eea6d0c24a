"""Whether an id_token proves what was asked: who signed it, for whom, about which step-up, how, and how recently.

OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 for what goes wrong with JWTs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from hmac import compare_digest
from typing import Any

from identity.errors import OtherIntent, Refused, TooWeak
from identity.jwks import Jwks, Key, UnknownKey
from identity.jws import BadJws, Jws, b64u, json_object, read
from identity.jws import verify as verify_signature
from identity.oidc_settings import TENANT, OidcSettings
from identity.oidc_token import LONGEST_TOKEN, Tokens

LARGEST_TIME = 1 << 40
"""Seconds; later than that is no time but an attempt at overflow."""
LONGEST_SUBJECT = 255
"""Characters (Core 1.0, section 2)."""
TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must be about. Times are milliseconds since 1970 UTC."""

    nonce: str
    code: str
    began_at: int
    now: int
    algorithms: tuple[str, ...]
    acr: tuple[str, ...] = ()
    """Values of `acr` that will do; empty: any, or none."""


@dataclass(frozen=True, slots=True)
class IdToken:
    """A verified id_token."""

    issuer: str
    subject: str
    at: int
    """When the person proved themselves, or else when the token was made: milliseconds since 1970 UTC."""
    auth_time: int | None
    """Seconds since 1970 UTC; None where the provider does not tell."""
    acr: str | None
    key: Key
    claims: Mapping[str, Any] = field(repr=False)


async def verify(tokens: Tokens, jwks: Jwks, settings: OidcSettings, expected: Expected) -> IdToken:
    """Verify an id_token. Raises Refused, OtherIntent, TooWeak; NotProven where the keys cannot be fetched."""
    try:
        jws = read(tokens.id_token, largest=LONGEST_TOKEN)
        key = await _verified_by(jws, jwks, expected.algorithms)
        claims = json_object(jws.payload)
    except BadJws as error:
        raise Refused(f"the id_token does not verify: {error}") from None
    except UnknownKey:
        raise Refused("the id_token is signed by a key that the identity provider does not publish") from None
    issuer = _issuer(claims, settings)
    if key.issuer is not None and key.issuer not in (issuer, settings.issuer):
        raise Refused("the id_token is signed by a key for another issuer")
    _require_for_us(claims, settings)
    _require_times(claims, settings, expected)
    _require_nonce(claims, expected)
    _require_hash(claims, "at_hash", tokens.access_token, jws.alg)
    _require_hash(claims, "c_hash", expected.code, jws.alg)
    auth_time = _fresh(claims, settings, expected)
    _require_claims(claims, settings)
    return IdToken(
        issuer=issuer,
        subject=_subject(claims),
        at=1000 * (_time(claims, "iat") if auth_time is None else auth_time),
        auth_time=auth_time,
        acr=_acr(claims, expected),
        key=key,
        claims=claims,
    )


async def _verified_by(jws: Jws, jwks: Jwks, algorithms: tuple[str, ...]) -> Key:
    """The issuer's key that the token is signed with. The token's own `alg` only picks one of those allowed."""
    if jws.alg not in algorithms:
        raise BadJws("it is signed in a way that is not allowed")
    kind = jws.header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() != "jwt":
        # An access token (`at+jwt`) or a logout token of the same issuer is no id_token (RFC 8725, 3.11).
        raise BadJws("it is another kind of token")
    key_id = jws.header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise BadJws("its kid is none")
    key = await jwks.key(key_id, jws.alg)
    verify_signature(jws, key.public, alg=jws.alg)
    return key


def _issuer(claims: Mapping[str, Any], settings: OidcSettings) -> str:
    """The settings' issuer; for Microsoft's many tenants, that of a tenant that the settings name."""
    issuer = settings.issuer
    if TENANT in issuer:
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or not TENANT_ID.fullmatch(tenant) or tenant not in settings.tenants:
            raise Refused("the id_token is of a tenant that the settings do not name")
        issuer = issuer.replace(TENANT, tenant)
    if claims.get("iss") != issuer and not (settings.bare_issuer and claims.get("iss") == issuer.partition("://")[2]):
        raise Refused("the id_token is of another issuer")
    return issuer


def _require_for_us(claims: Mapping[str, Any], settings: OidcSettings) -> None:
    """For the hub and for nobody else: among others, one of them could have replayed it."""
    audience = claims.get("aud")
    if audience not in (settings.client_id, [settings.client_id]):
        raise Refused("the id_token is for another audience")
    if claims.get("azp", settings.client_id) != settings.client_id:
        raise Refused("the id_token was issued to another client")


def _require_times(claims: Mapping[str, Any], settings: OidcSettings, expected: Expected) -> None:
    now, skew = expected.now // 1000, settings.skew
    if now >= _time(claims, "exp") + skew:
        raise Refused("the id_token has expired")
    if _time(claims, "iat") > now + skew:
        raise Refused("the id_token is from the future")
    if "nbf" in claims and _time(claims, "nbf") > now + skew:
        raise Refused("the id_token is not valid yet")
    if _time(claims, "iat") < expected.began_at // 1000 - skew:
        raise Refused("the id_token is older than the step-up")


def _require_nonce(claims: Mapping[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(errors="replace"), expected.nonce.encode()):
        raise OtherIntent("the id_token was given for another step-up")


def _require_hash(claims: Mapping[str, Any], name: str, of: str | None, alg: str) -> None:
    """Core 1.0, section 3.1.3.6: the left half of the hash that the algorithm uses; Ed25519 uses SHA-512."""
    if name not in claims or of is None:
        return
    digest = (sha512 if alg == "EdDSA" else sha256)(of.encode()).digest()
    told = claims[name]
    if not isinstance(told, str) or not compare_digest(
        told.encode(errors="replace"), b64u(digest[: len(digest) // 2]).encode()
    ):
        raise Refused(f"the id_token belongs to another answer ({name})")


def _fresh(claims: Mapping[str, Any], settings: OidcSettings, expected: Expected) -> int | None:
    """When the person proved themselves: after the step-up began. Raises TooWeak."""
    if "auth_time" not in claims:
        if settings.freshness == "auth_time":
            raise TooWeak("the identity provider does not tell when the person signed in", hint="auth_time")
        return None
    at = _time(claims, "auth_time")
    if at < expected.began_at // 1000 - settings.skew:
        raise TooWeak("the person signed in before the step-up began, not for it", hint="auth_time")
    if at > expected.now // 1000 + settings.skew:
        raise Refused("the id_token is from the future")
    return at


def _require_claims(claims: Mapping[str, Any], settings: OidcSettings) -> None:
    for name, values in settings.required_claims.items():
        # By type too: in Python true is 1, and a claim that is 1 is not true.
        if not any(type(claims.get(name)) is type(value) and claims[name] == value for value in values):
            raise TooWeak(f"the id_token's {name} is none of those that the settings accept", hint="claim")


def _acr(claims: Mapping[str, Any], expected: Expected) -> str | None:
    acr = claims.get("acr")
    if not isinstance(acr, str) or len(acr) > LONGEST_SUBJECT or not acr.isprintable():
        acr = None
    if expected.acr and acr not in expected.acr:
        raise TooWeak("the person signed in less strongly than was asked for", hint="acr")
    return acr


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Refused("the id_token names nobody")
    return subject


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST_TIME:
        raise Refused(f"the id_token's {name} is no time")
    return int(value)
