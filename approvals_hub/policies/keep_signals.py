"""Whoever governs policies declares the signals that rules may select by, sets them and clears them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.agents.agent import MONITOR, REVOKED
from approvals_hub.audit.event import Detail
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import signal_store, store
from approvals_hub.policies.hold_signals import Setter, TellAdmins, hold_in, let_go_in, record_in, signals_in
from approvals_hub.policies.signal import (
    PEOPLE,
    SIGNALS_LIMIT,
    Setting,
    Signal,
    Signals,
    checked_about,
    checked_name,
    checked_until,
    not_a_monitor,
    signal_in_use,
    signal_unknown,
    too_many_signals,
)
from approvals_hub.policies.stand import measured_in
from approvals_hub.policies.uses import policies_select_in

Writer = PersonCredential | OperatorCredential
Change = Callable[[Tx, Setter, dict[str, Signal]], Awaitable[Signal | HubError]]


@dataclass(frozen=True, slots=True)
class KeepSignals:
    """Every change takes a fresh factor: by what stands other rules match, and what was denied a moment ago may be
    allowed. Owners and admins are told of what is set and cleared."""

    db: Database
    vault: Vault
    recorder: Recorder
    fresh: FreshFactors
    tell_in: TellAdmins
    clock: Clock

    async def list(self, reader: Writer) -> Signals:
        """All that are declared, by name, and those that the hub measures.

        Raises Unauthenticated, Forbidden without the right to read policies.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Signals | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            declared = await signals_in(tx, self.vault, who.org_id, now)
            return Signals(tuple(declared.values()), await measured_in(tx, who.org_id, now))

        return settled(await self.db.read(work, org=reader.org_id))

    async def declare(
        self, by: Writer, name: str, about: str, monitors: Sequence[str] = (), *, fresh: Any = None
    ) -> Signal:
        """Say what a signal is, and which monitors may set it too. The same again is no change; what is set stays so.

        Raises Invalid with the field's path, Conflict where there are too many, Unauthenticated, Forbidden without the
        right to govern policies or a fresh factor.
        """
        checked_name(name)
        wanted, now = checked_about(about, monitors), self.clock.now()

        async def work(tx: Tx, who: Setter, known: dict[str, Signal]) -> Signal | HubError:
            before = known.get(name)
            if before is not None and (before.about, before.monitors) == (about, wanted):
                return before
            refusal: HubError | None = too_many_signals() if before is None and len(known) >= SIGNALS_LIMIT else None
            refusal = refusal or await _refuse_monitors_in(tx, who.org_id, monitors)
            refusal = refusal or await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            written = msgspec.json.encode(wanted).decode()
            await signal_store.declare(
                tx, org_id=who.org_id, name=name, about=about, monitors=written, at=now, by=who.actor_id
            )
            await store.changed(tx, who.org_id)
            had = [] if before is None else [*before.monitors]
            detail: Detail = {"signal": name, "monitors_before": had, "monitors": [*wanted], "new": before is None}
            await record_in(tx, self.recorder, "signal.declared", who, now, detail)
            settings = () if before is None else before.settings
            return Signal(name, about, wanted, now, who.actor_id, settings)

        return await self._changed(by, now, work)

    async def remove(self, by: Writer, name: str, *, fresh: Any = None) -> Signal:
        """Declare it no more; the answer is what was there. Raises as `declare` does, NotFound, and Conflict where a
        policy in force names it."""
        now = self.clock.now()

        async def work(tx: Tx, who: Setter, known: dict[str, Signal]) -> Signal | HubError:
            before = known.get(name)
            if before is None:
                return signal_unknown(name, tuple(known))
            policies = await policies_select_in(tx, who.org_id, name, by_mode=False)
            refusal: HubError | None = signal_in_use(policies) if policies else None
            refusal = refusal or await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await signal_store.remove(tx, who.org_id, name)
            await store.changed(tx, who.org_id)
            detail: Detail = {"signal": name, "stood_before": before.stands}
            await record_in(tx, self.recorder, "signal.removed", who, now, detail)
            return before

        return await self._changed(by, now, work)

    async def set(
        self, by: Writer, name: str, reason: str, *, lasts: int | None = None, stays: bool = False, fresh: Any = None
    ) -> Signal:
        """Set it from the next decision on, for `lasts` seconds (30 days at most), or until somebody clears it.

        Raises Invalid, NotFound, Unauthenticated, Forbidden as `declare` does.
        """
        now = self.clock.now()
        until = checked_until(reason, lasts, stays, now)

        async def work(tx: Tx, who: Setter, known: dict[str, Signal]) -> Signal | HubError:
            before = known.get(name)
            if before is None:
                return signal_unknown(name, tuple(known))
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await hold_in(tx, self.vault, self.recorder, who, before, reason, until, now)
            if not before.stands:
                await self._tell_in(tx, "signal_set", who, name, now)
            others = tuple(each for each in before.settings if each.setter != PEOPLE)
            mine = Setting(PEOPLE, reason, now, until, who.actor_id)
            return msgspec.structs.replace(before, settings=(*others, mine))

        return await self._changed(by, now, work)

    async def clear(self, by: Writer, name: str, *, fresh: Any = None) -> Signal:
        """Nobody holds it set any more, no monitor either; clear already, it is no change. Raises as `set` does."""
        now = self.clock.now()

        async def work(tx: Tx, who: Setter, known: dict[str, Signal]) -> Signal | HubError:
            before = known.get(name)
            if before is None:
                return signal_unknown(name, tuple(known))
            if not before.stands:
                return before
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await let_go_in(tx, self.recorder, who, before, now)
            await self._tell_in(tx, "signal_cleared", who, name, now)
            return msgspec.structs.replace(before, settings=())

        return await self._changed(by, now, work)

    async def _tell_in(self, tx: Tx, kind: str, who: Setter, name: str, now: int) -> None:
        await self.tell_in(tx, org_id=who.org_id, kind=kind, subject_id=name, by_id=who.actor_id, at=now)

    async def _changed(self, by: Writer, now: int, work: Change) -> Signal:
        async def admitted(tx: Tx) -> Signal | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            setter = Setter(who.org_id, who.actor_type, who.actor_id)
            return await work(tx, setter, await signals_in(tx, self.vault, who.org_id, now))

        return settled(await self.db.run(admitted, org=by.org_id))


async def _refuse_monitors_in(tx: Tx, org_id: str, monitors: Sequence[str]) -> Invalid | None:
    for place, agent_id in enumerate(monitors):
        row = await agents.agent(tx, agent_id)
        if row is None or row["org_id"] != org_id or row["role"] != MONITOR or row["state"] == REVOKED:
            return not_a_monitor(place)
    return None
