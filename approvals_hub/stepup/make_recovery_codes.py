"""A person makes recovery codes: ten codes for paper, each good once, for the day when every key is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.link_in import announce_in
from approvals_hub.stepup.methods import Methods
from identity.recovery_codes import HOW_MANY, kept, left, new_code

METHOD = "recovery_codes"


@dataclass(frozen=True, slots=True)
class CodesLeft:
    """How many codes of the present set are unused, and when it was made; None where there is none."""

    left: int
    made_at: int | None


@dataclass(frozen=True, slots=True)
class NewCodes:
    """A new set. It is shown this once; only salted hashes are kept."""

    codes: list[str] = field(repr=False)
    made_at: int


@dataclass(frozen=True, slots=True)
class MakeRecoveryCodes:
    """Makes a set and voids the one before."""

    db: Database
    methods: Methods
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, fresh: Fresh | None) -> NewCodes:
        """Make one. Raises Forbidden without a fresh factor, Unauthenticated."""
        now, factor_id = self.clock.now(), new_id("fac")
        codes = [new_code() for _ in range(HOW_MANY)]
        data = kept(codes)

        async def work(tx: Tx) -> NewCodes | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
            if refusal is not None:
                return refusal
            person_id = session.person_id
            await tx.lock("people", person_id)
            before = await factor_store.of_method(tx, person_id, METHOD)
            if before is not None:
                await factor_store.remove(tx, before["id"], at=now)
                await announce_in(
                    tx, self.recorder, "factor.removed", session.org_id, person_id, before["id"], METHOD, now=now
                )
            await factor_store.add(
                tx,
                factor_id=factor_id,
                person_id=person_id,
                method=METHOD,
                name=METHOD,
                subject_hash=None,
                sealed=await self.methods.seal_data_in(tx, person_id, METHOD, data),
                at=now,
                by=person_id,
            )
            await announce_in(tx, self.recorder, "factor.added", session.org_id, person_id, factor_id, METHOD, now=now)
            return NewCodes(codes, now)

        return settled(await self.db.run(work, org=credential.org_id))

    async def left(self, credential: PersonCredential) -> CodesLeft:
        """How many are unused. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> CodesLeft | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await factor_store.of_method(tx, session.person_id, METHOD)
            held = await self.methods.held_in(tx, session.person_id, METHOD)
            if row is None or held is None:
                return CodesLeft(0, None)
            return CodesLeft(left(held.factor.data), row["created_at"])

        return settled(await self.db.read(work, org=credential.org_id))
