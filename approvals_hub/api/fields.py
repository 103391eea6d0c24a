"""Types of members that several forms share, with their bounds; the OpenAPI document shows them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from approvals_hub.api.limits import LONGEST_PAGE, PAGE
from approvals_hub.core.clock import to_milliseconds, to_text
from approvals_hub.core.errors import Invalid
from approvals_hub_client.canonical import CanonicalError, unb64u

T = TypeVar("T")

Id = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$(?!\n)")]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[^\\u0000-\\u001f\\u007f-\\u009f]*$(?!\n)")]
"""One line of text without control characters: a NUL would not even fit into PostgreSQL."""
Base64 = Annotated[str, Meta(max_length=200_000, pattern="^[A-Za-z0-9_-]*$(?!\n)")]
"""base64url without padding."""
Token = Annotated[str, Meta(min_length=1, max_length=16_384, pattern="^[!-~]*$(?!\n)")]
Time = Annotated[str, Meta(max_length=40)]
"""RFC 3339 with an offset."""
Cursor = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$(?!\n)")]
Limit = Annotated[int, Meta(ge=1, le=LONGEST_PAGE)]
Seconds = Annotated[int, Meta(ge=0, le=31 * 86_400)]


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a caller sends: a member that is not known is refused."""


class Empty(Form, frozen=True):
    """No members; the body may be left out."""


class PageQuery(Form, frozen=True):
    """A page of a list."""

    limit: Limit = PAGE
    cursor: Cursor | None = None


class Items(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list; `next` is the cursor of the page after it, null at the end."""

    items: list[T]
    next: str | None = None


def page(items: list[T], limit: int, cursor_of: Any) -> Items[T]:
    """The first `limit` of `items`, of which one more was read to see whether there is a next page."""
    more = len(items) > limit
    return Items(items[:limit], cursor_of(items[limit - 1]) if more else None)


def at(milliseconds: int | None) -> str | None:
    """A time for the wire, or null."""
    return None if milliseconds is None else to_text(milliseconds)


def instant(text: str, path: str) -> int:
    """Milliseconds of a time from the wire. Raises Invalid."""
    try:
        return to_milliseconds(text)
    except (ValueError, OverflowError):
        raise Invalid(
            "time_invalid",
            "this is no RFC 3339 time with an offset",
            next_step="Write it like 2026-12-24T08:00:00Z.",
            field=path,
        ) from None


def raw(text: str | None, path: str) -> bytes | None:
    """The bytes of a base64url member. Raises Invalid."""
    if text is None:
        return None
    try:
        return unb64u(text)
    except CanonicalError as error:
        raise Invalid("base64_invalid", str(error), next_step="Send base64url without padding.", field=path) from None
