"""What a client says of its own level: only the hub computes it."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.api.fields import Form

CLAIMS = ("acr", "amr", "assurance_level")


class Claiming(Form, frozen=True, kw_only=True):
    """A form whose client may claim a level: what it says is not read, and that it said so is recorded."""

    acr: Any = msgspec.UNSET
    amr: Any = msgspec.UNSET
    assurance_level: Any = msgspec.UNSET

    def claimed(self) -> tuple[str, ...]:
        """The names of what was claimed; not its values, which are the sender's to choose."""
        return tuple(name for name in CLAIMS if getattr(self, name) is not msgspec.UNSET)
