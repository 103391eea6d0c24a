"""The way out: where a person is sent to prove themselves, and what must come back with them.

`nonce` is the step-up's own challenge, the hash of what is decided: the provider signs it into the id_token, which so
becomes the evidence of this very decision. `state` and the PKCE verifier (RFC 7636) are new each time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from identity.errors import Malformed, Misconfigured, OtherIntent
from identity.jws import b64, b64u
from identity.oidc_settings import OidcSettings
from identity.proof import Purpose, State, StepUp
from identity.vendor_http import is_safe_url

LONGEST_MESSAGE = 1500
"""Characters of the words in base64; longer ones are left out, as browsers and providers cut long addresses off."""
LANGUAGES = {"sv": "sv en", "en": "en sv"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What is remembered of a person who was sent away. All but the step-up's id is secret."""

    step_up: str
    state: str
    nonce: str
    verifier: str
    """PKCE's: whoever has the code alone gets nothing for it."""
    redirect_uri: str

    @classmethod
    def for_step_up(cls, step_up: StepUp) -> Sent:
        """New secrets for this step-up. Raises Misconfigured where there is no address to come back to."""
        url = step_up.return_url
        if url is None or not is_safe_url(url):
            # Of the hub alone: an address of the client's would be an open door for codes.
            raise Misconfigured("the step-up has no https address to come back to")
        return cls(step_up.id, secrets.token_urlsafe(32), b64u(step_up.challenge), secrets.token_urlsafe(48), url)

    @classmethod
    def of(cls, state: State, step_up: StepUp) -> Sent:
        """What `kept` has kept. Raises OtherIntent for another step-up's, Malformed for what is none."""
        try:
            sent = cls(**state)
        except TypeError:
            raise Malformed("the state is none of this provider") from None
        if sent.step_up != step_up.id or sent.nonce != b64u(step_up.challenge):
            raise OtherIntent("the person was sent away for another step-up")
        return sent

    def kept(self) -> dict[str, Any]:
        """JSON values, for `of`."""
        return asdict(self)

    @property
    def code_challenge(self) -> str:
        """RFC 7636, section 4.2, S256."""
        return b64u(sha256(self.verifier.encode()).digest())


def authorization_url(endpoint: str, settings: OidcSettings, step_up: StepUp, sent: Sent) -> str:
    """Where the person goes (OpenID Connect Core 1.0, 3.1.2.1): to sign in anew, whatever sessions they have."""
    wanted = acr_wanted(settings, step_up)
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": sent.redirect_uri,
        "scope": settings.scope,
        "state": sent.state,
        "nonce": sent.nonce,
        "code_challenge": sent.code_challenge,
        "code_challenge_method": "S256",
        "prompt": settings.prompt,
        "max_age": "0",
        "ui_locales": LANGUAGES.get(step_up.language, "en"),
        **({"acr_values": " ".join(wanted)} if wanted else {}),
        **_hint(settings, step_up),
    }
    return with_query(endpoint, asked)


def acr_wanted(settings: OidcSettings, step_up: StepUp) -> tuple[str, ...]:
    """What is asked for: what the step-up wants, else what the settings say."""
    return step_up.acr_wanted or settings.acr_values


def acr_accepted(settings: OidcSettings, step_up: StepUp) -> tuple[str, ...]:
    """What the answer may be; empty: anything. A wish of the step-up is never widened by the settings."""
    return step_up.acr_wanted or settings.acr_accepted or (() if settings.required_claims else settings.acr_values)


def with_query(endpoint: str, asked: Mapping[str, str]) -> str:
    """The endpoint with these parameters after those that it has already."""
    parts = urlsplit(endpoint)
    query = "&".join(part for part in (parts.query, urlencode(asked)) if part)
    return urlunsplit(parts._replace(query=query))


def _hint(settings: OidcSettings, step_up: StepUp) -> dict[str, str]:
    if not settings.message_hint or step_up.purpose is not Purpose.DECISION:
        return {}
    message = b64(step_up.visible.encode(errors="replace"))
    # Nothing is cut off: half a sentence in the app would be worse than the page's own words alone.
    return {"login_hint": f"message:{message}"} if len(message) <= LONGEST_MESSAGE else {}
