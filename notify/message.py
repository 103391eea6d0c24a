"""What is sent: plain values. Their texts stay out of `repr`, so that no log shows them by accident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec

LONGEST_TEXT = 100_000
"""Characters of a text; of HTML five times as many."""
LONGEST_LINE = 250
"""Characters of a subject or title."""
LONGEST_LINK = 1000
"""Characters of a link."""
LARGEST_BADGE = 9999
"""The largest number on an icon."""
LARGEST_SEALED = 2048
"""Bytes of a sealed payload: a push message has room for 4096 of everything."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Nothing that begins markup in a chat: a link is put there between brackets. This computer: a hub that is tried out.
_LINK = re.compile(r"(?:https://|http://localhost(?::[0-9]{1,5})?/)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_BUTTON = re.compile(r"[a-z_]{1,20}")
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Whatever some reader of headers takes for the end of a line (RFC 5322 section 2.2, and str.splitlines).
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What all kinds have in common. Raises ValueError for an id or a language of another form."""

    id: str
    """The sender's own name for it, the same whenever it is sent again: letters, digits, dots and dashes."""
    language: str = "en"
    """BCP 47."""
    expires_at: int | None = None
    """Milliseconds since 1970 UTC: from then on it is not sent any more."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not _ID.fullmatch(self.id):
            raise ValueError("a message's id has 1 to 64 letters, digits, dots and dashes")
        if not _LANGUAGE.fullmatch(self.language):
            raise ValueError("a message's language is a tag as in BCP 47")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail(Message):
    """A letter. Raises ValueError for a subject of several lines, which would begin headers, and for huge texts."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError."""
        # By name: `super()` without arguments does not find the class that slots make anew.
        Message.__post_init__(self)
        _require_line(self.subject, "subject")
        _require_text(self.text, LONGEST_TEXT)
        _require_text(self.html or "", 5 * LONGEST_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortText(Message):
    """A few lines for a phone. SMS has no title; others show it above the text. Raises ValueError as `Mail`."""

    text: str = field(repr=False)
    title: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError."""
        Message.__post_init__(self)
        _require_line(self.title, "title")
        _require_text(self.text, LONGEST_TEXT)


class Urgency(Enum):
    """How soon a phone should show it, in the words of RFC 8030 section 5.3."""

    HIGH = "high"
    """Now, also where a phone saves its battery or its owner is busy."""
    NORMAL = "normal"
    LOW = "low"
    """When the phone is awake anyway."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a notice: it leads to a page, and does nothing else."""

    name: str
    """What it is to the program that shows it: lower-case letters, `_`."""
    title: str = field(repr=False)
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Message):
    """That something waits, with a link to it: what push and chat show. It decides nothing and opens nothing by itself.

    How much the texts may say is the sender's to decide: they are seen on lock screens, and by vendors. Raises
    ValueError as `Mail`, for a link that is not https, a button without a name or a title, and for a sealed payload of
    more than `LARGEST_SEALED` bytes.
    """

    title: str = field(repr=False)
    text: str = field(repr=False)
    link: str = field(repr=False)
    """Where it leads, an https URL, or one of this computer: it holds no secret, as vendors read it."""
    reference: str
    """What it is about, in the sender's own words; of the form of an id."""
    collapse_key: str
    """A later notice takes the place of an earlier one with the same key. Of the form of an id."""
    category: str = "approval"
    """Which sort it is, for an app that shows buttons by it. Of the form of an id."""
    urgency: Urgency = Urgency.HIGH
    sealed: bytes | None = field(default=None, repr=False)
    """For the receiving app alone, encrypted by the sender: no channel looks into it. Chat leaves it out."""
    buttons: tuple[Button, ...] = ()
    """What is offered beside opening it, most important first: some show two of them, chat none. Native apps offer
    their own, by the category."""
    woken: bool = False
    """Whether its app is handed it before it is shown, and shows it by itself: it fetches what these texts do not say.
    For native apps; chats and browsers show it as it is."""
    badge: int | None = None
    """How many things wait for the person, for the number on the app's icon; None leaves it as it is."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        Message.__post_init__(self)
        _require_line(self.title, "title")
        if not self.title.strip():
            raise ValueError("a notice has a title: some show nothing else")
        _require_text(self.text, LONGEST_TEXT)
        for word in (self.reference, self.collapse_key, self.category):
            if not _ID.fullmatch(word):
                raise ValueError("reference, collapse key and category have 1 to 64 letters, digits, dots and dashes")
        for button in self.buttons:
            if not _BUTTON.fullmatch(button.name) or not button.title.strip():
                raise ValueError("a button has a name of lower-case letters, and a title")
            _require_line(button.title, "button's title")
        for link in (self.link, *(button.link for button in self.buttons)):
            if len(link) > LONGEST_LINK or not _LINK.fullmatch(link):
                raise ValueError(
                    f"a link is https://… or this computer's, of at most {LONGEST_LINK} printable letters of ASCII"
                )
        if self.sealed is not None and len(self.sealed) > LARGEST_SEALED:
            raise ValueError(f"a sealed payload has at most {LARGEST_SEALED} bytes")
        if self.badge is not None and not 0 <= self.badge <= LARGEST_BADGE:
            raise ValueError(f"a badge is a number from 0 to {LARGEST_BADGE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Message):
    """What happened, for another program. Raises ValueError for a type of another form, and for data that are no JSON.

    The body is the same bytes however often it is sent: it has no time but that of the event.
    """

    type: str
    """Lower-case words with dots between them: `escalation.approved`."""
    happened_at: int
    """Milliseconds since 1970 UTC."""
    data: Mapping[str, Any] = field(repr=False)
    """JSON values."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        Message.__post_init__(self)
        if len(self.type) > LONGEST_LINE or not _TYPE.fullmatch(self.type):
            raise ValueError("an event's type is lower-case words with dots between them")
        try:
            self.body()
        except (TypeError, ValueError, OverflowError, OSError, RecursionError):
            raise ValueError("an event's time and data are no JSON") from None

    def body(self) -> bytes:
        """The JSON object of Standard Webhooks: type, timestamp, data."""
        return msgspec.json.encode({"type": self.type, "timestamp": self._timestamp(), "data": self.data})

    def _timestamp(self) -> str:
        at = datetime.fromtimestamp(self.happened_at // 1000, UTC).replace(microsecond=self.happened_at % 1000 * 1000)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLeashEvent(Event):
    """The same as programs of OpenLeash agents take it."""

    agent_id: str
    """The hub's id of the agent that the event is for."""

    def body(self) -> bytes:
        """The JSON object of OpenLeash: event_type, timestamp, agent_principal_id, data."""
        told = {"event_type": self.type, "timestamp": self._timestamp()}
        return msgspec.json.encode({**told, "agent_principal_id": self.agent_id, "data": self.data})


def _require_line(line: str, what: str) -> None:
    if len(line) > LONGEST_LINE or _CONTROL.search(line):
        raise ValueError(f"a {what} is one line of at most {LONGEST_LINE} characters")
    _require_text(line, LONGEST_LINE)


def _require_text(text: str, most: int) -> None:
    if len(text) > most:
        raise ValueError(f"the text has more than {most} characters")
    if "\x00" in text or _SURROGATE.search(text):
        raise ValueError("the text holds what is no character")
