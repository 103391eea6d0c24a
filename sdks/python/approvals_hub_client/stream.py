"""All questions of an agent on one socket: every change once it is known, also those of while the line was down."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import aiohttp

from approvals_hub_client.canonical import CanonicalError, dumps, loads
from approvals_hub_client.errors import BadAnswer, NotAuthorised, Refused, Unreachable
from approvals_hub_client.question import Question
from approvals_hub_client.transport import FIRST_PAUSE, LONGEST_PAUSE, Transport, pause_of

PATH: Final = "/v1/agent/stream"
SILENCE: Final = 40.0
"""Seconds without a word after which the line is taken for dead; the hub says something every 15."""
RESUME_BYTES: Final = 60_000
"""The hub reads first messages of 64 KiB."""
RESUME_VERSIONS: Final = 5_000
REMEMBERED: Final = 50_000
"""Ended questions whose versions are kept; older ones may be told again after a lost connection."""


@dataclass(frozen=True, slots=True)
class Change:
    """One question of this agent in its new state, as the hub tells it."""

    escalation_id: str
    status: str
    version: int
    view: dict[str, Any] = field(repr=False)
    """The hub's whole answer."""

    def of(self, question: Question, agent_id: str = "") -> Question:
        """The question in this state. Raises BadAnswer unless the change is about this very action."""
        return Question.read(self.view, question.action, agent_id or str(question.view.get("agent_id", "")))

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will come: it ended, and no token waits."""
        return self.status != "open" and self.view.get("token_state") != "ready"


class Known:
    """The version that was told of each question: of those that may still change all, of settled ones the latest."""

    def __init__(self, versions: Mapping[str, int]) -> None:
        """Begin with what another process knew."""
        self.unsettled: dict[str, int] = dict(versions)
        self.settled: OrderedDict[str, int] = OrderedDict()

    def is_news(self, change: Change) -> bool:
        """Whether it is newer than what was told; from then on it was told."""
        name = change.escalation_id
        if change.version <= max(self.unsettled.get(name, 0), self.settled.get(name, 0)):
            return False
        self.unsettled.pop(name, None)
        self.settled.pop(name, None)
        if change.is_settled:
            self.settled[name] = change.version
            if len(self.settled) > REMEMBERED:
                self.settled.popitem(last=False)
        else:
            self.unsettled[name] = change.version
        return True

    def resume(self) -> bytes:
        """The first message: as many versions as fit, settled ones of long ago left out first.

        What is left out comes again and is no news.
        """
        versions: dict[str, int] = {}
        left = RESUME_BYTES
        for name, version in [*self.unsettled.items(), *reversed(self.settled.items())]:
            left -= len(name) + len(str(version)) + len('"":,')
            if left < 0 or len(versions) == RESUME_VERSIONS:
                break
            versions[name] = version
        return dumps({"type": "resume", "versions": versions})


@dataclass(slots=True)
class Stream:
    """One agent's changes, for one reader; connects again whenever the line is lost."""

    transport: Transport
    agent_id: str
    known: Known
    within: float | None = None
    """Seconds without a hub to bear; None: for ever."""
    silence: float = SILENCE
    _pause: float = FIRST_PAUSE
    _heard: float = field(default_factory=monotonic)

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Every change, oldest first. Raises NotAuthorised for a revoked agent, Refused, Unreachable, BadAnswer."""
        self._heard = monotonic()
        while True:
            failure: Refused | Unreachable
            try:
                async with self.transport.socket(PATH) as socket, aclosing(self._read(socket)) as changes:
                    async for change in changes:
                        yield change
                failure = Unreachable(f"{self.transport.hub} closed the stream")
                if socket.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION:
                    failure = await self._why(failure)
            except NotAuthorised as error:
                failure = await self._why(error)
            except Unreachable as error:
                if not error.retryable:
                    raise
                failure = error
            except Refused as error:
                if not error.retryable:
                    raise
                failure = error
            await self._rest(failure)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncGenerator[Change, None]:
        """What is told on one connection, until it is lost."""
        while True:
            try:
                message = await socket.receive(timeout=self.silence)
            except (TimeoutError, aiohttp.ClientError, OSError):
                return
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            self._heard = monotonic()
            said = _said(message.data)
            if said.get("type") == "hello":
                await socket.send_str(self.known.resume().decode())
                continue
            self._pause = FIRST_PAUSE
            if said.get("type") == "escalation":
                change = _change(said.get("escalation"), self.agent_id)
                if self.known.is_news(change):
                    yield change

    async def _why(self, failure: Refused | Unreachable) -> Refused | Unreachable:
        """Ask with an ordinary call why the socket was closed or refused. Raises NotAuthorised with the hub's words."""
        try:
            await self.transport.call("GET", "/v1/agent", within=5.0)
        except NotAuthorised:
            raise
        except (Refused, Unreachable) as error:
            return error
        return failure

    async def _rest(self, failure: Refused | Unreachable) -> None:
        """Wait before the next try. Raises the failure when the hub was silent for too long."""
        rest = pause_of(failure, self._pause)
        if self.within is not None and monotonic() + rest - self._heard > self.within:
            raise failure
        await asyncio.sleep(rest)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


def _said(text: str) -> dict[str, Any]:
    try:
        said = loads(text.encode())
    except CanonicalError as error:
        raise BadAnswer(f"the stream says what is no strict JSON: {error}") from None
    if not isinstance(said, dict):
        raise BadAnswer("the stream says what is no JSON object")
    return said


def _change(view: Any, agent_id: str) -> Change:
    try:
        change = Change(view["escalation_id"], view["status"], view["version"], dict(view))
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"the stream tells of what is no escalation: {error}") from None
    if [type(one) for one in (change.escalation_id, change.status, change.version)] != [str, str, int]:
        raise BadAnswer("the stream tells of what is no escalation")
    if view.get("agent_id") != agent_id:
        raise BadAnswer("the stream tells of another agent's escalation")
    return change
