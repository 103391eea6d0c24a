"""Signals that an organisation declares and somebody sets, those that the hub measures, and the mode. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from approvals_hub.core.clock import DAY, MINUTE, SECOND
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from approvals_hub.core.yaml_fields import nearest
from approvals_hub.policies.standing import HUB, NORMAL

SIGNALS_LIMIT: Final = 100
"""Of one organisation."""
MONITORS_LIMIT: Final = 10
"""Of one signal."""
MODES_LIMIT: Final = 20
LONGEST: Final = 30 * DAY
"""How long what is set stands without being set again, in milliseconds; only people set something for longer."""
SHORTEST: Final = MINUTE
REASON_LIMIT: Final = 200
ABOUT_LIMIT: Final = 200
PEOPLE: Final = "people"
"""Who set a signal, where it was no monitor."""

HASTE, FLOODED, ALL_APPROVED, REFUSED = (
    f"{HUB}approver_haste",
    f"{HUB}approver_flooded",
    f"{HUB}all_approved",
    f"{HUB}agent_refused_often",
)
HASTE_LEAST: Final = 3
FLOODED_LEAST: Final = 50
ALL_APPROVED_LEAST: Final = 20
REFUSED_LEAST: Final = 5
MEASURED: Final = {
    HASTE: f"at least {HASTE_LEAST} answers in 24 hours came faster than anybody can read, or beyond ten in a minute",
    FLOODED: f"some approver was asked at least {FLOODED_LEAST} questions today (UTC)",
    ALL_APPROVED: f"the newest {ALL_APPROVED_LEAST} answers of the last 7 days were all approvals",
    REFUSED: f"people refused at least {REFUSED_LEAST} questions of this agent within 24 hours",
}
"""What the hub measures, and when it stands."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Setting(msgspec.Struct, frozen=True):
    """Who holds a signal set; times in milliseconds."""

    setter: str
    """`people`, or the id of a monitor."""
    reason: str | None
    """None where it cannot be opened any more."""
    since: int
    until: int | None
    """None: until a person clears it."""
    set_by: str


class Signal(msgspec.Struct, frozen=True):
    """One that is declared, and who holds it set now."""

    name: str
    about: str
    monitors: tuple[str, ...]
    changed_at: int
    changed_by: str
    settings: tuple[Setting, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether rules that name it match."""
        return bool(self.settings)


class Measured(msgspec.Struct, frozen=True):
    """One that the hub measures, and nobody sets."""

    name: str
    about: str
    stands: bool | None
    """None where each agent has its own."""


class Signals(msgspec.Struct, frozen=True):
    """Everything that policies of an organisation may select by: what it has declared, and what the hub measures."""

    declared: tuple[Signal, ...]
    measured: tuple[Measured, ...]


class Mode(msgspec.Struct, frozen=True):
    """In which mode an organisation works; times in milliseconds, None where the usual one was never changed."""

    mode: str = NORMAL
    usual: str = NORMAL
    known: tuple[str, ...] = (NORMAL,)
    reason: str | None = None
    since: int | None = None
    until: int | None = None
    set_by: str | None = None


def checked_name(name: str, field: str = "$.name") -> str:
    """The same. Raises Invalid; names that begin with `hub.` are the hub's."""
    if _NAME.fullmatch(name) is None:
        raise _wrong("a signal's name begins with a small letter and has 1 to 63 of a-z, 0-9 and '_'", field)
    return name


def checked_about(about: str, monitors: Sequence[str]) -> tuple[str, ...]:
    """The monitors, each once. Raises Invalid."""
    if not (1 <= len(about) <= ABOUT_LIMIT and about.isprintable()):
        raise _wrong(f"about has 1 to {ABOUT_LIMIT} printable characters", "$.about")
    if len(monitors) > MONITORS_LIMIT:
        raise _wrong(f"a signal has at most {MONITORS_LIMIT} monitors", "$.monitors")
    return tuple(sorted(set(monitors)))


def checked_until(reason: str, lasts: int | None, stays: bool, now: int) -> int | None:
    """Until when something is set; None for ever. `lasts` in seconds. Raises Invalid."""
    if not (1 <= len(reason) <= REASON_LIMIT and reason.isprintable()):
        raise _wrong(f"reason has 1 to {REASON_LIMIT} printable characters", "$.reason")
    if (lasts is None) is not stays:
        raise _wrong(
            "say how many seconds it lasts, or that it stays until somebody ends it: one of the two", "$.lasts"
        )
    if lasts is None:
        return None
    if not SHORTEST <= lasts * SECOND <= LONGEST:
        raise _wrong(f"lasts is from {SHORTEST // SECOND} to {LONGEST // SECOND} seconds", "$.lasts")
    return now + lasts * SECOND


def checked_modes(known: Sequence[str], usual: str) -> tuple[str, ...]:
    """The words of the modes, in their order. Raises Invalid."""
    if not 1 <= len(known) <= MODES_LIMIT or len(set(known)) != len(known):
        raise _wrong(f"an organisation has 1 to {MODES_LIMIT} modes, each named once", "$.modes")
    for place, word in enumerate(known):
        if _NAME.fullmatch(word) is None:
            raise _wrong("a mode begins with a small letter and has 1 to 63 of a-z, 0-9 and '_'", f"$.modes[{place}]")
    if usual not in known:
        raise _wrong(f"the usual mode is one of them; {nearest(usual, tuple(known))}", "$.usual")
    return tuple(known)


def refuse_mode(word: str, mode: Mode) -> Invalid | None:
    """Why an organisation cannot work in this one."""
    return None if word in mode.known else _wrong(f"there is no such mode here; {nearest(word, mode.known)}", "$.mode")


def signal_unknown(name: str, known: tuple[str, ...]) -> NotFound:
    """Nobody has declared it."""
    return NotFound(
        "signal_unknown",
        f"this organisation has declared no signal of this name; {nearest(name, known)}",
        next_step="List the signals, or declare it.",
    )


def signal_in_use(policies: Sequence[str]) -> Conflict:
    """Without it a rule could never match again, and nobody would see why."""
    return Conflict(
        "signal_in_use",
        "policies in force select by it: " + ", ".join(policies),
        next_step="Take it out of them first.",
        extra={"policies": list(policies)},
    )


def mode_in_use(word: str, policies: Sequence[str]) -> Conflict:
    """The same of a mode."""
    return Conflict(
        "mode_in_use",
        f"{word!r} is the mode now"
        if not policies
        else f"policies in force select by {word!r}: " + ", ".join(policies),
        next_step="Set another mode first." if not policies else "Take it out of them first.",
        field="$.modes",
        extra={"policies": list(policies)},
    )


def too_many_signals() -> Conflict:
    """A list that nobody can look through tells nobody what stands."""
    return Conflict(
        "too_many",
        f"an organisation has at most {SIGNALS_LIMIT} signals",
        next_step="Remove those that no policy names.",
        extra={"limit": SIGNALS_LIMIT},
    )


def not_a_monitor(place: int) -> Invalid:
    """An agent that asks for things must not say when it may have them."""
    return _wrong("this is no agent of the role 'monitor' of this organisation", f"$.monitors[{place}]")


def not_yours() -> Forbidden:
    """The same for a signal that there is not: a monitor learns of no other one."""
    return Forbidden(
        "signal_not_yours",
        "no signal of this name lets this agent set it",
        next_step="An owner or admin names this monitor in the signal (approvals-hub signals declare).",
    )


def _wrong(detail: str, field: str) -> Invalid:
    return Invalid("signal_invalid", detail, next_step="Correct the named member.", field=field)
