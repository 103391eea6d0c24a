"""A person answers a step-up, looks how it stands, or ends it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.ask import TOLD, ask
from approvals_hub.stepup.methods import Held, Methods, asked_with
from approvals_hub.stepup.sending import sends_again, take_message_in
from approvals_hub.stepup.settle_step_up import SettleStepUp
from approvals_hub.stepup.step_up import (
    COLLECT_AFTER,
    LEASE,
    LINK,
    MOST_TRIES,
    RUNNING,
    Kept,
    Shown,
    Step,
    busy,
    ended,
    method_unknown,
    unknown_step_up,
)
from approvals_hub.stepup.step_up_event import claimed_event, ended_event
from approvals_hub.stepup.tries import guess_done_in, take_guess_in
from identity.errors import NotProven
from identity.proof import Pending, Proof


@dataclass(frozen=True, slots=True)
class _Open:
    step: Step
    kept: Kept
    held: Held


@dataclass(frozen=True, slots=True)
class CompleteStepUp:
    """Takes answers to running step-ups of the session's own person."""

    db: Database
    methods: Methods
    settle: SettleStepUp
    clock: Clock

    async def __call__(
        self,
        credential: PersonCredential,
        step_up_id: str,
        answer: Any,
        *,
        source: str,
        claimed: tuple[str, ...] = (),
    ) -> Shown:
        """Take an answer. A proven step-up stays so: answering it again tells how it stands.

        `claimed`: names of levels and the like that the client sent of itself: ignored, and recorded as an attempt.
        Raises NotFound, Conflict (it is over), Forbidden (it does not prove it), TooMany, Unavailable.
        """
        now = self.clock.now()

        async def reserve(tx: Tx) -> _Open | Shown | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            found = await self._reserve_in(tx, session, step_up_id, answer, source, now)
            if claimed and (step := await own_in(tx, session, step_up_id)) is not None:
                await self.settle.recorder.record(tx, claimed_event(step, claimed, now))
            return found

        found = await self.db.run(reserve, org=credential.org_id)
        if isinstance(found, HubError):
            raise found
        if isinstance(found, Shown):
            return found
        provider = self.methods.providers[found.step.method]
        said = await ask(
            found.step.method,
            lambda: provider.complete(
                found.held.factor, asked_with(found.step, found.kept.asked), found.kept.state, answer, now=now
            ),
            kinds=TOLD,
            question=found.step.escalation_id,
        )
        at, salt = self.clock.now(), os.urandom(16)

        async def work(tx: Tx) -> Shown | HubError:
            await tx.lock("step_ups", step_up_id)
            step = await store.find(tx, step_up_id)
            result = await self._settle_in(tx, step, found.kept, said, source, salt, at)
            await guess_done_in(tx, found.step.method, found.step.person_id, source, now)
            return result

        return settled(await self.db.run(work, org=found.step.org_id))

    async def _settle_in(
        self,
        tx: Tx,
        step: Step | None,
        kept: Kept,
        said: Proof | Pending | NotProven,
        source: str,
        salt: bytes,
        at: int,
    ) -> Shown | HubError:
        if step is None or step.state_at(at) != RUNNING:
            return unknown_step_up() if step is None else ended(step)
        # The lease is over; a provider's Pending says when to ask next, everything else leaves it at this.
        await store.collect_later(tx, step.id, at=at + COLLECT_AFTER)
        result = await self.settle.after_in(tx, step, kept, said, source=source, counted=True, salt=salt, now=at)
        if isinstance(result, HubError) and step.tries >= MOST_TRIES and _is_guess(result):
            await store.end(tx, step.id, cause="too_many_tries", hint=None)
            await self.settle.recorder.record(tx, ended_event(step, "too_many_tries", at))
            tx.changed(f"step-up:{step.id}")
        return result

    async def _reserve_in(
        self, tx: Tx, session: Session, step_up_id: str, answer: Any, source: str, now: int
    ) -> _Open | Shown | HubError:
        await tx.lock("step_ups", step_up_id)
        step = await own_in(tx, session, step_up_id)
        if step is None:
            return unknown_step_up()
        if step.method not in self.methods.providers:
            return method_unknown(step.method)
        if step.state in ("proven", "used"):
            return Shown(step, {}, now)
        if step.state_at(now) != RUNNING:
            return ended(step)
        if step.leased_at(now):
            return busy()
        reserved = await store.reserve_try(tx, step.id, most=MOST_TRIES, now=now, leased_until=now + LEASE)
        if reserved is None:
            # Others are being looked at this moment: a sixth guess beside five is one too many.
            return ended(step)
        kept = await self.methods.kept_in(tx, reserved)
        held = None if kept is None else await held_for_in(tx, self.methods, reserved, kept)
        refusal = await take_guess_in(tx, step.method, session.person_id, source, now)
        if refusal is not None:
            await store.give_try_back(tx, step.id)
            return refusal
        if kept is None or held is None:
            await guess_done_in(tx, step.method, session.person_id, source, now)
            return ended(step)
        if sends_again(kept.shown, answer, now):
            address = held.factor.data.get("address")
            refusal = await take_message_in(tx, self.methods, step.method, step.purpose, address, step.org_id, now)
        if refusal is not None:
            await guess_done_in(tx, step.method, session.person_id, source, now)
            await store.give_try_back(tx, step.id)
            return refusal
        return _Open(reserved, kept, held)

    async def read(self, credential: PersonCredential, step_up_id: str) -> Shown:
        """How it stands; changes nothing and asks no provider. Raises NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Step, Kept | None] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            step = await own_in(tx, session, step_up_id)
            if step is None:
                return unknown_step_up()
            return step, await self.methods.kept_in(tx, step)

        step, kept = settled(await self.db.read(work, org=credential.org_id))
        return Shown(step, self.methods.picture(step, kept, now), now)

    async def cancel(self, credential: PersonCredential, step_up_id: str) -> Shown:
        """End it, here and at the provider. One that has ended stays as it is. Raises NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Step, Kept | None] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("step_ups", step_up_id)
            step = await own_in(tx, session, step_up_id)
            if step is None:
                return unknown_step_up()
            kept = await self.methods.kept_in(tx, step)
            gone = await store.end(tx, step.id, cause="cancelled", hint=None)
            if gone is None:
                return step, None
            await self.settle.recorder.record(tx, ended_event(gone, "cancelled", now))
            tx.changed(f"step-up:{step.id}")
            return gone, kept

        step, kept = settled(await self.db.run(work, org=credential.org_id))
        provider = self.methods.provider(step.method)
        if kept is not None and provider is not None:
            await ask(step.method, lambda: provider.cancel(kept.state), question=step.escalation_id)
        return Shown(step, {}, now)


async def own_in(tx: Tx, session: Session, step_up_id: str) -> Step | None:
    """The step-up, where it is this session's person's own and in its organisation."""
    step = await store.find(tx, step_up_id)
    if step is None or step.person_id != session.person_id or step.org_id != session.org_id:
        return None
    return step


async def held_for_in(tx: Tx, methods: Methods, step: Step, kept: Kept) -> Held | None:
    """The factor that a running step-up is about; None where it was removed meanwhile."""
    if step.purpose == LINK:
        return methods.linking(kept.asked.get("given", {}))
    held = await methods.held_in(tx, step.person_id, step.method)
    return None if held is None or held.factor_id != step.factor_id else held


def _is_guess(refusal: HubError) -> bool:
    return refusal.code in ("wrong_answer", "proof_replayed")
