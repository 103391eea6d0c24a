"""Reads what stands in an organisation, inside the unit of work that decides by it."""

from __future__ import annotations

import msgspec

from approvals_hub.core.clock import DAY
from approvals_hub.core.yaml_fields import nearest
from approvals_hub.db.database import Row, Tx
from approvals_hub.policies import signal_store as store
from approvals_hub.policies.document import Rule
from approvals_hub.policies.signal import (
    ALL_APPROVED,
    ALL_APPROVED_LEAST,
    FLOODED,
    FLOODED_LEAST,
    HASTE,
    HASTE_LEAST,
    MEASURED,
    REFUSED,
    REFUSED_LEAST,
    Measured,
    Mode,
)
from approvals_hub.policies.standing import HUB, NORMAL, Standing, signals_of


async def stands_in(tx: Tx, org_id: str, agent_id: str, now: int, *, told: bool, measured: frozenset[str]) -> Standing:
    """What stands for an action of this agent. `told`: there is something that people or monitors may have said;
    `measured` are the hub's own signals that are looked at: each is one look-up by an index, whatever there is."""
    signals, mode = (await store.standing(tx, org_id, now), await mode_in(tx, org_id, now)) if told else ([], NORMAL)
    known = sorted(measured & MEASURED.keys())
    found = [name for name in known if await _measured_in(tx, name, org_id, agent_id, now)]
    return Standing(mode, tuple(sorted([*signals, *found])), tuple(known))


async def measured_in(tx: Tx, org_id: str, now: int) -> tuple[Measured, ...]:
    """All that the hub measures, and which of them stand for every agent of the organisation."""
    found: list[Measured] = []
    for name, about in MEASURED.items():
        stands = None if name == REFUSED else await _measured_in(tx, name, org_id, "", now)
        found.append(Measured(name, about, stands))
    return tuple(found)


async def mode_in(tx: Tx, org_id: str, now: int) -> str:
    """In which mode the organisation works."""
    return mode_of(await store.mode(tx, org_id), now).mode


def mode_of(row: Row | None, now: int, reason: str | None = None) -> Mode:
    """The same with all that is said of it. What was set for a time that is over is the usual one again."""
    if row is None:
        return Mode()
    known = msgspec.json.decode(row["known"], type=tuple[str, ...])
    counts = row["mode"] is not None and (row["until"] is None or row["until"] > now)
    if not counts:
        return Mode(row["usual"], row["usual"], known)
    return Mode(row["mode"], row["usual"], known, reason, row["since"], row["until"], row["set_by"])


class Unknown(msgspec.Struct, frozen=True):
    """What a rule selects by and is not here: the problem, and the commands after which all of it is."""

    detail: str
    commands: tuple[str, ...]


async def unknown_in(tx: Tx, org_id: str, rule: Rule) -> Unknown | None:
    """What this rule selects by and is not here, and what may have been meant; None where all is known. A word that
    nobody ever says would be a rule that never matches."""
    named = signals_of(rule)
    if named:
        known = (*(row["name"] for row in await store.signals(tx, org_id)), *MEASURED)
        unknown = [name for name in named if name not in known]
        if unknown:
            commands = tuple(
                f'approvals-hub signals declare {name} --about "..."' for name in unknown if not name.startswith(HUB)
            )
            return Unknown(f"there is no signal {unknown[0]!r} here; {nearest(unknown[0], known)}", commands)
    modes = () if rule.where is None or rule.where.mode is None else rule.where.mode
    if modes:
        mode = mode_of(await store.mode(tx, org_id), 0)
        unknown = [word for word in modes if word not in mode.known]
        if unknown:
            command = f"approvals-hub mode define {' '.join((*mode.known, *unknown))} --usual {mode.usual}"
            return Unknown(f"there is no mode {unknown[0]!r} here; {nearest(unknown[0], mode.known)}", (command,))
    return None


async def _measured_in(tx: Tx, name: str, org_id: str, agent_id: str, now: int) -> bool:
    """Whether one of the hub's own stands, as `MEASURED` says it in words."""
    if name == HASTE:
        return await store.hurried(tx, org_id, since=now - DAY, most=HASTE_LEAST) >= HASTE_LEAST
    if name == FLOODED:
        return await store.asked_of_one(tx, org_id, now // DAY) >= FLOODED_LEAST
    if name == REFUSED:
        return await store.refused(tx, agent_id, since=now - DAY, most=REFUSED_LEAST) >= REFUSED_LEAST
    assert name == ALL_APPROVED
    newest = await store.newest_answers(tx, org_id, since=now - 7 * DAY, most=ALL_APPROVED_LEAST)
    return len(newest) == ALL_APPROVED_LEAST and set(newest) == {"approve"}
