"""Contacts as nouns: where a person is told, and what of it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.core.clock import DAY

REPLACED = "replaced"
"""The device has another address, or another person's device has this one now."""
REMOVED = "removed"
"""The person took it away, or lost what it came from."""
GONE = "gone"
"""Whoever delivers there says that it takes nothing any more."""

STALE_AFTER = 30 * DAY
"""How long nothing was heard of a device whose address is shown as one that may not work any more, in milliseconds. The
page says at every opening that it still has it, so this is a device that nobody looked at for as long; browsers drop
subscriptions of pages that nobody opens, some in silence."""

LANGUAGES = ("en", "sv")
"""In which people are told; any other is English."""


@dataclass(frozen=True, slots=True)
class Known:
    """An address that a person proved to be theirs. `source` is other text for every other address."""

    source: str
    channel: str
    address: str = field(repr=False)


def heard_at(registered_at: int, last_used_at: int | None) -> int:
    """When a device last named its address, or used its key, in milliseconds."""
    return max(registered_at, last_used_at or 0)


def is_stale(registered_at: int, last_used_at: int | None, now: int) -> bool:
    """Whether nothing was heard of a device for `STALE_AFTER`."""
    return now - heard_at(registered_at, last_used_at) >= STALE_AFTER


def language_of(tag: str | None) -> str:
    """The language of `LANGUAGES` that a tag of BCP 47 asks for."""
    word = (tag or "").partition("-")[0].lower()
    return word if word in LANGUAGES else LANGUAGES[0]
