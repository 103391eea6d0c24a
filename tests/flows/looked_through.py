"""Everything that vendors, the log and the tables hold, as text in which a test looks for what must not be there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from typing import Any

from approvals_hub.hub import Hub
from tests.fakes.trouble import Arrival

REACHING = ("outbox", "tellings", "telling_receipts", "delivery_attempts", "callbacks", "notices", "inbox", "prompts")
"""The tables of what is told to whom."""


def everything(arrived: Iterable[Arrival]) -> str:
    """Every header and every part of what arrived, as its reader sees it: decrypted, and decoded."""
    return "\n".join(f"{vars(each)!r}\n{_parts(each.body)}" for each in arrived)


def _parts(body: Any) -> str:
    """A letter's parts, which do not stand in its `repr`."""
    if not isinstance(body, Message):
        return ""
    texts: list[Any] = [part.get_payload(decode=True) for part in body.walk() if not part.is_multipart()]
    return "\n".join(text.decode() for text in texts)


async def rows_of_reaching(hub: Hub) -> str:
    """What the database holds of what is told, after all of it was."""

    async def work(tx: Any) -> list[str]:
        return [repr([dict(row) for row in await tx.rows(f"SELECT * FROM {table}")]) for table in REACHING]

    return "\n".join(await hub.db.read(work))


def shows(number: str, text: str) -> bool:
    """Whether the number stands in the text by itself, also with spaces or hyphens between its digits.

    Within a longer word or number it is no number to type: an id or a hash spells any six digits now and then.
    """
    digits = "[ \u00a0-]?".join(number)
    return re.search(rf"(?<![0-9A-Za-z]){digits}(?![0-9A-Za-z])", text) is not None
