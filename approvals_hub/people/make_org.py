"""Another organisation on this hub: made by the operator, or by a person where the operator's settings let them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Forbidden, HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.orgs import store as orgs
from approvals_hub.people.acting import Acting
from approvals_hub.people.invite import Invitation, Invited, InvitePerson
from approvals_hub.people.person import OPERATOR, check_email, check_name
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.people.stale import FreshFactors


@dataclass(frozen=True, slots=True)
class MadeOrg:
    """A new organisation; `owner` is the link for its first owner where the operator made it."""

    org_id: str
    name: str
    owner: Invited | None = None


@dataclass(frozen=True, slots=True)
class MakeOrg:
    """Makes organisations. `allowed`: how many one person may make."""

    db: Database
    vault: Vault
    recorder: Recorder
    fresh: FreshFactors
    inviting: InvitePerson
    clock: Clock
    allowed: int

    async def __call__(self, credential: PersonCredential, name: str, fresh: Any = None) -> MadeOrg:
        """Make one whose owner the person is.

        Raises Forbidden where the settings let people make none or no more, or without a fresh factor, Invalid,
        Unauthenticated.
        """
        now, name = self.clock.now(), check_name(name)
        org_id = new_id("org")

        async def work(tx: Tx) -> MadeOrg | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("people", session.person_id)
            if await memberships.made_by(tx, session.person_id) >= self.allowed:
                return _operator_makes(self.allowed)
            refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
            if refusal is not None:
                return refusal
            await add_org_in(
                tx, self.vault, self.recorder, org_id, name, by=session.person_id, actor_type="person", now=now
            )
            await memberships.join(tx, org_id=org_id, person_id=session.person_id, roles="owner", at=now)
            return MadeOrg(org_id, name)

        return settled(await self.db.run(work))

    async def by_operator(self, name: str, owner_name: str, owner_email: str | None = None) -> MadeOrg:
        """Make one, with a link for its owner: somebody new, or a person of this hub who follows it with their key.

        Raises Invalid.
        """
        now, name = self.clock.now(), check_name(name)
        check_name(owner_name, "$.owner_name")
        check_email(owner_email)
        org_id, user_handle = new_id("org"), secrets.token_bytes(32)
        invitation = Invitation(owner_name, owner_email, frozenset({"owner"}))
        link = self.inviting.prepared(invitation, now)

        async def work(tx: Tx) -> MadeOrg | HubError:
            await add_org_in(tx, self.vault, self.recorder, org_id, name, by=OPERATOR, actor_type="operator", now=now)
            by = Acting(org_id, "operator", OPERATOR, frozenset({"owner"}))
            refused = await self.inviting.invite_in(tx, by, link, invitation, user_handle, now)
            return refused if isinstance(refused, HubError) else MadeOrg(org_id, name, link)

        return settled(await self.db.run(work))


async def add_org_in(
    tx: Tx, vault: Vault, recorder: Recorder, org_id: str, name: str, *, by: str, actor_type: ActorType, now: int
) -> None:
    """Store an organisation without anybody in it, give it a key of its own, and write the first entry of its log."""
    made_by = by if actor_type == "person" else None
    await orgs.add(tx, org_id=org_id, name=name, requirement=Requirement().text().decode(), at=now, made_by=made_by)
    await vault.create_in(tx, org_id, at=now)
    await recorder.record(tx, Event(kind="org.created", org_id=org_id, at=now, actor_type=actor_type, actor_id=by))


def _operator_makes(allowed: int) -> Forbidden:
    detail = (
        f"one person makes at most {allowed} organisations here" if allowed else "people make no organisations here"
    )
    return Forbidden(
        "operator_makes_organisations",
        detail,
        next_step="Ask whoever runs the hub: approvals-hub orgs create, or organisations_per_person in its settings.",
    )
