"""What can go wrong with a service that takes messages, and what it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Trouble(Enum):
    """How a fake behaves until it is told otherwise."""

    THROTTLED = "throttled"
    """It asks to come back later, in the way of its vendor."""
    BROKEN = "broken"
    """It says that it fails."""
    REFUSES_US = "refuses us"
    """It takes neither key nor password."""
    SILENT = "silent"
    """It accepts the connection and says nothing."""
    HANGS_UP = "hangs up"
    """It ends the connection in the middle of an answer."""
    LEAVES = "leaves"
    """It reads a message and ends the connection without a word, as one that was kept and has just timed out there."""
    GARBLES = "garbles"
    """Its answer is none of its own, though the protocol is right."""
    NO_PROTOCOL = "no protocol"
    """It speaks something else."""
    FLOODS = "floods"
    """Its answer never ends."""


@dataclass(frozen=True)
class Arrival:
    """One message as it arrived."""

    to: str
    text: str
    id: str
    """The id it carries there; empty where the vendor has no place for one."""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """The whole, as the vendor reads it."""
