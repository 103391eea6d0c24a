"""The pretend BankID that ships with the demo, as tests call it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from approvals_hub.cli.pretend_bankid.server import PretendBankID
from tests.fakes.hurry import Hurry

__all__ = ["FakeBankID"]


class FakeBankID(PretendBankID):
    """The same, whose silence can pass at once."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.hurry = Hurry()

    @contextlib.asynccontextmanager
    async def silent(self) -> AsyncIterator[None]:
        self.hurry.silence_begins()
        async with super().silent():
            yield

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._heard.is_set():
            self.hurry.silent_to_somebody()
        return await super()._answer(request)
