"""Exit statuses: fixed, documented in docs/reference/exit_codes.md, and 0 for nothing but success."""

from __future__ import annotations

from enum import IntEnum, unique

from approvals_hub_client.errors import (
    BadCredential,
    ClientError,
    Denied,
    Expired,
    NotApproved,
    NotAuthorised,
    NotMe,
    Spent,
    StillOpen,
    Superseded,
    Undeliverable,
    Unreachable,
    Withdrawn,
)


@unique
class Exit(IntEnum):
    """What a script may rely on. `ask` ends with OK only where somebody approved, `authorize` only where
    the action may be done."""

    OK = 0
    """Done; of `ask --wait`: approved; of `authorize`: allowed."""
    ERROR = 1
    """It failed, or what was to be verified does not hold."""
    USAGE = 2
    """The command line is wrong."""
    DENIED = 3
    """Somebody said no, or that they never asked for this; of `authorize`, also: policies deny it."""
    EXPIRED = 4
    """Nobody answered in time, or the approval ran out."""
    CANCELLED = 5
    """Taken back: by the agent, by the hub, by whoever had approved, or replaced by a newer revision."""
    NOT_AUTHORISED = 6
    """The hub does not take this caller's word: unknown, paused, revoked, or not allowed."""
    UNREACHABLE = 7
    """The hub did not answer in time: of `ask` and `authorize`, for `--timeout` seconds before people are asked, and of
    `ask --wait` until a minute past the question's end, as it may come back before."""
    OPEN = 8
    """Asked, and not answered yet: `ask` and `authorize` without `--wait`."""
    INTERRUPTED = 130
    """Ctrl-C."""
    TERMINATED = 143
    """SIGTERM."""


_BY_ERROR: tuple[tuple[type[ClientError], Exit], ...] = (
    (Denied, Exit.DENIED),
    (NotMe, Exit.DENIED),
    (Expired, Exit.EXPIRED),
    (Undeliverable, Exit.EXPIRED),
    (Withdrawn, Exit.CANCELLED),
    (Superseded, Exit.CANCELLED),
    (NotAuthorised, Exit.NOT_AUTHORISED),
    (BadCredential, Exit.NOT_AUTHORISED),
    (Unreachable, Exit.UNREACHABLE),
    (StillOpen, Exit.OPEN),
)

_SPENT = {"revoked": Exit.CANCELLED, "expired": Exit.EXPIRED}


def exit_of(error: ClientError) -> Exit:
    """The status that tells a script why the agent may not act; an outcome unknown here is an error, never 0."""
    if isinstance(error, Spent):
        return _SPENT.get(error.token_state, Exit.ERROR)
    for kind, status in _BY_ERROR:
        if isinstance(error, kind):
            return status
    return Exit.DENIED if isinstance(error, NotApproved) and error.outcome == "denied" else Exit.ERROR
