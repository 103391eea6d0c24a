"""One request as its handler sees it: who calls, what is asked, and the Hub."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiohttp import web

from approvals_hub.agents.agent import AgentCredential
from approvals_hub.api.address import client_address, source_of
from approvals_hub.api.limits import CLAIMS_PER_MINUTE, SOURCES
from approvals_hub.api.pace import Pace
from approvals_hub.api.refusals import Refusals
from approvals_hub.api.served import Served
from approvals_hub.api.waiters import Waiters
from approvals_hub.core.errors import Malformed
from approvals_hub.hub import Hub, PersonCredential
from approvals_hub.people.visit import Visitor

T = TypeVar("T")

COOKIE = "__Host-approvals-hub"
_KEY = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class Api:
    """What all requests share."""

    hub: Hub
    served: Served
    refusals: Refusals
    openings: Pace
    waiters: Waiters = field(default_factory=Waiters)
    claims: Pace = field(default_factory=lambda: Pace(CLAIMS_PER_MINUTE, SOURCES))

    def address(self, request: web.Request) -> str:
        """Where the caller is."""
        return client_address(request, self.served.trusted_proxies)

    def source(self, request: web.Request) -> str:
        """What the caller is counted as before it is known."""
        return source_of(self.address(request))


@dataclass(slots=True)
class Call(Generic[T]):
    """One request. `asked` is the decoded body, or the decoded query of a GET; None where a row asks nothing."""

    api: Api
    request: web.Request
    asked: T
    raw: bytes = field(repr=False)
    who: AgentCredential | PersonCredential | None

    @property
    def hub(self) -> Hub:
        """What to call."""
        return self.api.hub

    @property
    def agent(self) -> AgentCredential:
        """The calling agent, in a row for agents."""
        assert self.who is not None
        assert not isinstance(self.who, PersonCredential)
        return self.who

    @property
    def person(self) -> PersonCredential:
        """The calling person, in a row for people."""
        assert isinstance(self.who, PersonCredential)
        return self.who

    def part(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]

    def idempotency_key(self) -> str:
        """The key that makes a repeat harmless. Raises Malformed without one."""
        key = self.request.headers.get("Idempotency-Key", "")
        if _KEY.fullmatch(key) is None:
            raise Malformed(
                "idempotency_key_missing",
                "this needs an Idempotency-Key of 1 to 128 visible ASCII characters",
                next_step="Make one for each new request, and repeat it when you try again.",
                field="Idempotency-Key",
            )
        return key

    def request_hash(self) -> bytes:
        """What the same key must come with again: SHA-256 over the path and the received body."""
        return hashlib.sha256(self.request.raw_path.encode() + b"\0" + self.raw).digest()

    def visitor(self, client: str | None) -> Visitor:
        """Where a sign-in comes from."""
        return Visitor(
            client or self.request.headers.get("User-Agent", "")[:200] or None, self.api.address(self.request)
        )

    def wants_cookie(self, transport: str | None = None) -> bool:
        """Whether a new session goes into the cookie: as asked, otherwise the way this request came."""
        return transport == "cookie" if transport is not None else COOKIE in self.request.cookies


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with more than a body: headers, a cookie, or a status other than the row's."""

    view: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    session_token: str | None = field(default=None, repr=False)
    """Goes into the session cookie; an empty one deletes it."""
