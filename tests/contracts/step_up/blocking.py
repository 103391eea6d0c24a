"""Finds a provider that holds the event loop: the whole hub stands still as long as it does, and nothing can stop it.

It looks at what is called in C: sleeping, looking a name up, starting a program, and a socket that waits for its
connection or its bytes. Nothing is measured, so a slow machine is no finding. Files and long sums are not seen.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_BLOCKING = frozenset({"sleep", "getaddrinfo", "gethostbyname", "gethostbyaddr", "fork_exec", "system"})
_OF_SOCKETS = frozenset({"accept", "_accept", "connect", "recv", "recv_into", "recvfrom", "recvmsg", "send", "sendall"})


class Blocked(AssertionError):
    """A provider called something that waits, on the thread of the event loop."""


@contextmanager
def nothing_blocks() -> Iterator[None]:
    """Within, whatever would hold this thread raises Blocked instead."""
    before = sys.getprofile()
    sys.setprofile(_look)
    try:
        yield
    finally:
        sys.setprofile(before)


def _look(frame: FrameType, event: str, called: Any) -> None:
    if event != "c_call":
        return
    name, owner = getattr(called, "__name__", ""), getattr(called, "__self__", None)
    # asyncio's own sockets never wait: their timeout is 0.
    waits = name in _OF_SOCKETS and isinstance(owner, socket.socket) and owner.gettimeout() != 0
    if waits or (name in _BLOCKING and not isinstance(owner, type | socket.socket)):
        raise Blocked(f"the provider holds the event loop with {name}: await it, or use asyncio.to_thread")
