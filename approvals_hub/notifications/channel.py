"""A channel of an organisation as it is shown: never with a secret, and with how it does. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.core.errors import Conflict, HubError, NotFound

ORGANISATION: Final = "organisation"
"""Set up by the organisation itself."""
OPERATOR: Final = "operator"
"""Of the settings: shown, and nobody's here to change."""
CHANNELS_LIMIT: Final = 20
"""Channels that an organisation sets up."""
RESERVED: Final = ("mail", "sms")
"""Names that are the settings' alone, whether or not they are used there."""
SPANS: Final = {"hour": HOUR, "day": DAY}


class Rate(msgspec.Struct, frozen=True):
    """How many messages were tried lately, and how many of them failed; an address that is gone is no failure."""

    attempts: int = 0
    failed: int = 0


class LastError(msgspec.Struct, frozen=True):
    """The last attempt that failed, in the provider's words as far as they are known."""

    at: int
    status: str
    said: str | None


class Health(msgspec.Struct, frozen=True):
    """How a channel does in this organisation."""

    last_success_at: int | None = None
    last_error: LastError | None = None
    not_ready: LastError | None = None
    """What was in the way when the hub last tried it without sending; only of the operator's."""
    hour: Rate = Rate()
    day: Rate = Rate()
    left_alone_until: int | None = None
    """Until when at least one process sends nothing over it, or over one host of it."""

    refuses_everybody: bool = False
    """Whether the provider has refused the addresses of all who have one there, since it last took something: then it
    is the settings, and no address that somebody made up."""

    def works(self) -> bool:
        """Whether nothing says that it does not. What was never tried counts as working."""
        error = self.last_error
        refused = error is not None and error.status == "settings" and error.at >= (self.last_success_at or 0)
        not_ready = self.not_ready is not None and self.not_ready.at >= (self.last_success_at or 0)
        return not (refused or self.refuses_everybody or not_ready) and self.left_alone_until is None


class ShownChannel(msgspec.Struct, frozen=True, kw_only=True):
    """One channel. What is the operator's own business is None."""

    name: str
    source: str
    kind: str
    takes: str
    settings: dict[str, Any] | None = None
    """Without secrets."""
    has_secret: bool = False
    fingerprint: str | None = None
    """Tells one secret from another, and nothing else."""
    rotated_at: int | None = None
    recipient: str | None = None
    """Where a room is told, masked."""
    public_key: str | None = None
    language: str | None = None
    version: int | None = None
    changed_at: int | None = None
    changed_by: str | None = None
    used_by: list[str]
    health: Health = Health()


def unknown() -> HubError:
    """There is no such channel."""
    return NotFound("channel_unknown", "there is no such channel", next_step="List the channels.")


def refuse_operators() -> HubError:
    """It is not the organisation's to change."""
    return Conflict(
        "channel_of_operator",
        "a channel of this name stands in the hub's settings",
        next_step="Choose another name; whoever runs the hub changes its settings.",
        field="$.name",
    )


def said_of_operators(status: str, said: str | None) -> str | None:
    """What an organisation hears of a provider's words about a channel of the settings: nothing of what only whoever
    runs the hub can mend, as a certificate's name or an account would tell where the channel leads."""
    return None if status in ("settings", "refused") else said
