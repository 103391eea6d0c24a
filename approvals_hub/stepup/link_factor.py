"""A person ties a further way of proving who they are to themselves, or takes one away. Both need a fresh factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, NotFound, settled
from approvals_hub.core.ids import first_id, new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain.assurance import named
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.stepup import expected_store, factor_store
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.ask import BEGUN, ask
from approvals_hub.stepup.begin_step_up import keep_in, kept_or_cancelled
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.link_in import announce_in
from approvals_hub.stepup.methods import WEBAUTHN, Methods, asked_with
from approvals_hub.stepup.offer import easiest_first
from approvals_hub.stepup.over import FACTOR_REMOVED, end_live_in
from approvals_hub.stepup.sending import take_message_in
from approvals_hub.stepup.sign_in_way import SignInWay
from approvals_hub.stepup.step_up import LIFE, LINK, Shown, Step, method_unknown, vendor_refused
from approvals_hub.stepup.step_up_event import ended_event
from approvals_hub.stepup.tries import refuse_guessing_in, refuse_many_in
from approvals_hub_client.canonical import dumps, sha256_text
from identity.errors import NotProven


class FactorRecord(msgspec.Struct, frozen=True):
    """One factor, as its person sees it."""

    factor_id: str
    method: str
    name: str
    created_at: int
    last_used_at: int | None


class ExpectedRecord(msgspec.Struct, frozen=True):
    """A way whose eID their organisation has named for this person; it counts once they have linked it."""

    factor_id: str
    method: str
    by_name: str | None
    """Who said whose it must be; None for the operator of the hub."""
    created_at: int
    expires_at: int


class FactorList(msgspec.Struct, frozen=True):
    """A person's factors, and the further ways that they could link here."""

    linked: list[FactorRecord]
    linkable: list[str]
    """Providers' names, easiest first."""
    expected: list[ExpectedRecord]
    """What the session's organisation waits for."""


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """What a page sends to link a way. `given` is what the provider needs to begin, like an address."""

    method: str
    name: str
    given: Mapping[str, Any]
    language: str = "en"
    same_device: bool = True
    address: str = ""
    source: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class LinkFactor:
    """Begins to link a way; the proof that completes it makes it the person's (`link_in`)."""

    db: Database
    methods: Methods
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock
    public_url: str

    async def __call__(self, credential: PersonCredential, asked: LinkAsked, fresh: Fresh | None) -> Shown:
        """Begin. Raises NotFound, Forbidden (no fresh factor), Conflict (linked already), TooMany, Unavailable."""
        now, step_up_id, recent = self.clock.now(), new_id("stu"), first_id("stu", LIFE)

        async def work(tx: Tx) -> tuple[Step, str] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            if asked.method not in self.methods.providers or asked.method == WEBAUTHN:
                return method_unknown(asked.method)
            refusal: HubError | None = await self.fresh.verify_fresh_in(tx, session, fresh, now)
            await tx.lock("people", session.person_id)
            if refusal is None:
                refusal = await refuse_many_in(tx, asked.method, session.person_id, recent)
            if refusal is None:
                refusal = await refuse_guessing_in(tx, asked.method, session.person_id, asked.source, now)
            if refusal is None and await factor_store.of_method(tx, session.person_id, asked.method) is not None:
                refusal = Conflict(
                    "factor_linked",
                    f"{named(asked.method)} is linked already",
                    next_step="Remove the present one first.",
                )
            if refusal is None:
                to, org_id = asked.given.get("address"), session.org_id
                refusal = await take_message_in(tx, self.methods, asked.method, LINK, to, org_id, now)
            if refusal is not None:
                return refusal
            return await self._add_in(tx, session, asked, step_up_id, now), session.person_name

        step, name = settled(await self.db.run(work, org=credential.org_id))
        return await self._ask(step, self._asked(asked, name))

    async def _add_in(self, tx: Tx, session: Session, asked: LinkAsked, step_up_id: str, now: int) -> Step:
        members = {"step_up_id": step_up_id, "person_id": session.person_id, "method": asked.method}
        await store.add(
            tx,
            step_up_id=step_up_id,
            org_id=session.org_id,
            person_id=session.person_id,
            session_id=session.session_id,
            escalation_id=None,
            factor_id=None,
            method=asked.method,
            purpose=LINK,
            intent_hash=sha256_text(b"approvals-hub.link.v1\0" + dumps(members)),
            began_at=now,
            expires_at=now + LIFE,
        )
        step = await store.find(tx, step_up_id)
        assert step is not None
        return step

    def _asked(self, asked: LinkAsked, person_name: str) -> dict[str, Any]:
        # Whoever is led to sign somebody else's linking reads here where that would be.
        host = urlsplit(self.public_url).netloc
        words = {
            "sv": f"Länka mig till {host}: från och med nu visar detta där att det är jag.",
            "en": f"Link me at {host}: from now on this shows there that it is me.",
        }
        return {
            "visible": words.get(asked.language, words["en"]),
            "language": asked.language,
            "address": asked.address,
            "user_agent": asked.user_agent,
            "same_device": asked.same_device,
            "return_url": f"{self.public_url}/return",
            "organisation": "",
            # An app that keeps codes for several hubs, or for several people, lists them by this.
            "given": {**asked.given, "account": f"{person_name} @ {urlsplit(self.public_url).hostname}"},
            "name": asked.name,
        }

    async def _ask(self, step: Step, asked: dict[str, Any]) -> Shown:
        provider, held = self.methods.providers[step.method], self.methods.linking(asked["given"])
        answer = await ask(step.method, lambda: provider.begin(held.factor, asked_with(step, asked)), kinds=BEGUN)
        now = self.clock.now()

        async def work(tx: Tx) -> Shown | HubError | None:
            if isinstance(answer, NotProven):
                if await store.end(tx, step.id, cause=answer.code, hint=answer.hint) is not None:
                    await self.recorder.record(tx, ended_event(step, answer.code, now))
                return vendor_refused(answer)
            return await keep_in(tx, self.methods, step, answer, asked, now)

        kept = await self.db.run(work, org=step.org_id)
        return await kept_or_cancelled(provider, step, answer, kept)


@dataclass(frozen=True, slots=True)
class Factors:
    """A person's own factors: list, remove."""

    db: Database
    methods: Methods
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock
    ways: Mapping[str, SignInWay]

    async def list(self, credential: PersonCredential) -> FactorList:
        """What is linked, oldest first, and what could be. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> FactorList | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            linked = [
                FactorRecord(row["id"], row["method"], row["name"], row["created_at"], row["last_used_at"])
                for row in await factor_store.of_person(tx, session.person_id)
                if session.only_in is None or self._org_of(row["method"]) in (None, session.only_in)
            ]
            expected = [
                ExpectedRecord(row["id"], row["method"], row["by_name"], row["created_at"], row["expires_at"])
                for row in await expected_store.of_person(tx, session.org_id, session.person_id, now)
            ]
            taken = {WEBAUTHN, *(factor.method for factor in linked)}
            linkable = [name for name in easiest_first(self.methods.providers) if name not in taken]
            return FactorList(linked, linkable, expected)

        return settled(await self.db.read(work, org=credential.org_id))

    def _org_of(self, method: str) -> str | None:
        """Whose own identity provider it is."""
        return None if (way := self.ways.get(method)) is None else way.org_id

    async def remove(self, credential: PersonCredential, factor_id: str, fresh: Fresh | None) -> FactorRecord:
        """Take one away; what was kept of it is gone. One that is only expected is declined.

        Raises NotFound, Forbidden (no fresh factor).
        """
        now = self.clock.now()

        async def work(tx: Tx) -> FactorRecord | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await factor_store.find(tx, factor_id)
            expected = await expected_store.find(tx, factor_id) if row is None else None
            if not _is_linked(row, session) and not _is_expected(expected, session, now):
                return NotFound("factor_unknown", "there is no such factor of yours", next_step="Look at the list.")
            refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
            if refusal is not None:
                return refusal
            if row is None:
                assert expected is not None
                return await self._decline_in(tx, session, expected, now)
            await factor_store.remove(tx, factor_id, at=now)
            await end_live_in(tx, self.recorder, session.person_id, row["method"], FACTOR_REMOVED, now)
            await announce_in(
                tx,
                self.recorder,
                "factor.removed",
                session.org_id,
                session.person_id,
                factor_id,
                row["method"],
                now=now,
            )
            return FactorRecord(row["id"], row["method"], row["name"], row["created_at"], row["last_used_at"])

        return settled(await self.db.run(work, org=credential.org_id))

    async def _decline_in(self, tx: Tx, session: Session, row: Row, now: int) -> FactorRecord:
        """The person says that this is not theirs: they may link their own, and the log tells the organisation."""
        await expected_store.end(tx, row["id"], cause=expected_store.DECLINED, at=now)
        await announce_in(
            tx, self.recorder, "factor.declined", row["org_id"], session.person_id, row["id"], row["method"], now=now
        )
        return FactorRecord(row["id"], row["method"], named(row["method"]), row["created_at"], None)


def _is_linked(row: Row | None, session: Session) -> bool:
    return row is not None and row["person_id"] == session.person_id and row["removed_at"] is None


def _is_expected(row: Row | None, session: Session, now: int) -> bool:
    """Whether the session's own organisation waits for it."""
    if row is None or row["person_id"] != session.person_id or row["org_id"] != session.org_id:
        return False
    return row["ended_at"] is None and now < row["expires_at"]
