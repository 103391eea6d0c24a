"""Messages with ids of their own, and addresses that somebody hostile has typed."""

from __future__ import annotations

from itertools import count
from typing import Any

from notify.message import Event, Mail, Notice, ShortText
from tests.contracts.channels.stage import START, TEXT

_NUMBERS = count(1)

HOSTILE_MAIL = (
    "",
    "a",
    "@example.se",
    "anna@",
    "anna@example",
    "anna@example.se\r\nBcc: eve@evil.example",
    "anna@example.se\nRCPT TO:<eve@evil.example>",
    "anna@example.se, eve@evil.example",
    "anna@example.se>\r\nDATA",
    "<anna@example.se>",
    '"anna\r\n"@example.se',
    "anna@example.se SIZE=1",
    "anna@[127.0.0.1]",
    "anna@exa mple.se",
    "anna\x00@example.se",
    "anna\u2028@example.se",
    "\ud800@example.se",
    "eve%evil.example@",
    "a" * 65 + "@example.se",
    "anna@" + "a" * 64 + ".se",
    "anna@" + ".".join(["a" * 60] * 5),
)
HOSTILE_NUMBERS = (
    "",
    "+",
    "0701234567",
    "46701234567",
    "+0701234567",
    "+46701234567\r\nX-Evil: 1",
    "+46701234567,+46707654321",
    "+46701234567&to=+46707654321",
    '+46701234567","to":"+46707654321',
    "{text}",
    "+4670123456789012345",
    "+４６７０１２３４５６７",
    "+46 70 123 45 67",
    "+46701234567\n",
    "anna@example.se",
)


def mail(*, text: str = TEXT, **changes: Any) -> Mail:
    """A mail with a new id."""
    members: dict[str, Any] = {"id": f"msg_{next(_NUMBERS)}", "subject": "En kod för Åsa", "text": text, **changes}
    return Mail(**{"html": f"<p>{text}</p>", "language": "sv", "expires_at": START + 300_000, **members})


def short(*, text: str = TEXT, **changes: Any) -> ShortText:
    """A short text with a new id."""
    return ShortText(**{"id": f"msg_{next(_NUMBERS)}", "text": text, "expires_at": START + 300_000, **changes})


def notice(*, text: str = TEXT, **changes: Any) -> Notice:
    """A notice with a new id, about one question."""
    members: dict[str, Any] = {"id": f"msg_{next(_NUMBERS)}", "title": "Robot asks: high risk", "text": text, **changes}
    about = {"link": "https://hub.example.se/app/#/q/esc_1", "reference": "esc_1", "collapse_key": "esc_1"}
    return Notice(**{**about, "language": "sv", "expires_at": START + 300_000, **members})


def event(*, text: str = TEXT, **changes: Any) -> Event:
    """An event with a new id, whose data hold the text."""
    members: dict[str, Any] = {"id": f"msg_{next(_NUMBERS)}", "data": {"text": text}, "happened_at": START - 1}
    return Event(**{**members, "type": "escalation.approved", "expires_at": START + 300_000, **changes})
