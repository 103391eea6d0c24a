"""Holds signals set and lets them go, inside the unit of work of whoever may: the half that every way shares."""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from approvals_hub.audit.event import ActorType, Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import MINUTE, to_text
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.policies import signal_store as store
from approvals_hub.policies.signal import PEOPLE, Setting, Signal

QUIET: Final = 10 * MINUTE
"""How long the same of the same monitor is no news for owners and admins, in milliseconds: a probe may flap."""


class TellAdmins(Protocol):
    """Puts a line into the admins' inbox, and sends it to them."""

    async def __call__(
        self, tx: Tx, *, org_id: str, kind: str, subject_id: str, by_id: str | None, at: int, once_in: int = 0
    ) -> None:
        """`once_in`: milliseconds within which the same about the same is no news."""


class Setter(msgspec.Struct, frozen=True):
    """Who changes it: a person, the operator, or a monitor for itself."""

    org_id: str
    actor_type: ActorType
    actor_id: str
    trust: str | None = None
    """How a monitor proved itself."""

    @property
    def holds_as(self) -> str:
        """As whom it holds a signal set: people do so together."""
        return self.actor_id if self.actor_type == "agent" else PEOPLE


async def signals_in(tx: Tx, vault: Vault, org_id: str, now: int) -> dict[str, Signal]:
    """All that are declared, by name, with who holds them set now."""
    held: dict[str, list[Setting]] = {}
    for row in await store.settings(tx, org_id, now):
        reason = await reason_in(tx, vault, org_id, row["reason"], context_of(row["name"], row["setter"]))
        setting = Setting(row["setter"], reason, row["since"], row["until"], row["set_by"])
        held.setdefault(row["name"], []).append(setting)
    return {
        row["name"]: Signal(
            row["name"],
            row["about"],
            msgspec.json.decode(row["monitors"], type=tuple[str, ...]),
            row["changed_at"],
            row["changed_by"],
            tuple(held.get(row["name"], ())),
        )
        for row in await store.signals(tx, org_id)
    }


async def reason_in(tx: Tx, vault: Vault, org_id: str, sealed: Any, context: str) -> str | None:
    """Words that were sealed; None where they cannot be opened any more."""
    if sealed is None:
        return None
    try:
        return (await vault.unseal_in(tx, org_id, bytes(sealed), context)).decode()
    except (LookupError, SealBroken):
        return None


async def hold_in(
    tx: Tx, vault: Vault, recorder: Recorder, by: Setter, before: Signal, reason: str, until: int | None, now: int
) -> None:
    """Hold it set, or hold it otherwise than before."""
    held = next((each for each in before.settings if each.setter == by.holds_as), None)
    await store.set_signal(
        tx,
        org_id=by.org_id,
        name=before.name,
        setter=by.holds_as,
        reason=await vault.seal_in(tx, by.org_id, reason.encode(), context_of(before.name, by.holds_as)),
        at=now,
        until=until,
        by=by.actor_id,
    )
    await record_in(
        tx,
        recorder,
        "signal.set",
        by,
        now,
        {
            "signal": before.name,
            "setter": by.holds_as,
            "stood_before": before.stands,
            "until_before": None if held is None or held.until is None else to_text(held.until),
            "until": None if until is None else to_text(until),
            "stays": until is None,
            "reason": (await vault.keyed_in(tx, by.org_id, "signal-reason", reason.encode())).hex(),
        },
    )


async def let_go_in(tx: Tx, recorder: Recorder, by: Setter, before: Signal, now: int) -> tuple[Setting, ...]:
    """Hold it set no more, by what one may let go of: people of everything, a monitor of its own. Answers with who
    still holds it."""
    mine = None if by.holds_as == PEOPLE else by.holds_as
    await store.clear(tx, by.org_id, before.name, setter=mine)
    left = tuple(each for each in before.settings if mine is not None and each.setter != mine)
    detail: Detail = {
        "signal": before.name,
        "setter": by.holds_as,
        "stood_before": before.stands,
        "stands": bool(left),
        "held_before": [each.setter for each in before.settings],
    }
    await record_in(tx, recorder, "signal.cleared", by, now, detail)
    return left


async def record_in(tx: Tx, recorder: Recorder, kind: Kind, by: Setter, now: int, detail: Detail) -> None:
    """The entry about a change, or a refusal of a monitor."""
    monitor = by.actor_id if by.actor_type == "agent" else None
    await recorder.record(
        tx,
        Event(
            kind=kind,
            org_id=by.org_id,
            at=now,
            actor_type=by.actor_type,
            actor_id=by.actor_id,
            agent_id=monitor,
            trust=by.trust,
            detail=detail,
        ),
    )


def context_of(name: str, setter: str) -> str:
    """What a reason is sealed to."""
    return f"signal:{name}:{setter}"
