"""Reading a policy, held to what its length may cost: calls that are counted, memory that is traced, and CPU time."""

from __future__ import annotations

import sys
import time
import tracemalloc
from typing import Any

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.load import load

CALLS = 5_000
"""What even the shortest text may take, so that a first example may fill caches."""
CALLS_PER_CHARACTER = 40
MEMORY = 2**20
"""Bytes; so too."""
MEMORY_PER_CHARACTER = 200
CPU = 5.0
"""Seconds of this thread's own, whoever else computes: a call that never returns is no count of calls."""


def refusals(text: str | bytes) -> list[dict[str, Any]]:
    """What a text is refused for, nothing where it is none; its reading costs no more than its length lets it."""
    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    found: list[dict[str, Any]] = []
    tracemalloc.start()
    before, began = sys.getprofile(), time.thread_time()
    sys.setprofile(count)
    try:
        load(text)
    except Invalid as refused:
        found = list(refused.extra["errors"])
    finally:
        sys.setprofile(before)
        spent, (_, peak) = time.thread_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert spent < CPU
    assert calls < CALLS + CALLS_PER_CHARACTER * len(text)
    assert peak < MEMORY + MEMORY_PER_CHARACTER * len(text)
    return found
