"""Tables of the settings, cheap to import: what organisations may set up themselves, and how long attempts are kept."""

from __future__ import annotations

from pathlib import Path

import msgspec


class DeliveryLog(msgspec.Struct, frozen=True):
    """The log of every attempt to tell somebody: docs/howto/channels_of_your_own.md. The audit log is another, kept for
    ever."""

    days: int = 30
    """How long an attempt stays in it, 1 to 3650; that of an open question stays as long as the question is open."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not 1 <= self.days <= 3650:
            raise ValueError("attempts are kept for 1 to 3650 days")


class OwnChannels(msgspec.Struct, frozen=True):
    """The channels that organisations set up for themselves: docs/howto/channels_of_your_own.md."""

    off: bool = False
    """Whether there are none: only the channels of these settings tell people."""
    private_networks: list[str] = []
    """Inner networks that they may lead to, like `10.1.2.0/24`. Whoever governs an organisation can call all of it."""
    ports: tuple[int, ...] = (443, 8443)
    """Where their webhooks may listen: every other port may be a service that takes what it is sent for a command."""
    ca_file: Path | None = None
    """The authority of servers that no public one vouches for. A relative path starts at `data`."""
