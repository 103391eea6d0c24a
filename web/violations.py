"""Reports of browsers that stopped something on the page: a sign of an attack, or of a mistake of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

LONGEST = 8 * 1024
"""Bytes of a report."""
PER_MINUTE = 30
"""Anyone can send reports: more than this many a minute are dropped."""
_KEPT = ("effective-directive", "blocked-uri", "source-file", "line-number")


class Violations:
    """Takes reports of Content-Security-Policy violations and writes the few members worth keeping to the log."""

    def __init__(self, log: Any, headers: dict[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._headers = headers
        self._clock = clock
        self._minute = -1
        self._taken = 0

    async def take(self, request: web.Request) -> web.Response:
        """Answer 204 whatever comes: whoever sends these learns nothing."""
        if self._has_room():
            body = await request.content.read(LONGEST)
            self._write(body)
        return web.Response(status=204, headers=self._headers)

    def _has_room(self) -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._taken = minute, 0
        self._taken += 1
        return self._taken <= PER_MINUTE

    def _write(self, body: bytes) -> None:
        try:
            report = json.loads(body)["csp-report"]
            kept = {name.replace("-", "_"): ascii(report.get(name))[:200] for name in _KEPT}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return
        self._log.warning("content_security_policy_violation", **kept)
