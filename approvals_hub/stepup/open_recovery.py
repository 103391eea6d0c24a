"""Opens a recovery inside the unit of work of whatever allows it: a code, an admin's link, the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from approvals_hub.audit.event import ActorType, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.people import invite_store as invites
from approvals_hub.people.person import enrolment_url
from approvals_hub.people.session import token_hash
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.announce_recovery import announce_recovery_in
from approvals_hub.stepup.end_recovery import EndRecovery
from approvals_hub.stepup.recovery import CODE, HOST, RECOVER, Recovery, Waits


@dataclass(frozen=True, slots=True)
class RecoverySecrets:
    """Ids and the link's token of a recovery to come: randomness is taken before the unit of work."""

    recovery_id: str
    invite_id: str
    token: str = field(repr=False)


def new_recovery_secrets() -> RecoverySecrets:
    """Fresh ids, and a token of 256 random bits."""
    return RecoverySecrets(new_id("rec"), new_id("pin"), new_secret("inv"))


@dataclass(frozen=True, slots=True)
class RecoveryLink:
    """A link, shown once; only its hash is kept."""

    recovery: Recovery
    url: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenRecovery:
    """The half that every way in shares. The caller holds the person's row."""

    end: EndRecovery
    recorder: Recorder
    epoch: Callable[[], Epoch]
    waits: Waits
    public_url: str

    async def open_in(
        self,
        tx: Tx,
        secrets: RecoverySecrets,
        *,
        org_id: str,
        person_id: str,
        way: str,
        by: str,
        actor_type: ActorType,
        life: int,
        now: int,
    ) -> Recovery:
        """Open it; a live one of the same person ends, and so does every older link. `life` is in milliseconds."""
        before = await store.live_of_person(tx, person_id)
        if before is not None:
            await self.end.end_in(tx, before, cause="replaced", by=by, actor_type=actor_type, now=now)
        await invites.end_invites_of(tx, person_id, now)
        usable_from = now + self.waits.link if way == HOST else now
        await invites.add_invite(
            tx,
            invite_id=secrets.invite_id,
            org_id=org_id,
            person_id=person_id,
            purpose=RECOVER,
            token_hash=token_hash(secrets.token),
            invited_by=by,
            at=now,
            expires_at=usable_from + life,
        )
        if way == CODE:
            # The code was the way in: nobody is ever given this link.
            await invites.use_invite(tx, secrets.invite_id, now=now)
        await store.add(
            tx,
            id=secrets.recovery_id,
            org_id=org_id,
            person_id=person_id,
            way=way,
            opened_by=by,
            invite_id=secrets.invite_id,
            wait=self.waits.link if way == HOST else self.waits.key,
            usable_from=usable_from,
            expires_at=usable_from + life,
            opened_at=now,
            epoch=self.epoch().epoch_id,
        )
        recovery = await store.find(tx, secrets.recovery_id)
        assert recovery is not None
        kind: Kind = "recovery.opened_on_host" if way == HOST else "recovery.opened"
        await announce_recovery_in(tx, self.recorder, kind, recovery, by=by, actor_type=actor_type, now=now)
        return recovery

    def link(self, recovery: Recovery, secrets: RecoverySecrets) -> RecoveryLink:
        """The link of a recovery that was opened with these secrets."""
        return RecoveryLink(recovery, enrolment_url(self.public_url, secrets.token), secrets.token)
