"""What follows from a provider's answer: proven, still going on, a wrong try, or the end. Inside a unit of work."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import HOUR, SECOND
from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Tx
from approvals_hub.domain.assurance import is_too_risky
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people import session_store
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.stepup import factor_store
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.link_in import link_in
from approvals_hub.stepup.methods import WEBAUTHN, Methods
from approvals_hub.stepup.over import DEVICE_REVOKED, over_in
from approvals_hub.stepup.said import pause
from approvals_hub.stepup.step_up import GUESSABLE, LINK, Kept, Shown, Step, ended, vendor_refused
from approvals_hub.stepup.step_up_event import ended_event, proven_event, refused_event
from approvals_hub.stepup.tries import count_wrong_in
from approvals_hub.stepup.used_passkey import note_passkey_in, note_refused_in
from approvals_hub_client.canonical import b64u, dumps, sha256_text
from identity.errors import CopiedPasskey, NotProven, TooRisky, WrongAnswer, WrongPerson
from identity.proof import Pending, Proof

PROOF_LIFE = 300 * SECOND
"""How long a proof waits for the signature that uses it, in milliseconds; the requirement may ask for less."""


@dataclass(frozen=True, slots=True)
class SettleStepUp:
    """Moves a step-up on, at most once for each answer."""

    methods: Methods
    recorder: Recorder

    async def after_in(
        self,
        tx: Tx,
        step: Step,
        kept: Kept,
        answer: Proof | Pending | NotProven,
        *,
        source: str,
        counted: bool,
        salt: bytes,
        now: int,
    ) -> Shown | HubError:
        """Act on what the provider said about a running step-up whose row this unit holds.

        `counted`: the person's answer was counted as a try before it was asked. `salt`: 16 random bytes.
        """
        if isinstance(answer, Proof):
            if counted:
                await store.give_try_back(tx, step.id)
            return await self._proven_in(tx, step, kept, answer, source, salt, now)
        if isinstance(answer, Pending):
            if counted:
                await store.give_try_back(tx, step.id)
            return await self._pending_in(tx, step, kept, answer, now)
        if answer.final:
            return await self._ended_in(tx, step, answer, now)
        if isinstance(answer, WrongAnswer):
            return await self._wrong_in(tx, step, answer, source, now)
        if counted:
            await store.give_try_back(tx, step.id)
        return vendor_refused(answer)

    async def _proven_in(
        self, tx: Tx, step: Step, kept: Kept, proof: Proof, source: str, salt: bytes, now: int
    ) -> Shown | HubError:
        cause = await over_in(tx, step, now)
        if cause is None and step.method == WEBAUTHN:
            cause = None if await note_passkey_in(tx, self.recorder, step, proof, now) else DEVICE_REVOKED
        if cause is not None:
            return await self._over_in(tx, step, cause, now)
        if is_too_risky(proof.facts.get("risk"), kept.asked.get("most_risk")):
            return await self._ended_in(tx, step, TooRisky("the provider sees more risk than is accepted"), now)
        for name in proof.once:
            if not await store.use_up(tx, person_id=step.person_id, method=step.method, name=name, at=now):
                return await self._replayed_in(tx, step, source, now)
        evidence = {name: b64u(value) for name, value in proof.evidence.items()}
        text = dumps({"salt": b64u(salt), "subject": proof.subject, "at": proof.at, **evidence})
        proven = await store.prove(
            tx,
            step.id,
            # A provider that was asked late tells of what was done before: how fresh that is counts from then.
            at=min(max(proof.at, step.began_at), now),
            until=now + PROOF_LIFE,
            amr=" ".join(proof.amr),
            binding=proof.binding.value,
            reported=proof.acr_reported,
            identified=proof.identified,
            auth_ref=proof.auth_ref,
            facts=dumps(dict(proof.facts)).decode(),
            evidence=await self.methods.vault.seal_in(tx, step.person_id, text, f"evidence:{step.id}"),
            evidence_hash=sha256_text(text),
        )
        assert proven is not None  # the row is held, and it was running
        if step.purpose == LINK:
            refusal = await link_in(tx, self.methods, self.recorder, step, kept, proof, now)
            if refusal is not None:
                await store.end(tx, step.id, cause=refusal.code, hint=None)
                await self.recorder.record(tx, ended_event(step, refusal.code, now))
                return refusal
            await store.use(tx, step.id, decision_id=None, at=now)
            # Whoever brought the answer gets the new token with it; where the hub found it, the page's next look does.
            await session_store.owe_renewal(tx, step.session_id, at=now)
        elif step.factor_id is not None:
            data = proof.data
            sealed = None if data is None else await self.methods.seal_data_in(tx, step.person_id, step.method, data)
            await factor_store.keep_data(tx, step.factor_id, sealed=sealed, at=now)
        await self.recorder.record(tx, proven_event(proven, now))
        tx.changed(f"step-up:{step.id}")
        return Shown(proven, {}, now, tied=step.purpose == LINK)

    async def _pending_in(self, tx: Tx, step: Step, kept: Kept, answer: Pending, now: int) -> Shown | HubError:
        every = answer.collect_every
        wait = pause(every)
        state = Kept(dict(answer.state), dict(answer.shown), kept.asked, every)
        found = await store.keep(
            tx,
            step.id,
            version=step.version,
            sealed=await self.methods.seal_kept_in(tx, step.id, step.person_id, state),
            collect_at=None if wait is None else now + wait,
            expires_at=step.expires_at,
        )
        if found is None:
            # Another answer or the collector was faster; what it wrote is as good as this.
            present = await store.find(tx, step.id)
            assert present is not None
            return Shown(present, state.shown, now)
        tx.changed(f"step-up:{step.id}")
        return Shown(found, state.shown, now)

    async def _ended_in(self, tx: Tx, step: Step, error: NotProven, now: int) -> HubError:
        found = await store.end(tx, step.id, cause=error.code, hint=error.hint)
        if found is None:
            return ended(step)
        await self.recorder.record(tx, ended_event(found, error.code, now))
        if isinstance(error, CopiedPasskey) and step.method == WEBAUTHN:
            await note_refused_in(tx, step, error, now)
        if isinstance(error, WrongPerson):
            await add_notice_in(
                tx,
                org_id=step.org_id,
                kind="identity_refused",
                subject_id=step.person_id,
                by_id=None,
                at=now,
                once_in=HOUR,
            )
        tx.changed(f"step-up:{step.id}")
        return vendor_refused(error)

    async def _over_in(self, tx: Tx, step: Step, cause: str, now: int) -> HubError:
        """A true proof that comes too late for its person: it ties nothing to anybody and proves nothing."""
        found = await store.end(tx, step.id, cause=cause, hint=None)
        if found is None:
            return ended(step)
        await self.recorder.record(tx, ended_event(found, cause, now))
        tx.changed(f"step-up:{step.id}")
        return ended(found)

    async def _replayed_in(self, tx: Tx, step: Step, source: str, now: int) -> HubError:
        """Somebody brings a proof that was used: a wrong try, whoever it was."""
        await self.recorder.record(tx, refused_event(step, "proof_replayed", now))
        await self._count_in(tx, step, source, now)
        return Forbidden(
            "proof_replayed",
            "this proof was used before",
            next_step="Wait for the next code, or begin anew.",
            field="$.answer",
        )

    async def _wrong_in(self, tx: Tx, step: Step, error: NotProven, source: str, now: int) -> HubError:
        """The try stays counted by the hub; the provider's own count is not needed beside it."""
        await self.recorder.record(tx, refused_event(step, error.code, now))
        await self._count_in(tx, step, source, now)
        return vendor_refused(error)

    async def _count_in(self, tx: Tx, step: Step, source: str, now: int) -> None:
        if step.method not in GUESSABLE:
            return
        if await count_wrong_in(tx, step.person_id, source, now):
            await self._alarm_in(tx, step, now)

    async def _alarm_in(self, tx: Tx, step: Step, now: int) -> None:
        """Somebody guesses at this person's codes: they and the admins hear of it before anything is blocked."""
        await add_notice_in(
            tx,
            org_id=step.org_id,
            kind="codes_guessed",
            subject_id=step.person_id,
            by_id=None,
            at=now,
            told=[step.person_id],
        )
        await queue_person(
            tx,
            kind="step_up.guessed",
            org_id=step.org_id,
            person_id=step.person_id,
            at=now,
            until=now + TELL_WITHIN,
        )
