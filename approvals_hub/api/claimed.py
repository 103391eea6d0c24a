"""What a client says of its own level: only the hub computes it.

A form that takes `acr`, `amr` and `assurance_level` reads none of them; that they were sent is recorded.
"""

from __future__ import annotations

import msgspec

CLAIMS = ("acr", "amr", "assurance_level")


def claimed(form: msgspec.Struct) -> tuple[str, ...]:
    """The names of what was claimed; not its values, which are the sender's to choose."""
    return tuple(name for name in CLAIMS if getattr(form, name) is not msgspec.UNSET)
