"""The first start of a hub: one organisation, one owner without a key, and a link that gives them one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, settled
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs import store as orgs
from approvals_hub.people import invite_store as invites
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE, REVOKED
from approvals_hub.people.make_org import add_org_in
from approvals_hub.people.person import OPERATOR, SETUP_LIFE, check_name, enrolment_url
from approvals_hub.people.session import token_hash
from approvals_hub.stepup import store


@dataclass(frozen=True, slots=True)
class SetupLink:
    """Printed where only the operator reads; it works once."""

    org_id: str
    person_id: str
    token: str = field(repr=False)
    url: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True)
class SetUp:
    """Makes the set-up link. There is no default account, and the first visitor without the link is nobody."""

    db: Database
    vault: Vault
    recorder: Recorder
    clock: Clock
    public_url: str

    async def __call__(self, *, org_name: str = "Personal", owner_name: str = "Owner") -> SetupLink:
        """Make a link for the owner; an older one ends. Where nobody is here yet, make organisation and owner first.

        Raises Conflict where an owner has or had a key, Invalid for a bad name.
        """
        now = self.clock.now()
        names = check_name(org_name, "$.org_name"), check_name(owner_name, "$.owner_name")
        token = new_secret("inv")
        ids = new_id("org"), new_id("per"), new_id("pin")
        user_handle = secrets.token_bytes(32)

        async def work(tx: Tx) -> SetupLink | HubError:
            if not await store.has_people(tx):
                await self._begin_in(tx, ids[0], ids[1], names, user_handle, now)
            owner = await store.first_owner(tx)
            states = await store.owners_devices(tx)
            if owner is None or ACTIVE in states or REVOKED in states:
                return _done()
            await invites.end_setup_invites(tx, now)
            await invites.end_invites_of(tx, owner["person_id"], now)
            await people.end_sessions_of(tx, owner["person_id"], at=now)
            link = SetupLink(
                org_id=owner["org_id"],
                person_id=owner["person_id"],
                token=token,
                url=enrolment_url(self.public_url, token),
                expires_at=now + SETUP_LIFE,
            )
            await self._link_in(tx, ids[2], link, now)
            return link

        return settled(await self.db.run(work))

    async def is_open(self) -> bool:
        """Whether a set-up link could be used now: without one, `/setup` is not there at all."""
        now = self.clock.now()

        async def work(tx: Tx) -> bool:
            return await invites.open_setup_invites(tx, now) > 0

        return await self.db.read(work)

    async def _begin_in(
        self, tx: Tx, org_id: str, person_id: str, names: tuple[str, str], user_handle: bytes, now: int
    ) -> None:
        await add_org_in(tx, self.vault, self.recorder, org_id, names[0], by=OPERATOR, actor_type="operator", now=now)
        await people.add_person(tx, person_id=person_id, name=names[1], email=None, user_handle=user_handle, at=now)
        await self.vault.create_in(tx, person_id, at=now)
        await orgs.add_member(tx, org_id=org_id, person_id=person_id, roles="owner", at=now)

    async def _link_in(self, tx: Tx, invite_id: str, link: SetupLink, now: int) -> None:
        await invites.add_invite(
            tx,
            invite_id=invite_id,
            org_id=link.org_id,
            person_id=link.person_id,
            purpose="setup",
            token_hash=token_hash(link.token),
            invited_by=OPERATOR,
            at=now,
            expires_at=link.expires_at,
        )
        await self.recorder.record(
            tx,
            Event(
                kind="person.invited",
                org_id=link.org_id,
                at=now,
                actor_type="operator",
                actor_id=OPERATOR,
                detail={"invite_id": invite_id, "person_id": link.person_id, "roles": ["owner"]},
            ),
        )


def _done() -> Conflict:
    return Conflict(
        "already_set_up",
        "this hub has been set up",
        next_step="Sign in. Where every key is lost: approvals-hub people recover PERSON, on the hub's own computer.",
    )
