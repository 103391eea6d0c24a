"""People as nouns: what may be written about one, and how an invitation's link looks."""

from __future__ import annotations

import re

from approvals_hub.core.clock import DAY, HOUR, MINUTE
from approvals_hub.core.errors import Invalid

ACTIVE = "active"
DISABLED = "disabled"

OPERATOR = "operator"
"""Who invites from the command line: whoever may read the hub's data folder."""

NAME_LIMIT = 100
"""Characters."""
EMAIL_LIMIT = 254
"""Characters (RFC 5321 section 4.5.3.1.3)."""
INVITE_LIFE = 24 * HOUR
"""How long an invitation can be accepted unless its maker says otherwise, in milliseconds."""
INVITE_LIFE_RANGE = (10 * MINUTE, 7 * DAY)
SETUP_LIFE = HOUR
"""How long a set-up link lives, in milliseconds."""

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")


def check_name(name: str, field: str = "$.name") -> str:
    """The name without outer space. Raises Invalid for an empty or long one, or one with control characters."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LIMIT or any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise Invalid(
            "name_invalid",
            f"a name has 1 to {NAME_LIMIT} characters and none that controls a terminal",
            next_step="Send a plain name.",
            field=field,
        )
    return name


def check_email(email: str | None) -> str | None:
    """The address. Raises Invalid unless it has a local part, one @ and a domain."""
    if email is None:
        return None
    if len(email) > EMAIL_LIMIT or not _EMAIL.fullmatch(email):
        raise Invalid("email_invalid", "this is no e-mail address", next_step="Correct it.", field="$.email")
    return email


def check_invite_life(milliseconds: int) -> int:
    """The life of an invitation. Raises Invalid out of its range."""
    shortest, longest = INVITE_LIFE_RANGE
    if not shortest <= milliseconds <= longest:
        raise Invalid(
            "expires_in_out_of_range",
            f"an invitation lives from {shortest // 1000} to {longest // 1000} seconds",
            next_step="Send a value in that range.",
            field="$.expires_in",
        )
    return milliseconds


def enrolment_url(public_url: str, token: str) -> str:
    """The link of an invitation. The token stands in the fragment, which browsers send to nobody."""
    return f"{public_url.rstrip('/')}/app/enrol#{token}"
