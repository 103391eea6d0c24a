"""The stage of every channel that speaks HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

from notify.channel import Channel
from tests.contracts.channels.stage import LIMIT, PATIENCE
from tests.fakes.trouble import Arrival, Trouble
from tests.fakes.vendor_server import VendorServer


class VendorStage:
    """A vendor's server, and the channel that asks it."""

    def __init__(
        self,
        server: VendorServer,
        make: Callable[[float], Channel[Any]],
        message: Callable[..., Any],
        *,
        address: str,
        gone: str,
        hostile: Sequence[str],
        secrets: Sequence[str],
        wait: float | None,
        tells_who_is_gone: bool = True,
        tells_an_id: bool = True,
        reads_answers: bool = True,
        says_words: bool = True,
    ) -> None:
        """`make` takes a time limit in seconds."""
        self.channel = make(PATIENCE)
        self.impatient = make(LIMIT)
        self.server = server
        server.hurry.seconds = LIMIT
        self.address = address
        self.gone = gone
        self.tells_who_is_gone = tells_who_is_gone
        self.tells_an_id = tells_an_id
        self.reads_answers = reads_answers
        self.says_words = says_words
        self.wait = wait
        self._message = message
        self._hostile = list(hostile)
        self._secrets = list(secrets)

    def message(self, **changes: Any) -> Any:
        return self._message(**changes)

    def arrived(self) -> list[Arrival]:
        return self.server.arrived

    def plays(self, trouble: Trouble) -> AbstractContextManager[None]:
        return self.server.plays(trouble)

    def is_down(self) -> AbstractAsyncContextManager[None]:
        return self.server.is_down()

    def trickles(self, *, size: int, pause: float) -> AbstractAsyncContextManager[None]:
        return self.server.trickles(size=size, pause=pause)

    async def asked(self) -> None:
        await self.server.asked.wait()

    async def flood_ended(self) -> None:
        await self.server.hung_up_on.wait()

    def hostile_addresses(self) -> list[str]:
        return self._hostile

    def secrets(self) -> list[str]:
        return self._secrets
