"""Whoever governs policies says which modes an organisation has, and in which one it works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Detail
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import signal_store, store
from approvals_hub.policies.hold_signals import Setter, TellAdmins, reason_in, record_in
from approvals_hub.policies.signal import Mode, checked_modes, checked_until, mode_in_use, refuse_mode
from approvals_hub.policies.stand import mode_of
from approvals_hub.policies.uses import policies_select_in

Writer = PersonCredential | OperatorCredential
Change = Callable[[Tx, Setter, Mode], Awaitable[Mode | HubError]]
REASON = "mode"
"""What its reason is sealed to."""


@dataclass(frozen=True, slots=True)
class KeepMode:
    """A change takes a fresh factor, as of signals, and owners and admins are told of it."""

    db: Database
    vault: Vault
    recorder: Recorder
    fresh: FreshFactors
    tell_in: TellAdmins
    clock: Clock

    async def read(self, reader: Writer) -> Mode:
        """The mode, and which there are. Raises Unauthenticated, Forbidden without the right to read policies."""
        now = self.clock.now()

        async def work(tx: Tx) -> Mode | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            return who if isinstance(who, HubError) else await self._mode_in(tx, who.org_id, now)

        return settled(await self.db.read(work, org=reader.org_id))

    async def define(self, by: Writer, modes: Sequence[str], usual: str, *, fresh: Any = None) -> Mode:
        """Replace the list, and say which mode is the usual one. The same again is no change.

        Raises Invalid with the field's path, Conflict where a mode would be missing in which the organisation works, or
        that a policy in force names; Unauthenticated, Forbidden without the right to govern policies or a fresh factor.
        """
        known, now = checked_modes(modes, usual), self.clock.now()

        async def work(tx: Tx, who: Setter, before: Mode) -> Mode | HubError:
            if (before.known, before.usual) == (known, usual):
                return before
            refusal = await _refuse_gone_in(tx, who.org_id, before, known) or await refuse_stale_in(
                tx, self.fresh, by, fresh, now
            )
            if refusal is not None:
                return refusal
            written = msgspec.json.encode(known).decode()
            await signal_store.define_modes(tx, org_id=who.org_id, known=written, usual=usual, at=now, by=who.actor_id)
            await store.changed(tx, who.org_id)
            detail: Detail = {
                "before": [*before.known],
                "after": [*known],
                "usual_before": before.usual,
                "usual": usual,
            }
            await record_in(tx, self.recorder, "modes.defined", who, now, detail)
            after = await self._mode_in(tx, who.org_id, now)
            if after.mode != before.mode:
                await self._tell_in(tx, who, after.mode, now)
            return after

        return await self._changed(by, now, work)

    async def set(
        self, by: Writer, mode: str, reason: str, *, lasts: int | None = None, stays: bool = False, fresh: Any = None
    ) -> Mode:
        """Work in this mode from the next decision on, for `lasts` seconds (30 days at most) or until somebody sets
        another; then in the usual one. Raises Invalid, Unauthenticated, Forbidden."""
        now = self.clock.now()
        until = checked_until(reason, lasts, stays, now)

        async def work(tx: Tx, who: Setter, before: Mode) -> Mode | HubError:
            refusal = refuse_mode(mode, before) or await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            if (mode, before.mode, before.known) == (before.usual, before.usual, Mode().known):
                return before
            sealed = await self.vault.seal_in(tx, who.org_id, reason.encode(), REASON)
            await signal_store.set_mode(tx, who.org_id, mode=mode, reason=sealed, at=now, until=until, by=who.actor_id)
            await record_in(
                tx,
                self.recorder,
                "mode.changed",
                who,
                now,
                {
                    "before": before.mode,
                    "after": mode,
                    "until_before": None if before.until is None else to_text(before.until),
                    "until": None if until is None else to_text(until),
                    "stays": until is None,
                    "reason": (await self.vault.keyed_in(tx, who.org_id, "signal-reason", reason.encode())).hex(),
                },
            )
            if mode != before.mode:
                await self._tell_in(tx, who, mode, now)
            return await self._mode_in(tx, who.org_id, now)

        return await self._changed(by, now, work)

    async def _tell_in(self, tx: Tx, who: Setter, mode: str, now: int) -> None:
        await self.tell_in(tx, org_id=who.org_id, kind="mode_changed", subject_id=mode, by_id=who.actor_id, at=now)

    async def _mode_in(self, tx: Tx, org_id: str, now: int) -> Mode:
        row = await signal_store.mode(tx, org_id)
        reason = None if row is None else await reason_in(tx, self.vault, org_id, row["reason"], REASON)
        return mode_of(row, now, reason)

    async def _changed(self, by: Writer, now: int, work: Change) -> Mode:
        async def admitted(tx: Tx) -> Mode | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            setter = Setter(who.org_id, who.actor_type, who.actor_id)
            return await work(tx, setter, await self._mode_in(tx, who.org_id, now))

        return settled(await self.db.run(admitted, org=by.org_id))


async def _refuse_gone_in(tx: Tx, org_id: str, before: Mode, known: tuple[str, ...]) -> HubError | None:
    for word in before.known:
        if word in known:
            continue
        policies = await policies_select_in(tx, org_id, word, by_mode=True)
        if policies or (word == before.mode and word != before.usual):
            return mode_in_use(word, policies)
    return None
