"""Somebody invites a person: a one-time link that lets them enrol their first key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, settled
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, may_grant
from approvals_hub.people import invite_store as invites
from approvals_hub.people import joining_store as joining
from approvals_hub.people import store
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.person import INVITE_LIFE, check_email, check_invite_life, check_name, enrolment_url
from approvals_hub.people.session import PersonCredential, token_hash


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to invite and as what; or, with `person_id`, a member who never had a key and needs a new link."""

    name: str = ""
    email: str | None = None
    roles: frozenset[str] = frozenset({"approver"})
    expires_in: int = INVITE_LIFE
    """Milliseconds."""
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """The link is shown once; only its hash is kept."""

    invite_id: str
    person_id: str
    url: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True)
class InvitePerson:
    """Makes a person, a member, and a link."""

    db: Database
    vault: Vault
    recorder: Recorder
    clock: Clock
    public_url: str

    async def __call__(self, credential: PersonCredential | OperatorCredential, invitation: Invitation) -> Invited:
        """Invite.

        Raises Forbidden for roles that the inviter may not give, Invalid, NotFound for a `person_id` that is no
        member, Conflict where that member ever had a key, Unauthenticated.
        """
        now = self.clock.now()
        invited, user_handle = self.prepared(invitation, now), secrets.token_bytes(32)

        async def work(tx: Tx) -> Invited | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.INVITE_PEOPLE)
            if isinstance(by, HubError):
                return by
            refusal = await self.invite_in(tx, by, invited, invitation, user_handle, now)
            return invited if refusal is None else refusal

        return settled(await self.db.run(work, org=credential.org_id))

    def prepared(self, invitation: Invitation, now: int) -> Invited:
        """The link that an invitation will have: randomness is taken before the unit of work. Raises Invalid."""
        expires_at = now + check_invite_life(invitation.expires_in)
        if invitation.person_id is None:
            check_name(invitation.name)
            check_email(invitation.email)
        token = new_secret("inv")
        return Invited(
            invite_id=new_id("pin"),
            person_id=invitation.person_id or new_id("per"),
            url=enrolment_url(self.public_url, token),
            token=token,
            expires_at=expires_at,
        )

    async def invite_in(
        self, tx: Tx, by: Acting, invited: Invited, invitation: Invitation, user_handle: bytes, now: int
    ) -> HubError | None:
        """Make the person, the member and the link inside a unit of work that knows who acts."""
        if invitation.person_id is None:
            roles: frozenset[str] | HubError = await self._add_in(tx, by, invited, invitation, user_handle, now)
        else:
            roles = await self._keyless_in(tx, by, invitation.person_id, now)
        if isinstance(roles, HubError):
            return roles
        await self._link_in(tx, by, invited, roles, now)
        return None

    async def _add_in(
        self, tx: Tx, by: Acting, invited: Invited, invitation: Invitation, user_handle: bytes, now: int
    ) -> frozenset[str] | HubError:
        if not may_grant(by.roles, invitation.roles):
            return _may_not_grant()
        await store.add_person(
            tx,
            person_id=invited.person_id,
            name=check_name(invitation.name),
            email=check_email(invitation.email),
            user_handle=user_handle,
            at=now,
        )
        await self.vault.create_in(tx, invited.person_id, at=now)
        roles = " ".join(sorted(invitation.roles))
        await orgs.add_member(tx, org_id=by.org_id, person_id=invited.person_id, roles=roles, at=now)
        return invitation.roles

    async def _keyless_in(self, tx: Tx, by: Acting, person_id: str, now: int) -> frozenset[str] | HubError:
        """The roles of a member who may get a new link: it must not be a way into an account above the inviter's."""
        member = await orgs.member(tx, by.org_id, person_id)
        if member is None or member["state"] != "active":
            return NotFound("person_unknown", "no such member here", next_step="Look at the list of members.")
        roles = frozenset(member["roles"].split())
        if not may_grant(by.roles, roles):
            return _may_not_grant()
        if await joining.ever_had_key(tx, person_id):
            return Conflict(
                "has_key",
                "this person has or had a key: an invitation would let whoever made it in alone",
                next_step="They add the new key with the old one. Where every key is lost: make a recovery for them.",
            )
        await invites.end_invites_of(tx, person_id, now)
        await store.end_sessions_of(tx, person_id, at=now)
        return roles

    async def _link_in(self, tx: Tx, by: Acting, invited: Invited, roles: frozenset[str], now: int) -> None:
        await invites.add_invite(
            tx,
            invite_id=invited.invite_id,
            org_id=by.org_id,
            person_id=invited.person_id,
            purpose="invite",
            token_hash=token_hash(invited.token),
            invited_by=by.actor_id,
            at=now,
            expires_at=invited.expires_at,
        )
        await self.recorder.record(
            tx,
            Event(
                kind="person.invited",
                org_id=by.org_id,
                at=now,
                actor_type=by.actor_type,
                actor_id=by.actor_id,
                detail={"invite_id": invited.invite_id, "person_id": invited.person_id, "roles": sorted(roles)},
            ),
        )


def _may_not_grant() -> Forbidden:
    return Forbidden(
        "role_not_grantable",
        "your roles do not let you give these roles",
        next_step="Only an owner makes an owner or an admin; roles are owner, admin, approver, auditor, developer.",
        field="$.roles",
    )
