"""What a channel brings to the contract suite: itself on a stage, with a fake vendor that speaks the real protocol.

`stage_<channel>.py` defines `stage()`, an asynchronous context manager that gives a fresh Stage, and `stages.py` lists
it. Whatever the suite asks, it asks over the wire.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol

from notify.channel import Channel
from tests.fakes.trouble import Arrival, Trouble

PATIENCE = 20.0
"""Seconds that a send may take where it should succeed: the machine may be busy."""
LIMIT = 1.0
"""Seconds that a send may take on an impatient channel."""
START = 1_800_000_000_000
"""Where the clock of a stage stands, milliseconds."""
TEXT = "Your one-time code is 48151623. Åsa and 5 € say: it ends in 5 min."
"""What is in a message: letters beyond ASCII, one beside the basic table of GSM, a code."""


class Stage(Protocol):
    """One channel, an address that works, one that is gone, and the vendor behind them."""

    channel: Channel[Any]
    """Made with a time limit of `PATIENCE`."""
    impatient: Channel[Any]
    """The same, made with a time limit of `LIMIT`."""
    address: str
    gone: str
    """Sound in form, and the vendor knows that nobody has it."""
    tells_who_is_gone: bool
    """False where the vendor refuses such a message without saying why: it fails for good then."""
    tells_an_id: bool
    """False where the vendor has no name of its own for a message."""
    reads_answers: bool
    """False where every good status means that the message was taken, whatever stands in the answer."""
    says_words: bool
    """False where no word of a message leaves the hub: what arrives has no text."""
    wait: float | None
    """Seconds that the throttling vendor asks for; None where its protocol cannot say."""

    def message(self, *, text: str = TEXT, **changes: Any) -> Any:
        """A message of the channel's kind, with a new id; `changes` replace members."""

    def arrived(self) -> list[Arrival]:
        """What the vendor took, in its order."""

    def plays(self, trouble: Trouble) -> AbstractContextManager[None]:
        """Within: the vendor is in that trouble."""

    def is_down(self) -> AbstractAsyncContextManager[None]:
        """Within: connections are refused."""

    def trickles(self, *, size: int, pause: float) -> AbstractAsyncContextManager[None]:
        """Within: the vendor's answers come in slices of `size` bytes, one every `pause` seconds."""

    async def asked(self) -> None:
        """Returns once somebody has connected to the vendor, and where it speaks HTTP, has asked it."""

    async def flood_ended(self) -> None:
        """Returns once the vendor saw that its endless answer was cut off."""

    def hostile_addresses(self) -> list[str]:
        """Addresses that would add a receiver, a header, a field or a command, or are none at all."""

    def secrets(self) -> list[str]:
        """Keys and passwords of the channel."""
