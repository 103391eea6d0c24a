"""Two owners or admins, each with a fresh factor, open a break-glass: one asks with a reason, another one agrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.changes import store
from approvals_hub.changes.announce_break_glass import announce_break_glass_in
from approvals_hub.changes.break_glass import LONGEST, REASON_LIMIT, SHORTEST, BreakGlass, break_glass_unknown
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import admit_acting_in
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.people.stale import FreshFactors
from approvals_hub.stepup import recovery_store as recoveries
from approvals_hub.stepup.recovery import COLLEAGUES, Recovery, recovery_unknown

LIMIT = 100
"""Those shown, the newest ones."""


@dataclass(frozen=True, slots=True)
class OpenBreakGlass:
    """Cuts the waiting time of one recovery short, for an hour at most; the colleagues' signatures stay needed."""

    db: Database
    vault: Vault
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def __call__(
        self, credential: PersonCredential, recovery_id: str, *, reason: str, life: int, fresh: Any
    ) -> BreakGlass:
        """Ask for it; it does nothing before somebody else agrees. `life` is in milliseconds.

        Raises Invalid, NotFound, Forbidden (role, no fresh factor, one's own recovery), Conflict for a recovery that
        colleagues do not decide about, or that has one already.
        """
        _check(reason, life)
        now, glass_id = self.clock.now(), new_id("brk")

        async def work(tx: Tx) -> BreakGlass | HubError:
            await tx.lock("recoveries", recovery_id)
            session = await self._admit_in(tx, credential, fresh, now)
            if isinstance(session, HubError):
                return session
            recovery = await _recovery_in(tx, session, recovery_id)
            if isinstance(recovery, HubError):
                return recovery
            await store.add(
                tx,
                id=glass_id,
                org_id=session.org_id,
                recovery_id=recovery.id,
                reason=await self.vault.seal_in(tx, session.org_id, reason.encode(), f"break-glass:{glass_id}"),
                asked_by=session.person_id,
                asked_at=now,
                expires_at=now + life,
            )
            glass = await store.find(tx, glass_id)
            assert glass is not None
            await announce_break_glass_in(
                tx,
                self.recorder,
                "break_glass.asked",
                glass,
                recovery,
                by=session.person_id,
                actor_type="person",
                now=now,
            )
            return glass

        return settled(await self.db.run(work, org=credential.org_id))

    async def join(self, credential: PersonCredential, glass_id: str, fresh: Any) -> BreakGlass:
        """Agree, as the second person; from now on and until it expires the recovery waits no longer.

        Raises NotFound, Forbidden (role, no fresh factor, the first person again, one's own recovery), Conflict.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> BreakGlass | HubError:
            session = await self._admit_in(tx, credential, fresh, now)
            if isinstance(session, HubError):
                return session
            glass = await store.find(tx, glass_id)
            if glass is None or glass.org_id != session.org_id:
                return break_glass_unknown()
            recovery = await recoveries.find(tx, glass.recovery_id)
            assert recovery is not None
            refusal = _refuse_second(glass, recovery, session)
            if refusal is not None:
                await self._refused_in(tx, glass, session, refusal, now)
                return refusal
            opened = await store.join(tx, glass_id, by=session.person_id, at=now)
            if opened is None:
                return _over(glass)
            await recoveries.hurry(tx, recovery.id, until=opened.expires_at)
            await announce_break_glass_in(
                tx,
                self.recorder,
                "break_glass.opened",
                opened,
                recovery,
                by=session.person_id,
                actor_type="person",
                now=now,
            )
            return opened

        return settled(await self.db.run(work, org=credential.org_id))

    async def listed(self, credential: PersonCredential) -> list[tuple[BreakGlass, str]]:
        """The organisation's, newest first, each with its reason. Raises Forbidden without the right to govern."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[tuple[BreakGlass, str]] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.GOVERN_PEOPLE)
            if isinstance(by, HubError):
                return by
            return [(glass, await self._reason_in(tx, glass)) for glass in await store.of_org(tx, by.org_id, LIMIT)]

        return settled(await self.db.read(work, org=credential.org_id))

    async def _admit_in(self, tx: Tx, credential: PersonCredential, fresh: Any, now: int) -> Session | HubError:
        session = await admit_person_in(tx, credential, now, Permission.GOVERN_PEOPLE)
        if isinstance(session, HubError):
            return session
        refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
        return session if refusal is None else refusal

    async def _reason_in(self, tx: Tx, glass: BreakGlass) -> str:
        sealed = await store.sealed_reason(tx, glass.id)
        return (await self.vault.unseal_in(tx, glass.org_id, sealed, f"break-glass:{glass.id}")).decode()

    async def _refused_in(self, tx: Tx, glass: BreakGlass, session: Session, refusal: HubError, now: int) -> None:
        await self.recorder.record(
            tx,
            Event(
                kind="break_glass.refused",
                org_id=session.org_id,
                at=now,
                actor_type="person",
                actor_id=session.person_id,
                decision=refusal.code,
                detail={"break_glass_id": glass.id, "session_id": session.session_id},
            ),
        )


async def _recovery_in(tx: Tx, session: Session, recovery_id: str) -> Recovery | HubError:
    recovery = await recoveries.find(tx, recovery_id)
    if recovery is None or recovery.org_id != session.org_id:
        return recovery_unknown()
    if recovery.person_id == session.person_id:
        return _own()
    if not recovery.live or recovery.way != COLLEAGUES:
        return Conflict(
            "nothing_to_hurry",
            "only a recovery that colleagues decide about, and that has not ended, can be made to wait no longer",
            next_step="Look at the list of recoveries.",
        )
    if await store.live_of_recovery(tx, recovery_id) is not None:
        return Conflict(
            "break_glass_asked",
            "somebody has asked for it already",
            next_step="Agree to that one, as the second person, or end it.",
        )
    return recovery


def _refuse_second(glass: BreakGlass, recovery: Recovery, session: Session) -> HubError | None:
    if glass.asked_by == session.person_id:
        return Forbidden(
            "same_person",
            "it takes two different people, whatever sessions and devices they have",
            next_step="Ask another owner or admin to agree.",
        )
    if recovery.person_id == session.person_id:
        return _own()
    return None if glass.live and recovery.live else _over(glass)


def _check(reason: str, life: int) -> None:
    if not 1 <= len(reason.strip()) <= REASON_LIMIT or not reason.isprintable():
        raise Invalid(
            "reason_invalid",
            f"say why, in one line of 1 to {REASON_LIMIT} characters",
            next_step="The other owners and admins read it.",
            field="$.reason",
        )
    if not SHORTEST <= life <= LONGEST:
        raise Invalid(
            "expires_in_out_of_range",
            f"it lasts from {SHORTEST // SECOND} to {LONGEST // SECOND} seconds",
            next_step="Send a value in that range.",
            field="$.expires_in",
        )


def _own() -> Forbidden:
    return Forbidden("own_recovery", "this is about your own key", next_step="Leave it to two others.")


def _over(glass: BreakGlass) -> Conflict:
    return Conflict(
        "break_glass_over",
        "it has ended, or somebody agreed already",
        next_step="Ask anew.",
        extra={"state": glass.state},
    )
