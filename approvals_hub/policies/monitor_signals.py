"""A monitor sets the signals that name it, and clears what it set itself: no more than that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.audit.event import Detail
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.policies.hold_signals import (
    QUIET,
    Setter,
    TellAdmins,
    hold_in,
    let_go_in,
    record_in,
    signals_in,
)
from approvals_hub.policies.signal import Setting, Signal, checked_until, not_yours


class _Mine(NamedTuple):
    setter: Setter
    signal: Signal


@dataclass(frozen=True, slots=True)
class MonitorSignals:
    """What people set, a monitor can neither end nor shorten: they hold the signal beside it."""

    db: Database
    vault: Vault
    recorder: Recorder
    tell_in: TellAdmins
    clock: Clock
    epoch: Callable[[], Epoch]

    async def list(self, credential: AgentCredential) -> list[Signal]:
        """Those that name this agent, each with what it holds set itself. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Signal] | HubError:
            who = await self._admit_in(tx, credential, now)
            if isinstance(who, HubError):
                return who
            known = await signals_in(tx, self.vault, who.org_id, now)
            return [_own(each, who) for each in known.values() if who.actor_id in each.monitors]

        return settled(await self.db.run(work, org=credential.org_id))

    async def set(self, credential: AgentCredential, name: str, reason: str, *, lasts: int | None) -> Signal:
        """Set it for `lasts` seconds, 30 days at most; again is for as long from now on.

        Raises Invalid, Forbidden for a signal that does not name this agent, Unauthenticated.
        """
        now = self.clock.now()
        until = checked_until(reason, lasts, False, now)

        async def work(tx: Tx) -> Signal | HubError:
            mine = await self._mine_in(tx, credential, name, now)
            if isinstance(mine, HubError):
                return mine
            who, before = mine
            await hold_in(tx, self.vault, self.recorder, who, before, reason, until, now)
            if not before.stands:
                await self._tell_in(tx, "signal_set", who, name, now)
            held = Setting(who.actor_id, reason, now, until, who.actor_id)
            return msgspec.structs.replace(before, settings=(held,))

        return settled(await self.db.run(work, org=credential.org_id))

    async def clear(self, credential: AgentCredential, name: str) -> Signal:
        """Hold it set no more; what others hold still stands. Not set by it, it is no change. Raises as `set` does."""
        now = self.clock.now()

        async def work(tx: Tx) -> Signal | HubError:
            mine = await self._mine_in(tx, credential, name, now)
            if isinstance(mine, HubError):
                return mine
            who, before = mine
            if not _own(before, who).settings:
                return _own(before, who)
            left = await let_go_in(tx, self.recorder, who, before, now)
            if not left:
                await self._tell_in(tx, "signal_cleared", who, name, now)
            return msgspec.structs.replace(before, settings=())

        return settled(await self.db.run(work, org=credential.org_id))

    async def _mine_in(self, tx: Tx, credential: AgentCredential, name: str, now: int) -> _Mine | HubError:
        await tx.lock("orgs", credential.org_id)
        who = await self._admit_in(tx, credential, now)
        if isinstance(who, HubError):
            return who
        found = (await signals_in(tx, self.vault, who.org_id, now)).get(name)
        if found is not None and who.actor_id in found.monitors:
            return _Mine(who, found)
        # What was asked for may be anything: only the name of a signal that there is goes into the log.
        detail: Detail = {"signal": None if found is None else found.name}
        await record_in(tx, self.recorder, "signal.refused", who, now, detail)
        return not_yours()

    async def _admit_in(self, tx: Tx, credential: AgentCredential, now: int) -> Setter | HubError:
        began = self.epoch().started
        agent = await admit_agent_in(tx, credential, now, epoch_started=began, monitor_may=True)
        if isinstance(agent, HubError):
            return agent
        return Setter(agent.org_id, "agent", agent.agent_id, agent.trust)

    async def _tell_in(self, tx: Tx, kind: str, who: Setter, name: str, now: int) -> None:
        await self.tell_in(tx, org_id=who.org_id, kind=kind, subject_id=name, by_id=who.actor_id, at=now, once_in=QUIET)


def _own(signal: Signal, who: Setter) -> Signal:
    """As a monitor sees it: what others hold set, and why, is not its business."""
    mine = tuple(each for each in signal.settings if each.setter == who.actor_id)
    return msgspec.structs.replace(signal, settings=mine)
