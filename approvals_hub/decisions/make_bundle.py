"""Makes the receipt bundle of a question that has ended: one file that proves, without the hub, how it was answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential, ApiKey, SignedRequest
from approvals_hub.audit import store as log
from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.prove import proofs_in
from approvals_hub.audit.record import Recorder
from approvals_hub.audit.seal import Sealer, SealingRefused
from approvals_hub.audit.store import Head
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import Conflict, HubError, Unavailable, settled
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.bundle import (
    ESSENTIAL,
    Entry,
    answer_part,
    entry_of,
    of_devices,
    places,
    public_key_of,
    question_part,
    token_part,
)
from approvals_hub.domain import outcome
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.collect import subject_of
from approvals_hub.escalations.escalation import Escalation, Question
from approvals_hub.escalations.place import readable_in
from approvals_hub.escalations.present import presentation_of
from approvals_hub.escalations.recognise import question_in
from approvals_hub.escalations.refusals import unknown
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.key import LOG, TOKEN
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.tokens.store import redemption_of
from approvals_hub.tokens.trusted_hub_store import proofs_of
from approvals_hub_client import note
from approvals_hub_client.bundle_form import (
    FORMAT,
    MAXIMUM_ENTRIES,
    AnswerPart,
    Bundle,
    EntryPart,
    HubPart,
    LogPart,
    ProofPart,
    sealed,
)

Reader = AgentCredential | PersonCredential | OperatorCredential
_ROUNDS = 10
"""How many times the log is sealed until the question's entries are in it: each round takes a thousand entries."""


class _Unsealed(Exception):
    """Entries of the question have no place in the log yet."""


@dataclass(frozen=True, slots=True)
class MakeBundle:
    """Gathers, seals and signs. That somebody asked for it is an entry too."""

    db: Database
    vault: Vault
    recorder: Recorder
    sealer: Sealer
    clock: Clock
    epoch: Callable[[], Epoch]
    ring: KeyRing
    signer: Callable[[str], note.Signer]
    issuer: str

    async def __call__(self, reader: Reader, escalation_id: str) -> Bundle:
        """The bundle, for the agent that asked, for those who were asked, and for whoever exports the log.

        Raises NotFound for others, Conflict while it is open (`escalation_open`) and where what somebody signed was
        erased with their key (`statement_erased`), Unavailable while the log is not sealed, Unauthenticated, Forbidden.
        """
        now = self.clock.now()

        async def admit(tx: Tx) -> Escalation | HubError:
            found = await self._admitted_in(tx, reader, escalation_id, now)
            if isinstance(found, HubError):
                return found
            escalation, by, actor_id = found
            if escalation.open:
                return Conflict(
                    "escalation_open",
                    "the question has not ended",
                    next_step="Wait until it has; then its bundle never changes what it says.",
                )
            await self.recorder.record(tx, _read_event(escalation, by, actor_id, now))
            return escalation

        escalation = settled(await self.db.run(admit, org=reader.org_id))

        async def gather(tx: Tx) -> Bundle | HubError:
            return await self._gathered_in(tx, escalation.id, now)

        for _ in range(_ROUNDS):
            if isinstance(await self.sealer.seal(escalation.org_id), SealingRefused):
                break
            try:
                bundle = settled(await self.db.read(gather, org=escalation.org_id))
            except _Unsealed:
                continue
            return sealed(bundle, self.signer(escalation.org_id))
        raise Unavailable(
            "log_not_sealed", "the log does not hold all of it yet", next_step="Ask again in a second.", retry_after=1
        )

    async def _admitted_in(
        self, tx: Tx, reader: Reader, escalation_id: str, now: int
    ) -> tuple[Escalation, ActorType, str] | HubError:
        """The question, for whom it is no secret, and who that is."""
        if isinstance(reader, SignedRequest | ApiKey):
            agent = await admit_agent_in(tx, reader, now, epoch_started=self.epoch().started, paused_may=True)
            if not isinstance(agent, Agent):
                return agent
            mine = await escalations.find_of_agent(tx, escalation_id, agent.agent_id)
            return unknown() if mine is None else (mine, "agent", agent.agent_id)
        escalation = await escalations.find(tx, escalation_id)
        if isinstance(reader, OperatorCredential):
            who = await admit_acting_in(tx, reader, now, Permission.EXPORT_AUDIT)
            if isinstance(who, HubError):
                return who
            known = escalation is not None and escalation.org_id == who.org_id
            return (escalation, who.actor_type, who.actor_id) if known and escalation is not None else unknown()
        session = await admit_person_in(tx, reader, now)
        if isinstance(session, HubError):
            return session
        if escalation is None or await readable_in(tx, session, escalation, now) is None:
            return unknown()
        return escalation, "person", session.person_id

    async def _gathered_in(self, tx: Tx, escalation_id: str, now: int) -> Bundle | HubError:
        escalation = await escalations.find(tx, escalation_id)
        assert escalation is not None  # questions are never deleted
        head = await log.head(tx, escalation.org_id)
        found = await log.of_question(tx, escalation.org_id, escalation.id, MAXIMUM_ENTRIES + 1)
        whole = len(found) <= MAXIMUM_ENTRIES
        if not whole:
            found = await log.of_question(tx, escalation.org_id, escalation.id, MAXIMUM_ENTRIES + 1, ESSENTIAL)
        if len(found) > MAXIMUM_ENTRIES:
            return _too_many()
        if any(index is None or index >= head.size for index, _ in found):
            raise _Unsealed
        entries = [entry_of(index, body) for index, body in found if index is not None]
        rows = await store.sealed(tx, escalation.id)
        devices = {row["device_id"] for row in rows}
        about = [entry_of(*each) for each in await log.of_devices(tx, escalation.org_id, head.size)]
        entries = sorted([*entries, *of_devices(about, devices)], key=lambda each: each.index)
        answers = await self._answers_in(tx, rows, entries)
        if isinstance(answers, HubError):
            return answers
        plain = await question_in(tx, self.vault, escalation.org_id, escalation.id)
        question = msgspec.json.decode(plain, type=Question)
        return Bundle(
            format=FORMAT,
            created=to_text(now),
            hub=self._hub(escalation.org_id),
            question=question_part(escalation, question, presentation_of(escalation, question)),
            answers=answers,
            token=token_part(escalation, subject_of(escalation, self.issuer), now),
            proof=await _proof_in(tx, escalation),
            log=await _log_in(tx, escalation.org_id, head, entries, whole=whole),
            seal="",
        )

    async def _answers_in(self, tx: Tx, rows: list[Row], entries: list[Entry]) -> list[AnswerPart] | HubError:
        """In the log's order, which is the order in which they counted."""
        here = {str(each.detail["device_id"]) for each in entries if each.kind == "device.enrolled"}
        place = places(entries)
        answers = []
        for row in sorted(rows, key=lambda row: place[row["id"]]):
            try:
                text = await self.vault.unseal_in(tx, row["approver_id"], bytes(row["sealed"]), f"decision:{row['id']}")
            except (LookupError, SealBroken):
                return Conflict(
                    "statement_erased",
                    "what somebody signed was erased with their key",
                    next_step="Export the log: it holds the commitments that are left.",
                )
            answers.append(answer_part(row, msgspec.json.decode(text), here))
        return answers

    def _hub(self, org_id: str) -> HubPart:
        return HubPart(
            issuer=self.issuer,
            org_id=org_id,
            origin=self.signer(org_id).verifier.name,
            token_keys=[public_key_of(key) for key in self.ring.all(TOKEN)],
            log_keys=[public_key_of(key) for key in self.ring.all(LOG)],
        )


async def _proof_in(tx: Tx, escalation: Escalation) -> ProofPart | None:
    row = await redemption_of(tx, escalation.id) if escalation.token_state == outcome.REDEEMED else None
    if row is None:
        return None
    return ProofPart(
        token=row["proof_token"],
        redeemed_at=to_text(row["redeemed_at"]),
        counterparty_proofs=await proofs_of(tx, row["jti"]),
    )


async def _log_in(tx: Tx, org_id: str, head: Head, entries: list[Entry], *, whole: bool) -> LogPart:
    proofs = await proofs_in(tx, org_id, head.size, [each.index for each in entries])
    parts = [
        EntryPart(index=each.index, entry=each.body.decode(), proof=proof)
        for each, proof in zip(entries, proofs, strict=True)
    ]
    return LogPart(checkpoint=head.note, whole=whole, entries=parts)


def _too_many() -> Conflict:
    return Conflict(
        "bundle_too_large",
        f"the log has more than {MAXIMUM_ENTRIES} entries about this question",
        next_step="Export the log instead, with the question as its filter.",
    )


def _read_event(escalation: Escalation, by: ActorType, actor_id: str, now: int) -> Event:
    return Event(
        kind="bundle.read",
        org_id=escalation.org_id,
        at=now,
        actor_type=by,
        actor_id=actor_id,
        agent_id=escalation.agent_id,
        escalation_id=escalation.id,
    )
