"""A monitor says what happens: it sets the signals that name it, and clears what it set itself."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from approvals_hub_client.errors import BadAnswer
from approvals_hub_client.times import to_milliseconds
from approvals_hub_client.transport import Transport

PATH = "/v1/agent/signals"


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that names this agent. `set` and `until` are about what it holds itself; others may hold it too."""

    name: str
    about: str
    set: bool
    until: int | None
    """Milliseconds since 1970."""


class Signalling(ABC):
    """The part of a client that is a monitor's: the hub takes it from agents of the role `monitor` alone."""

    transport: Transport

    async def signals(self) -> list[Signal]:
        """Those that name this agent. Raises Refused, Unreachable, BadAnswer."""
        answer = await self.transport.call("GET", PATH)
        try:
            return [_read(each) for each in answer["items"]]
        except (KeyError, TypeError) as error:
            raise BadAnswer(f"the hub's answer is no list of signals: {error}") from error

    async def set_signal(self, name: str, reason: str, *, lasts: int) -> Signal:
        """Set it for `lasts` seconds from now on, 30 days at most; again is for as long anew.

        Raises Refused (it does not name this agent), Unreachable, BadAnswer.
        """
        return _read(await self.transport.call("PUT", _path(name), body={"reason": reason, "lasts": lasts}))

    async def clear_signal(self, name: str) -> Signal:
        """Hold it set no more; what people or other monitors hold still stands. Raises as `set_signal` does."""
        return _read(await self.transport.call("DELETE", _path(name)))


def _path(name: str) -> str:
    return f"{PATH}/{quote(name, safe='')}"


def _read(view: Any) -> Signal:
    try:
        until = None if view["until"] is None else to_milliseconds(view["until"])
        return Signal(view["name"], view["about"], view["set"] is True, until)
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"the hub's answer is no signal: {error}") from error
