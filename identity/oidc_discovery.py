"""A provider's own description (OpenID Connect Discovery 1.0), fetched, checked, and kept for an hour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from identity.errors import Misconfigured, ProviderDown
from identity.jws import BadJws, json_object
from identity.oidc_reach import Reach
from identity.oidc_settings import OidcSettings
from identity.vendor_http import Answer, call, is_safe_url

LARGEST_DOCUMENT = 256 * 1024
"""Bytes of a discovery document, and of a key set."""
FRESH_FOR = 60 * 60 * 1000
"""Milliseconds that the description is used for."""
OURS = frozenset(
    (
        *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge"),
        *("code_challenge_method", "prompt", "max_age", "acr_values", "login_hint", "ui_locales", "claims"),
        *("request", "request_uri"),
    )
)
"""Parameters that an authorization endpoint's own query may not set: the first of two would win at some providers."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What is used of the description."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    """What its id_tokens may be signed with: the settings' algorithms that it says it has."""
    sends_iss: bool
    """Whether it names itself when the person comes back (RFC 9207): then a missing name is an attack."""


class Discovery:
    """Fetches and keeps the description of one provider."""

    def __init__(self, settings: OidcSettings, reach: Reach, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._reach = reach
        self._clock = clock
        self._provider: Provider | None = None
        self._fetched_at = 0
        self._fetching = asyncio.Lock()

    async def provider(self) -> Provider:
        """The description, not older than an hour. Raises ProviderDown, Misconfigured."""
        async with self._fetching:
            if self._provider is not None and 0 <= self._clock() - self._fetched_at < FRESH_FOR:
                return self._provider
            octets = await self._get(self._settings.discovery_url)
            self._provider, self._fetched_at = described(octets, self._settings), self._clock()
            return self._provider

    async def keys(self) -> bytes:
        """Fetch the provider's key set, as bytes. Raises ProviderDown, Misconfigured."""
        return await self._get((await self.provider()).jwks_uri)

    async def _get(self, url: str) -> bytes:
        session = self._reach.session_for(url)
        answer = await call(session, "GET", url, vendor="the identity provider", largest=LARGEST_DOCUMENT)
        require_json(answer)
        return answer.octets


def require_json(answer: Answer) -> None:
    """Raises ProviderDown or Misconfigured unless the answer is 200 and says that it is JSON."""
    if answer.status in (408, 429) or answer.status >= 500:
        raise ProviderDown(f"the identity provider answered {answer.status}", retry_after=answer.retry_after)
    if answer.status != 200:
        raise Misconfigured(f"the identity provider answered {answer.status}: its address in the settings is wrong")
    if not answer.is_json:
        raise ProviderDown("the identity provider's answer is not JSON")


def described(octets: bytes, settings: OidcSettings) -> Provider:
    """Read a discovery document. Raises ProviderDown where it is none, Misconfigured where it does not fit.

    The issuer must be the one in the settings, to the letter (section 4.3): a document of somebody else, served from
    here, would make the hub take their tokens for this provider's.
    """
    try:
        document = json_object(octets)
    except BadJws:
        raise ProviderDown("the identity provider's description is no JSON object") from None
    if document.get("issuer") != settings.issuer:
        raise Misconfigured("the identity provider's description is of another issuer than the settings say")
    token_endpoint = _endpoint(document, "token_endpoint")
    if settings.client_auth == "tls_client_auth":
        # RFC 8705, section 5: the address that asks for certificates may be another one.
        aliases = document.get("mtls_endpoint_aliases")
        if isinstance(aliases, dict) and "token_endpoint" in aliases:
            token_endpoint = _endpoint(aliases, "token_endpoint")
    _require(document, "response_types_supported", "code")
    _require(document, "code_challenge_methods_supported", "S256")
    return Provider(
        authorization_endpoint=_authorization_endpoint(document),
        token_endpoint=token_endpoint,
        jwks_uri=_endpoint(document, "jwks_uri"),
        algorithms=_algorithms(document, settings),
        sends_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _authorization_endpoint(document: Mapping[str, Any]) -> str:
    url = _endpoint(document, "authorization_endpoint")
    if any(name in OURS for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)):
        raise Misconfigured("the identity provider's authorization_endpoint sets a parameter that is the hub's to set")
    return url


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not is_safe_url(url):
        raise Misconfigured(f"the identity provider's {name} is no https address")
    return url


def _require(document: Mapping[str, Any], name: str, needed: str) -> None:
    """Raises Misconfigured where a list is there and lacks the value; some providers leave lists out."""
    values = document.get(name)
    if isinstance(values, list) and needed not in values:
        raise Misconfigured(f"the identity provider's {name} lacks {needed}")


def _algorithms(document: Mapping[str, Any], settings: OidcSettings) -> tuple[str, ...]:
    told = document.get("id_token_signing_alg_values_supported")
    # Section 3: RS256 must be there, so it is what a silent provider has.
    offered = told if isinstance(told, list) else ["RS256"]
    found = tuple(alg for alg in settings.algorithms if alg in offered)
    if not found:
        raise Misconfigured("the identity provider signs with no algorithm that the settings allow")
    return found
