"""A channel from outside: push over a server of ntfy (https://docs.ntfy.sh/publish/#publish-as-json).

The smallest complete example: one module that needs nothing but `notify` and msgspec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, permanent
from notify.discreet import Discreet
from notify.exchange import Answer, Request, ask, refused, require_url
from notify.message import Notice, Urgency
from notify.registry import Given, read
from notify.sending import Attempt, Sender

if TYPE_CHECKING:
    from aiohttp import ClientSession

PRIORITIES = {Urgency.HIGH: 5, Urgency.NORMAL: 3, Urgency.LOW: 2}
LARGEST = 4096
"""Bytes: of what is larger ntfy makes an attachment."""
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class NtfySettings(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    not_printed = ("token",)

    base_url: str
    token: Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,200}\Z")]

    def __post_init__(self) -> None:
        """Raises ValueError."""
        require_url(self.base_url)


class Ntfy(Sender[Notice]):
    """The channel `ntfy`; an address is a topic, which whoever knows it can read. The server reads everything."""

    name = "ntfy"
    takes = Notice

    def __init__(
        self, settings: NtfySettings, *, session: ClientSession, clock: Callable[[], int], time_limit: float
    ) -> None:
        super().__init__(clock=clock, time_limit=time_limit)
        self._settings = settings
        self._session = session

    def masked(self, address: str) -> str:
        """Its first two letters: `an…`."""
        return f"{address[:2]}…" if _TOPIC.fullmatch(address) else "…"

    async def _send(self, address: str, message: Notice, attempt: Attempt) -> Delivery:
        if not _TOPIC.fullmatch(address):
            return AddressGone("the address is no topic")
        told = {"topic": address, "title": message.title, "message": message.text, "click": message.link}
        body = msgspec.json.encode({**told, "priority": PRIORITIES[message.urgency]})
        if len(body) > LARGEST:
            return permanent(f"a message has room for {LARGEST} bytes")
        headers = {"Authorization": f"Bearer {self._settings.token}", "Content-Type": "application/json"}
        answer = await ask(self._session, Request("POST", self._settings.base_url, headers, body), attempt)
        return self._judged(answer) if isinstance(answer, Answer) else answer

    def _judged(self, answer: Answer) -> Delivery:
        told = answer.json()
        id_ = told.get("id") if isinstance(told, dict) else None
        if answer.status == 200:
            if isinstance(id_, str) and _ID.fullmatch(id_):
                return Delivered(id_)
            return TryLater(AFTER, "it answers 200 with none of ntfy's answers", perhaps_sent=True)
        if answer.status == 429 or answer.status >= 500:
            return TryLater(answer.retry_after(now=self._clock()), f"it answers {answer.status}")
        return refused(answer.status) or permanent(f"it refuses the message with {answer.status}")


def make(settings: Mapping[str, Any], given: Given) -> Ntfy:
    """What the entry point names. Raises BadSettings for what `NtfySettings` does not allow."""
    found = read(settings, NtfySettings)
    return Ntfy(found, session=given.session, clock=given.clock, time_limit=given.time_limit)
