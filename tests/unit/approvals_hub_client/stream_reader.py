"""Reads a stream beside a test."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from approvals_hub_client import Change


class Reader:
    """Reads a stream beside the test and keeps what it was told."""

    def __init__(self, changes: Any) -> None:
        self.told: list[Change] = []
        self.news = asyncio.Condition()
        self.task = asyncio.ensure_future(self._read(changes))

    async def _read(self, changes: Any) -> None:
        async with aclosing(changes) as stream:
            async for change in stream:
                async with self.news:
                    self.told.append(change)
                    self.news.notify_all()

    async def until(self, escalation_id: str, status: str) -> Change:
        """The change, as soon as it is told."""

        def found() -> list[Change]:
            return [one for one in self.told if (one.escalation_id, one.status) == (escalation_id, status)]

        async with asyncio.timeout(30), self.news:
            await self.news.wait_for(lambda: found() or self.task.done())
        return found()[0]

    @property
    def seen(self) -> list[tuple[str, int]]:
        return [(one.escalation_id, one.version) for one in self.told]
