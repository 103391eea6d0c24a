"""The contract of a channel, and what an implementer owes.

A channel takes one kind of message to one kind of address. It is made once from its settings, stores nothing, and is
used by many tasks at once.

- **Result.** `send` returns a Delivery and raises nothing, whatever the other side does or sends. Only a task that is
  cancelled sees its CancelledError, and leaves nothing running.
- **Time.** Every `send` ends within the time limit given to the constructor, waiting for a free connection included.
- **Once.** `send` tries once. A message with the same id may be sent again; where the provider knows how, the two carry
  the same id there. When a message may have been taken although nobody said so, `TryLater.perhaps_sent` says that.
- **Lateness.** A message is not sent from its `expires_at` on: that is a permanent failure.
- **Addresses.** One text each; where it has several parts, a JSON object (`address.py`). Only an address that is sound
  reaches the provider: nothing in it can add a receiver, a header, a field or a command. Any other is AddressGone.
- **Silence.** No message text, whole address or secret is logged, or put into a result.
- **Bounds.** Whatever comes from outside is read up to a limit and checked before it is used. No redirect is followed:
  the host is one that the settings name, or that of an address which was checked.
- **Blame.** AddressGone is said only where the provider speaks about the address: a channel forgets people by it. What
  an operator must mend is `Failed(SETTINGS)`; anything unclear is TryLater.
"""

from __future__ import annotations

from typing import Protocol, TypeVar, runtime_checkable

from notify.delivery import Delivery
from notify.message import Message

TIME_LIMIT = 8.0
"""Seconds that one `send` may take where nothing else is set: somebody waits for a code."""

M = TypeVar("M", bound=Message, contravariant=True)


class Channel(Protocol[M]):
    """One way to reach a person."""

    @property
    def name(self) -> str:
        """One lower-case word, as in settings and logs."""

    @property
    def takes(self) -> type[Message]:
        """The kind of message that `send` takes."""

    async def send(self, address: str, message: M) -> Delivery:
        """Send it now. Raises nothing."""

    def masked(self, address: str) -> str:
        """As much of an address as its owner needs to know it again, and no more: for pages and logs."""

    async def close(self) -> None:
        """End what is kept open; the HTTP session is its owner's. May be called twice. Raises nothing."""


@runtime_checkable
class Rehearsable(Protocol):
    """A channel that can do all that comes before a message; one that cannot leaves it out. So whoever runs it hears of
    a wrong key or host at the start, and not with the first message that matters."""

    async def rehearse(self) -> Delivery | None:
        """Connect, and sign in where that is a step of its own. Sends nothing, costs nothing, raises nothing, and ends
        within the time limit. None: nothing is in the way as far as that shows; else what a message would meet."""
