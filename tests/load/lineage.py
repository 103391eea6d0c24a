"""Processes that end with the one that made them, however that one ends: killed, it can end nobody any more."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_KILLED_WITH_ITS_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def end_with(parent: int) -> None:
    """This process is killed as soon as the one that has made it is gone; on Linux, elsewhere nothing is done."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILLED_WITH_ITS_PARENT, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
