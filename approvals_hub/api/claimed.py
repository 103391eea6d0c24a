"""What a client says of its own level: only the hub computes it.

A form that takes `acr`, `amr` and `assurance_level` reads none of them; that they were sent is recorded. Every other
form refuses them as it refuses all that it does not know, and that is recorded too where somebody known sent them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from approvals_hub.api.limits import DEPTH
from approvals_hub_client.canonical import CanonicalError, loads

CLAIMS = ("acr", "amr", "assurance_level")
COUNTED = "level_claimed"
"""What a stranger's claim is counted as."""


def claimed(form: msgspec.Struct) -> tuple[str, ...]:
    """The names of what was claimed, beside an answer or in it; not its values, which are the sender's to choose."""
    answer = getattr(form, "answer", None)
    within: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    return tuple(name for name in CLAIMS if getattr(form, name) is not msgspec.UNSET or name in within)


def claimed_in_vain(raw: bytes, query: str, field: str | None) -> tuple[str, ...]:
    """The same of a request whose form was refused, for the member at `field`."""
    try:
        body = loads(raw, max_depth=DEPTH) if raw else None
    except CanonicalError:
        body = None
    sent = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    sent.update(body if isinstance(body, dict) else ())
    sent.add((field or "").rpartition(".")[2])
    return tuple(name for name in CLAIMS if name in sent)
