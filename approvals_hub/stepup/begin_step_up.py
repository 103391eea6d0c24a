"""A person begins to prove who they are, for one intent that they are about to sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, settled
from approvals_hub.core.ids import first_id, new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.assurance import named
from approvals_hub.domain.in_words import in_words
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.eligible import refuse_unasked
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.intent import check_nonce, untrue
from approvals_hub.escalations.match_number import refuse_number_in
from approvals_hub.escalations.nonce import Nonces
from approvals_hub.escalations.place import Place, readable_in
from approvals_hub.escalations.present import Present, presentation_of
from approvals_hub.escalations.read_asker import asker_in
from approvals_hub.escalations.refusals import ended_conflict, unknown
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.stepup import expected_store
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.ask import BEGUN, ask
from approvals_hub.stepup.link_in import other_expected
from approvals_hub.stepup.methods import Held, Methods, asked_with
from approvals_hub.stepup.offer import worth_of, would_satisfy
from approvals_hub.stepup.said import pause
from approvals_hub.stepup.sending import take_message_in
from approvals_hub.stepup.step_up import (
    BEGINNING,
    DECISION,
    LIFE,
    Kept,
    Shown,
    Step,
    busy,
    ended,
    method_too_weak,
    method_unknown,
    vendor_refused,
)
from approvals_hub.stepup.step_up_event import begun_event, claimed_event, ended_event, refused_beginning
from approvals_hub.stepup.tries import refuse_guessing_in, refuse_many_in
from approvals_hub_client.canonical import CanonicalError, dumps, loads
from approvals_hub_client.statement import BadStatement, intent_hash
from identity.errors import NotProven
from identity.proof import Challenge
from identity.provider import Provider


@dataclass(frozen=True, slots=True)
class StepUpAsked:
    """What a page sends. `intent` is the JCS bytes of the intent that will be signed."""

    method: str
    intent: bytes
    language: str = "en"
    same_device: bool = True
    address: str = ""
    """Where the request came from, as the hub saw it."""
    source: str = ""
    """What that address counts as."""
    user_agent: str = ""
    claimed: tuple[str, ...] = ()
    """Names of levels and the like that the client sent of itself: ignored, and recorded as an attempt."""


@dataclass(frozen=True, slots=True)
class _Begun:
    step: Step
    held: Held
    asked: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BeginStepUp:
    """Begins one, or gives back the one that runs: a page that is opened again never cancels an order."""

    db: Database
    methods: Methods
    present: Present
    nonces: Nonces
    recorder: Recorder
    clock: Clock
    public_url: str

    async def __call__(self, credential: PersonCredential, escalation_id: str, asked: StepUpAsked) -> Shown:
        """Begin. Raises NotFound, Invalid (the intent), Forbidden (not asked, or too weak a way), Conflict, TooMany,
        Unavailable where the provider cannot be asked."""
        intent, hashed = _intent(asked.intent)
        now, step_up_id, recent = self.clock.now(), new_id("stu"), first_id("stu", LIFE)

        async def work(tx: Tx) -> _Begun | Shown | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("escalations", escalation_id)
            escalation = await escalations.find(tx, escalation_id)
            place = None if escalation is None else await readable_in(tx, session, escalation, now)
            if escalation is None or place is None:
                return unknown()
            begun = await self._begin_in(tx, session, escalation, place, asked, intent, hashed, step_up_id, recent, now)
            if isinstance(begun, HubError):
                event = refused_beginning(session, escalation, asked.method, hashed, begun, now, asked.claimed)
                await self.recorder.record(tx, event)
            return begun

        begun = await self.db.run(work, org=credential.org_id)
        return await self._ask(begun) if isinstance(begun, _Begun) else settled(begun)

    async def _begin_in(
        self,
        tx: Tx,
        session: Session,
        escalation: Escalation,
        place: Place,
        asked: StepUpAsked,
        intent: dict[str, Any],
        hashed: str,
        step_up_id: str,
        recent: str,
        now: int,
    ) -> _Begun | Shown | HubError:
        if escalation.overdue(now) or not escalation.open:
            return ended_conflict(escalation)
        refusal = refuse_unasked(place, escalation.stage, approves=True)
        refusal = refusal or untrue(intent, escalation, session.person_id)
        if refusal is not None:
            return refusal
        nonce = check_nonce(self.nonces, intent, now)
        if isinstance(nonce, HubError):
            return nonce
        if asked.method not in self.methods.for_decisions():
            return method_unknown(asked.method)
        # A step-up must not be a way to try numbers that nobody counts.
        refusal = await refuse_number_in(tx, self.present.vault, self.recorder, escalation, intent, nonce, now)
        if refusal is not None:
            return refusal
        device = await people.device(tx, intent["device_id"])
        if device is None or device["person_id"] != session.person_id or device["state"] != ACTIVE:
            return Forbidden(
                "device_not_active",
                "the intent's device is not an active one of yours",
                next_step="Enrol this device again.",
                field="$.intent.device_id",
            )
        if not would_satisfy(escalation.asked(), worth_of(escalation.asked(), device), asked.method):
            return method_too_weak(named(asked.method))
        # One at a time for a person: two pages open one order, and what each may cost is counted.
        await tx.lock("people", session.person_id)
        running = await store.running(tx, person_id=session.person_id, method=asked.method, intent_hash=hashed, now=now)
        if running is not None and running.begins_at(now):
            return busy()
        if running is not None and running.state != BEGINNING:
            kept = await self.methods.kept_in(tx, running)
            if asked.claimed:
                await self.recorder.record(tx, claimed_event(running, asked.claimed, now))
            return Shown(running, self.methods.picture(running, kept, now), now)
        refusal = await refuse_many_in(tx, asked.method, session.person_id, recent)
        if refusal is None:
            refusal = await refuse_guessing_in(tx, asked.method, session.person_id, asked.source, now)
        if refusal is not None:
            return refusal
        held = await self.methods.held_in(tx, session.person_id, asked.method)
        if held is None:
            return Conflict(
                "method_not_linked",
                f"{named(asked.method)} is not linked to you",
                next_step="Link it under Devices first, or choose another way.",
            )
        if await expected_store.other_is_waited_for(tx, session.org_id, session.person_id, asked.method, now):
            return other_expected()
        to, org_id = held.factor.data.get("address"), session.org_id
        if refusal := await take_message_in(tx, self.methods, asked.method, DECISION, to, org_id, now):
            return refusal
        await store.add(
            tx,
            step_up_id=step_up_id,
            org_id=session.org_id,
            person_id=session.person_id,
            session_id=session.session_id,
            escalation_id=escalation.id,
            factor_id=held.factor_id,
            method=asked.method,
            purpose=DECISION,
            intent_hash=hashed,
            began_at=now,
            expires_at=min(now + LIFE, escalation.expires_at),
        )
        step = await store.find(tx, step_up_id)
        assert step is not None
        await self.recorder.record(tx, begun_event(escalation, step, now, asked.claimed))
        return _Begun(step, held, await self._asked_in(tx, session, escalation, asked, hashed))

    async def _asked_in(
        self, tx: Tx, session: Session, escalation: Escalation, asked: StepUpAsked, hashed: str
    ) -> dict[str, Any]:
        question = await self.present.question_in(tx, escalation)
        assert question is not None
        shown = presentation_of(escalation, question)
        asker = await asker_in(tx, escalation)
        visible = in_words(
            shown,
            asker=asker.name,
            organisation=session.org_name,
            intent_hash=hashed,
            language=asked.language,
        )
        return {
            "visible": visible,
            "language": asked.language,
            "address": asked.address,
            "user_agent": asked.user_agent,
            "same_device": asked.same_device,
            "return_url": f"{self.public_url}/return",
            "organisation": session.org_name,
            "most_risk": escalation.asked().most_risk,
            "passkeys": escalation.asked().passkeys,
        }

    async def _ask(self, begun: _Begun) -> Shown:
        """Call the provider, outside any unit of work, and keep what it says."""
        step, provider = begun.step, self.methods.providers[begun.step.method]
        factor, asked = begun.held.factor, asked_with(step, begun.asked)
        answer = await ask(step.method, lambda: provider.begin(factor, asked), kinds=BEGUN, question=step.escalation_id)
        now = self.clock.now()

        async def work(tx: Tx) -> Shown | HubError | None:
            if isinstance(answer, NotProven):
                if await store.end(tx, step.id, cause=answer.code, hint=answer.hint) is not None:
                    await self.recorder.record(tx, ended_event(step, answer.code, now))
                return vendor_refused(answer)
            return await keep_in(tx, self.methods, step, answer, begun.asked, now)

        kept = await self.db.run(work, org=step.org_id)
        return await kept_or_cancelled(provider, step, answer, kept)


async def kept_or_cancelled(
    provider: Provider, step: Step, answer: Challenge | NotProven, kept: Shown | HubError | None
) -> Shown:
    """What was kept. Raises the refusal; where the step-up ended while its provider began, the order is taken back."""
    if kept is None and not isinstance(answer, NotProven):
        await ask(step.method, lambda: provider.cancel(answer.state), question=step.escalation_id)
        raise ended(step)
    assert kept is not None
    return settled(kept)


async def keep_in(
    tx: Tx, methods: Methods, step: Step, begun: Challenge, asked: dict[str, Any], now: int
) -> Shown | None:
    """Keep what a provider remembers of a challenge that it began.

    The step-up lives on after a code of it is over: the person may ask for another.
    """
    kept = Kept(dict(begun.state), dict(begun.shown), asked, begun.collect_every)
    wait = pause(begun.collect_every)
    found = await store.keep(
        tx,
        step.id,
        version=step.version,
        sealed=await methods.seal_kept_in(tx, step.id, step.person_id, kept),
        collect_at=None if wait is None else now + wait,
        expires_at=step.expires_at,
    )
    return None if found is None else Shown(found, kept.shown, now)


def _intent(raw: bytes) -> tuple[dict[str, Any], str]:
    """The intent and its hash. Raises Invalid unless the bytes are the canonical form of exactly an approval's."""
    try:
        intent = loads(raw, max_depth=2)
        if dumps(intent) != raw:
            raise BadStatement("the bytes are not the canonical form of what they say")
        hashed = intent_hash(intent)
    except (CanonicalError, BadStatement) as error:
        field_name = getattr(error, "field", None)
        raise Invalid(
            "intent_malformed",
            str(error),
            next_step="Send the RFC 8785 bytes of the statement without step_up.",
            field=f"$.intent.{field_name}" if field_name else "$.intent",
        ) from error
    if intent["decision"] != "approve":
        raise Invalid(
            "no_step_up_needed",
            "only an approval may need a step-up",
            next_step="Sign the statement with step_up empty.",
            field="$.intent.decision",
        )
    return intent, hashed
