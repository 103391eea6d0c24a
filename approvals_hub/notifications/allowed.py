"""What the operator lets organisations set up themselves: a table of the settings, cheap to import."""

from __future__ import annotations

from pathlib import Path

import msgspec


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
