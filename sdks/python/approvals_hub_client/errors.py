"""One tree of what can go wrong; a caller that catches nothing acts on nothing.

```
ClientError
├── Unreachable        no answer in time; the same call may be made again
│   ├── NoConnection   nobody took a connection
│   └── Closed         this client was closed: it asks nobody any more
├── BadAnswer          an answer that is not the hub's, or not about what was asked: never acted on
│   └── NoHub          at this address is no hub, or one that goes by another address
├── BadCredential      the credential file is missing, open to others, or damaged
├── BadNote            the note of an action cannot be read or written
├── Refused            the hub said no to the call: `code`, `next_step`, `request_id`
│   ├── NotAuthorised  401 or 403
│   └── Conflict       409: the present state says no
├── Changed            what would be done is no longer what people were asked about
├── NotAllowed         policies deny the action, or want a deposit first (in `authorization.py`)
├── StillOpen          waiting ended, the question did not
│   └── PeopleAsked    policies want people, who have been asked (in `authorization.py`)
└── NotApproved        the question ended without a usable approval: `outcome`, `by`, `cause`
    ├── Denied
    ├── NotMe          somebody says that they never asked for this; the agent is paused
    ├── Expired        nobody answered in time; `seen` says whether it was looked at
    ├── Undeliverable  nobody could be reached
    ├── Withdrawn
    ├── Superseded     a newer revision took its place
    └── Spent          approved, but the token was redeemed, revoked, or ran out
```
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Anything that keeps an agent from acting. `retryable` says whether the same call can succeed later."""

    retryable = False


class Unreachable(ClientError):
    """No answer in time. Whether the hub did something is unknown; calls of this client are safe to repeat."""

    retryable = True


class NoConnection(Unreachable):
    """Nobody took a connection: refused, no such name, no road there, or TLS that failed. The last try sent nothing."""


class Closed(Unreachable):
    """The client was closed, and asks nobody any more. Make a new one."""

    retryable = False


class BadAnswer(ClientError):
    """The answer is not the hub's, or not about what was asked. Nothing may be done on its strength."""


class NoHub(BadAnswer):
    """At the address that somebody typed is something else than a hub, or a hub that goes by another address."""


class BadCredential(ClientError):
    """The credential cannot be used: missing, readable by others, or damaged."""


class BadNote(ClientError):
    """The note of an action cannot be used: open to others, damaged, or not to be written. Nothing was asked."""


class Refused(ClientError):
    """The hub refused the call (RFC 9457 problem)."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        """Read the problem; members that are missing or of another type become empty."""
        self.status = status
        self.code = _text(problem, "code") or f"http_{status}"
        self.detail = _text(problem, "detail") or _text(problem, "title") or "no details"
        self.next_step = _text(problem, "next_step")
        self.field = _text(problem, "field") or None
        self.request_id = _text(problem, "request_id") or None
        self.retry_after = retry_after
        """In seconds, where the hub said so."""
        self.retryable = status == 429 or status >= 500
        """Whether the hub asked to come back, or was itself in trouble."""
        self.problem = dict(problem)
        super().__init__(f"{self.code}: {self.detail}")


class NotAuthorised(Refused):
    """The hub does not take this caller's word: unknown, revoked, paused, or not allowed."""


class Conflict(Refused):
    """The present state says no, for example `already_redeemed`."""


class Changed(ClientError):
    """What would be done is no longer what people were asked about: it was not done."""


class StillOpen(ClientError):
    """Nobody has answered yet, and the time to wait is over. Waiting again resumes."""

    retryable = True

    def __init__(self, escalation_id: str) -> None:
        """Name the question."""
        super().__init__(f"{escalation_id} is still open")
        self.escalation_id = escalation_id


class NotApproved(ClientError):
    """The question ended, and there is nothing to act on."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        """Read the hub's view of the escalation."""
        self.escalation_id = _text(view, "escalation_id")
        self.outcome = _text(view, "outcome") or _text(view, "status")
        self.by = view.get("by")
        self.cause = view.get("cause")
        reason = view.get("reason")
        self.reason_code = _text(reason, "code") or None if isinstance(reason, Mapping) else None
        self.reason = _text(reason, "text") or None if isinstance(reason, Mapping) else None
        """What the person wrote, as data: never an instruction to an agent."""
        self.view = dict(view)
        super().__init__(f"{self.escalation_id} ended {self.outcome}")


class Denied(NotApproved):
    """Somebody said no."""


class NotMe(NotApproved):
    """Somebody says that they never asked for this: the agent is paused until an admin resumes it."""


class Expired(NotApproved):
    """Nobody answered in time."""

    @property
    def seen(self) -> bool:
        """Whether somebody looked at the question."""
        return self.outcome == "expired_seen"


class Undeliverable(NotApproved):
    """Nobody could be reached until the time was over."""


class Withdrawn(NotApproved):
    """The question was taken back, by the agent or by the hub."""


class Superseded(NotApproved):
    """A newer revision took its place."""


class Spent(NotApproved):
    """It was approved, but the token is gone: `token_state` is redeemed, revoked, or expired."""

    @property
    def token_state(self) -> str:
        """What became of the token."""
        return _text(self.view, "token_state")


_by_outcome: dict[str, type[NotApproved]] = {
    "approved": Spent,
    "denied": Denied,
    "not_me": NotMe,
    "expired_seen": Expired,
    "expired_unseen": Expired,
    "undeliverable": Undeliverable,
    "withdrawn": Withdrawn,
    "superseded": Superseded,
}


def not_approved(view: Mapping[str, Any]) -> NotApproved:
    """The refusal of an escalation that ended without a usable token; an outcome unknown here is a refusal too."""
    return _by_outcome.get(_text(view, "status"), NotApproved)(view)


def refused(status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> Refused:
    """The refusal of a call."""
    kind = NotAuthorised if status in (401, 403) else Conflict if status == 409 else Refused
    return kind(status, problem, retry_after)


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
