"""What chats have in common: a message over an incoming webhook, whose URL is its only secret.

A chat tells, and decides nothing: its message has texts and one link, no button that answers, and nobody is mentioned.
Texts are put where the chat takes them as they are; no markup, mention or link in them becomes one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from notify.channel import TIME_LIMIT
from notify.delivery import AddressGone, Delivery, TryLater, permanent
from notify.exchange import Answer, Request, ask
from notify.host_list import HostList
from notify.message import Notice
from notify.sending import Attempt, Sender

if TYPE_CHECKING:
    from aiohttp import ClientSession

THROTTLED = 60.0
"""Seconds to wait where a 429 does not say how long."""


class Chat(Sender[Notice]):
    """The frame of a chat's channel; an address is the webhook's URL, at one of the hosts of the settings."""

    takes = Notice
    longest: int
    """Characters of a text."""

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(clock=clock, time_limit=time_limit)
        self._hosts = HostList(hosts)
        self._session = session

    def masked(self, address: str) -> str:
        """The host and four letters: `hooks.slack.com…x9Qk`."""
        origin = self._hosts.origin(address)
        return "…" if origin is None else f"{origin.removeprefix('https://')}…{address[-4:]}"

    @abstractmethod
    def _message(self, notice: Notice, host: str) -> dict[str, Any]:
        """The JSON body. `host` is the link's: what its reader is shown of it."""

    @abstractmethod
    def _judged(self, answer: Answer) -> Delivery: ...

    async def _send(self, address: str, message: Notice, attempt: Attempt) -> Delivery:
        if self._hosts.origin(address) is None:
            return AddressGone("the address is no webhook at a host of the settings: see hosts")
        if len(message.text) > self.longest:
            return permanent(f"a text has room for {self.longest} characters")
        body = msgspec.json.encode(self._message(message, urlsplit(message.link).hostname or ""))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = await ask(self._session, Request("POST", address, headers, body, exact=True), attempt)
        return self._judged(answer) if isinstance(answer, Answer) else answer

    def _later(self, answer: Answer) -> TryLater | None:
        """What both say when trying again helps."""
        if answer.status == 429:
            return TryLater(answer.retry_after(now=self._clock(), default=THROTTLED), "too many messages")
        if answer.status >= 500:
            return TryLater(answer.retry_after(now=self._clock()), f"the chat fails with {answer.status}")
        return None
