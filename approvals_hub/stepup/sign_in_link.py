"""A link by mail that signs somebody in, as a noun. The link alone decides nothing: mail scanners follow links."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Forbidden, Unauthenticated

LIFE: Final = 15 * MINUTE
"""How long a link lives, in milliseconds."""
MOST_TRIES: Final = 5
"""Wrong codes after which a link is worth nothing."""
PERSON_LIMIT: Final = 3
"""Links to one person within the life of one; further ones are asked for and not sent."""
SOURCE_LIMIT: Final = 20
"""Links that one address may ask for within that time."""
EVERYBODY_LIMIT: Final = 1000
"""Links in all within that time."""


@dataclass(frozen=True, slots=True)
class AskedLink:
    """What the page that asked gets, the same for every address: its own secret, and the code that it shows.

    Whoever opens the link elsewhere types the code; in the same browser the page knows the secret.
    """

    secret: str = field(repr=False)
    code: str = field(repr=False)
    expires_at: int


def code_hash(key: bytes, link_id: str, code: str) -> bytes:
    """What is stored of the six digits: they would be guessed at once from a plain hash."""
    return hmac.digest(key, f"{link_id}\0{code}".encode(), "sha256")


def link_url(public_url: str, token: str) -> str:
    """Where the mail leads. The token stands in the fragment, which browsers send to nobody."""
    return f"{public_url}/app/sign-in#link={token}"


def link_invalid() -> Unauthenticated:
    """The one answer for a link that is unknown, used, replaced or too old, and for who may not sign in any more."""
    return Unauthenticated(
        "link_invalid",
        "this link is not valid: it may have been used, or be too old",
        next_step="Ask for a new one.",
        field="$.token",
    )


def code_needed() -> Forbidden:
    """The link is opened elsewhere than it was asked for."""
    return Forbidden(
        "code_needed",
        "this is another browser than the one that asked for the link",
        next_step="Type the six digits that the page shows where you asked for it.",
        field="$.code",
    )


def code_wrong() -> Forbidden:
    """Not the digits of the page that asked."""
    return Forbidden(
        "code_wrong",
        "these are not the digits of the page that asked for the link",
        next_step="Look at that page. If you did not ask for a link, do nothing.",
        field="$.code",
    )
