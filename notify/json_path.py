"""Where something stands in a vendor's JSON answer: `messages[0].message-id`."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"([A-Za-z0-9_-]+)|\[(\d{1,3})\]")
_PATH = re.compile(r"[A-Za-z0-9_-]+(\[\d{1,3}\])*(\.[A-Za-z0-9_-]+(\[\d{1,3}\])*)*")

Path = tuple[str | int, ...]


def parsed(path: str) -> Path:
    """The steps of a path: names of members, and numbers of elements. Raises ValueError."""
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is no path like messages[0].id")
    return tuple(step[1] if step[1] is not None else int(step[2]) for step in _STEP.finditer(path))


def found(value: Any, path: Path) -> str | None:
    """The text, number or truth value that stands there, as JSON writes it without quotes; else None."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
