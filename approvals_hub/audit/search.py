"""Searches the sealed log, page by page."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.audit import store
from approvals_hub.audit.filter import Filter
from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Database, Tx

MOST = 500


class Shown(msgspec.Struct, frozen=True):
    """An entry and its place in the log; `entry` is its exact text."""

    index: int
    entry: msgspec.Raw


class Found(msgspec.Struct, frozen=True):
    """A page of entries; `next` is the cursor of the page after it, None at the end."""

    items: list[Shown]
    next: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """Finds entries. What was written within the last second may not be sealed yet, and is not found."""

    db: Database

    async def find(
        self, org_id: str, wanted: Filter, *, cursor: str | None = None, limit: int = 100, newest_first: bool = True
    ) -> Found:
        """At most `limit` (1 to 500) entries after the cursor. Raises Invalid for a limit or cursor that is none."""
        if not 1 <= limit <= MOST:
            raise Invalid("limit_invalid", f"limit is 1 to {MOST}", next_step="Ask for fewer.", field="$.limit")
        place = _place(cursor)

        async def read(tx: Tx) -> list[tuple[int, bytes]]:
            size = (await store.head(tx, org_id)).size
            first, end = 0, size
            if place is not None:
                first, end = (0, min(size, place)) if newest_first else (place + 1, size)
            return await store.page(tx, org_id, wanted, first, end, limit + 1, newest_first=newest_first)

        found = await self.db.read(read, org=org_id)
        shown = [Shown(index, msgspec.Raw(body)) for index, body in found[:limit]]
        return Found(shown, str(shown[-1].index) if len(found) > limit else None)


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
        raise Invalid(
            "cursor_invalid",
            "this is no cursor of the log",
            next_step="Take the cursor from the page before.",
            field="$.cursor",
        )
    return int(cursor)
