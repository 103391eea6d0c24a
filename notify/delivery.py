"""What became of a message. Plain values; their texts are for a log and name no person, address, message or secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

AFTER = 30.0
"""Seconds to wait where nobody said how long."""
LONGEST_AFTER = 24 * 3600.0
"""The most seconds that a provider's wish to wait is believed."""


class Cause(Enum):
    """Who can do something about a failure."""

    PERMANENT = "permanent"
    """Nobody: this message, as it is, will never be taken."""
    SETTINGS = "settings"
    """An operator: the provider refuses us, and every other message too."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The provider has taken the message. That somebody read it, or that their phone was on, is not said."""

    id: str | None = None
    """The provider's own name for the message, where it told one."""


@dataclass(frozen=True, slots=True)
class AddressGone:
    """The address takes no messages, now or later: it does not exist, was closed, or its owner opted out."""

    why: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """The message was not taken, as far as is known; trying again helps."""

    after: float
    """Seconds to wait before that, as the provider said, else `AFTER`."""
    why: str
    perhaps_sent: bool = False
    """The connection ended when the message was on its way: it may arrive twice if it is sent again."""
    of_address: bool = False
    """It may be this address alone that gets too much: others may be taken meanwhile."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The message was not taken, and sending it again as it is does not help."""

    cause: Cause
    why: str
    of_address: bool = False
    """With `SETTINGS`: the provider refuses this address under our settings, and may take others. Whoever named the
    address may have made it up, so it says nothing of the channel by itself."""


Delivery = Delivered | AddressGone | TryLater | Failed
"""The result of every `send`."""


def waiting(seconds: float) -> float:
    """A provider's wish to wait as `TryLater.after`: never below one second, never beyond `LONGEST_AFTER`."""
    return min(max(seconds, 1.0), LONGEST_AFTER)


def bad_settings(why: str) -> Failed:
    """A failure that an operator has to look at."""
    return Failed(Cause.SETTINGS, why)


def bad_address_here(why: str) -> Failed:
    """A failure of this address under our settings: either of them is wrong, and no address is forgotten for it."""
    return Failed(Cause.SETTINGS, why, of_address=True)


def permanent(why: str) -> Failed:
    """A failure of this very message."""
    return Failed(Cause.PERMANENT, why)
