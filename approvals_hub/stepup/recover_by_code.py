"""Somebody who lost every key types a recovery code: a session that can enrol one new key, which then has to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvals_hub.audit.event import Event
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Unauthenticated, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.person import ACTIVE
from approvals_hub.people.session import ENROLMENT
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup import factor_store, recovery_store
from approvals_hub.stepup import step_up_store as used
from approvals_hub.stepup.make_recovery_codes import METHOD
from approvals_hub.stepup.methods import Held, Methods
from approvals_hub.stepup.open_recovery import OpenRecovery, RecoverySecrets, new_recovery_secrets
from approvals_hub.stepup.open_session import (
    OpenedSession,
    SessionSecrets,
    Whose,
    new_session_secrets,
    open_session_in,
)
from approvals_hub.stepup.recovery import CODE, ENROL_WITHIN, Recovery
from approvals_hub.stepup.tries import count_wrong_in, refuse_guessing_in
from identity.errors import Malformed
from identity.recovery_codes import HOW_MANY, index_of, once_of, read_code, without

DOOR = "recovery:"
"""Wrong codes of strangers are counted apart: they must not shut the codes of somebody who is signed in."""
NAMESAKES = 5
"""People with one address whose codes are tried; an address is nobody's alone."""
_NOBODYS: Mapping[str, Any] = {"salt": "0" * 32, "hashes": ["0" * 64] * HOW_MANY}


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """What a visitor types: an address or an id, and a code. `org_id` chooses among several organisations."""

    code: str = field(repr=False)
    email: str | None = None
    person_id: str | None = None
    org_id: str | None = None


@dataclass(frozen=True, slots=True)
class Recovering:
    """The recovery and its session, which enrols one key."""

    recovery: Recovery
    session: OpenedSession
    person_name: str
    org_name: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Somebody whose unused code it is."""

    person: Row
    factor: Held
    index: int
    membership: Row


@dataclass(frozen=True, slots=True)
class RecoverByCode:
    """Takes a code, once. Who is not here and who has no codes look the same as a wrong code."""

    db: Database
    methods: Methods
    opening: OpenRecovery
    visits: KeepVisits
    clock: Clock

    async def __call__(self, given: CodeGiven, visitor: Visitor, *, source: str) -> Recovering:
        """Open a recovery. `source` is what the visitor's address counts as.

        Raises Unauthenticated with one answer for an unknown or disabled person, a wrong code and a used one; TooMany.
        """
        now = self.clock.now()
        secrets, session = new_recovery_secrets(), new_session_secrets()
        code = _read(given.code)

        async def work(tx: Tx) -> Recovering | HubError:
            hints = await self._hints_in(tx, given)
            for hint in hints:
                # Guesses side by side wait for each other here: together they are no more than the limit.
                await tx.lock("people", hint)
                refusal = await refuse_guessing_in(tx, METHOD, hint, source, now, door=DOOR)
                if refusal is not None:
                    return refusal
            found = [await self._find_in(tx, hint, code, given.org_id) for hint in hints]
            hit = next((one for one in found if one is not None), None)
            if hit is None or not await self._spend_in(tx, hit, now):
                for hint in hints:
                    await self._wrong_in(tx, hint, source, now)
                return _refusal()
            return await self._open_in(tx, hit, secrets, session, visitor, now)

        return settled(await self.db.run(work))

    async def _find_in(self, tx: Tx, person_id: str, code: str, org_id: str | None) -> _Found | None:
        """Whose code it is. All is looked up, opened and compared for nobody, too: the time must tell nothing."""
        person = await people.person(tx, person_id)
        memberships = await orgs.memberships(tx, person_id)
        held = await self.methods.held_alike_in(tx, person_id, METHOD, _NOBODYS)
        index = index_of(code, held.factor.data)
        membership = next((row for row in memberships if org_id in (None, row["org_id"])), None)
        if person is None or person["state"] != ACTIVE or index is None or membership is None or not held.factor_id:
            return None
        return _Found(person, held, index, membership)

    async def _spend_in(self, tx: Tx, found: _Found, now: int) -> bool:
        data, person_id = found.factor.factor.data, found.person["id"]
        name = once_of(data, found.index)
        if not await used.use_up(tx, person_id=person_id, method=METHOD, name=name, at=now):
            return False
        sealed = await self.methods.seal_data_in(tx, person_id, METHOD, without(data, found.index))
        assert found.factor.factor_id is not None
        await factor_store.keep_data(tx, found.factor.factor_id, sealed=sealed, at=now)
        return True

    async def _open_in(
        self,
        tx: Tx,
        found: _Found,
        secrets: RecoverySecrets,
        session: SessionSecrets,
        visitor: Visitor,
        now: int,
    ) -> Recovering:
        person_id, org_id = found.person["id"], found.membership["org_id"]
        recovery = await self.opening.open_in(
            tx,
            secrets,
            org_id=org_id,
            person_id=person_id,
            way=CODE,
            by=person_id,
            actor_type="person",
            life=ENROL_WITHIN,
            now=now,
        )
        whose = Whose(org_id, person_id, ENROLMENT, invite_id=secrets.invite_id)
        opened = await open_session_in(tx, self.visits, session, whose, visitor, now)
        return Recovering(recovery, opened, found.person["name"], found.membership["org_name"])

    async def _wrong_in(self, tx: Tx, hint: str, source: str, now: int) -> None:
        """Count it, whether or not there is such a person; who is one hears of it at the limit, with the admins.

        Wrong codes are not written down one by one: whoever tries them is nobody yet.
        """
        if not await count_wrong_in(tx, hint, source, now, door=DOOR):
            return
        for membership in (await orgs.memberships(tx, hint))[:1]:
            org_id = membership["org_id"]
            await self.opening.recorder.record(
                tx,
                Event(
                    kind="recovery.refused",
                    org_id=org_id,
                    at=now,
                    actor_type="hub",
                    actor_id="hub",
                    decision="codes_guessed",
                    detail={"person_id": hint},
                ),
            )
            await add_notice_in(
                tx, org_id=org_id, kind="codes_guessed", subject_id=hint, by_id=None, at=now, told=[hint]
            )
            await queue_person(
                tx, kind="recovery.guessed", org_id=org_id, person_id=hint, at=now, until=now + TELL_WITHIN
            )

    async def _hints_in(self, tx: Tx, given: CodeGiven) -> list[str]:
        """The people who may be meant; for nobody a made-up id that stands for what was typed, so that it counts."""
        if given.email is None:
            return [given.person_id or ""]
        named = await recovery_store.people_of_email(tx, given.email, NAMESAKES)
        nobody = "nobody:" + self.methods.subject_hash(METHOD, given.email.lower()).hex()
        return named or [nobody]


def _read(text: str) -> str:
    """The code in its one form; what can be none is a wrong one like any other."""
    try:
        return read_code({"code": text})
    except Malformed:
        return ""


def _refusal() -> Unauthenticated:
    return Unauthenticated(
        "recovery_refused",
        "this person and this code do not belong together, or the code was used",
        next_step="Check both. Without a code, ask an owner or admin of your organisation.",
    )
