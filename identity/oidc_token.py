"""The token endpoint: a code for an id_token (OpenID Connect Core 1.0, 3.1.3), and how the hub proves itself."""

from __future__ import annotations

import re
import secrets
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from identity.errors import Misconfigured, NotProven, ProviderDown, Refused
from identity.jws import sign
from identity.oidc_discovery import Provider
from identity.oidc_reach import Reach
from identity.oidc_request import Sent
from identity.oidc_settings import OidcSettings, private_key
from identity.vendor_http import Answer, call

LARGEST_ANSWER = 256 * 1024
LONGEST_TOKEN = 64 * 1024
"""Characters of an id_token; with many groups in it, it has some thousands."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 60
"""Seconds that one of the hub's own assertions is good for."""
WORD = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was worth. Nothing of it is verified yet."""

    id_token: str = field(repr=False)
    access_token: str | None = field(repr=False)


class TokenEndpoint:
    """Redeems codes of one provider."""

    def __init__(self, settings: OidcSettings, reach: Reach, tls: ssl.SSLContext | None) -> None:
        """`tls`: the hub's certificate for `tls_client_auth`, else None. Raises Misconfigured for an unusable key."""
        self._settings = settings
        self._reach = reach
        self._tls = tls
        self._key = private_key(settings) if settings.client_auth == "private_key_jwt" else None
        if settings.client_auth == "tls_client_auth" and tls is None:
            raise Misconfigured("tls_client_auth needs the hub's certificate for the identity provider")

    async def redeem(self, provider: Provider, sent: Sent, code: str, *, now: int) -> Tokens:
        """What the code is worth; a code is worth it once. `now`: milliseconds.

        Raises Refused where it is worth nothing, ProviderDown, Misconfigured.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": sent.redirect_uri,
            "code_verifier": sent.verifier,
        }
        headers, own = self._credentials(provider, now)
        answer = await call(
            self._reach.session_for(provider.token_endpoint),
            "POST",
            provider.token_endpoint,
            vendor="the identity provider",
            largest=LARGEST_ANSWER,
            tls=self._tls,
            headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
            data=urlencode({**form, **own}).encode(),
        )
        return tokens_in(answer)

    def _credentials(self, provider: Provider, now: int) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Headers and members of the form that prove who the hub is."""
        settings = self._settings
        match settings.client_auth:
            case "client_secret_basic":
                # RFC 6749, 2.3.1: both are form-encoded before they are put together.
                pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret or '')}"
                return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}, {}
            case "client_secret_post":
                return {}, {"client_id": settings.client_id, "client_secret": settings.client_secret or ""}
            case "private_key_jwt":
                assertion = self._assertion(provider, now)
                own = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
                return {}, {"client_id": settings.client_id, **own}
        return {}, {"client_id": settings.client_id}

    def _assertion(self, provider: Provider, now: int) -> str:
        """Who the hub is, signed (RFC 7523), for this provider alone and for a minute."""
        assert self._key is not None
        settings, (key, alg) = self._settings, self._key
        of_issuer = settings.assertion_audience == "issuer"
        claims = {
            "iss": settings.client_id,
            "sub": settings.client_id,
            "aud": settings.issuer if of_issuer else provider.token_endpoint,
            "jti": secrets.token_urlsafe(24),
            "iat": now // 1000,
            "exp": now // 1000 + ASSERTION_LIFE,
        }
        header = {"typ": "JWT", **({} if settings.key_id is None else {"kid": settings.key_id})}
        return sign(header, claims, key, alg=alg)


def tokens_in(answer: Answer) -> Tokens:
    """The tokens of an answer. Raises Refused, ProviderDown, Misconfigured."""
    value = answer.object()
    if answer.status != 200:
        raise _refusal(answer, value)
    if value is None or not answer.is_json:
        raise ProviderDown("the identity provider's answer is not JSON")
    id_token, access_token = value.get("id_token"), value.get("access_token")
    if not isinstance(id_token, str) or len(id_token) > LONGEST_TOKEN:
        raise ProviderDown("the identity provider's answer holds no id_token")
    return Tokens(id_token, access_token if isinstance(access_token, str) else None)


def error_in(value: Mapping[str, Any] | None) -> str:
    """The `error` of an answer (RFC 6749, section 5.2), or an empty text. Its description is never quoted."""
    error = value.get("error") if value is not None else None
    return error if isinstance(error, str) and WORD.fullmatch(error) else ""


def _refusal(answer: Answer, value: Mapping[str, Any] | None) -> NotProven:
    error = error_in(value)
    told = f"the identity provider answered {answer.status} {error}".rstrip()
    if answer.status in (408, 429) or answer.status >= 500:
        return ProviderDown(told, retry_after=answer.retry_after)
    if error == "invalid_grant":
        # Used already, expired, another client's, or PKCE's verifier is none for it: an injected code ends here.
        return Refused("the identity provider does not take the code", hint=error)
    return Misconfigured(f"{told}: client_id, secret or key are wrong", hint=error or None)
