"""Whom the hub believes that a server is who it says it is: the authorities of this machine, or those in a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from ssl import SSLContext, create_default_context


def trusting(file: Path | None) -> SSLContext:
    """A context of the caller's own. Raises OSError for a file that cannot be read or holds no authority."""
    return create_default_context(cafile=None if file is None else str(file))


@cache
def trusting_this_machine() -> SSLContext:
    """The process's one context for the machine's authorities. Whoever has to change one takes a context of their own.

    Reading some hundred and fifty authorities takes 20 ms: more than all else that a hub does when it starts.
    """
    return trusting(None)


def shared(file: Path | None) -> SSLContext:
    """A context that its caller changes nowhere. Raises OSError as `trusting` does."""
    return trusting_this_machine() if file is None else trusting(file)
