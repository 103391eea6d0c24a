"""A second organisation beside a hub's first one, and people who are in both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approvals_hub.people.invite import Invitation
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup.join_org import Joining
from approvals_hub.stepup.open_session import OpenedSession, Whose, new_session_secrets, open_session_in
from approvals_hub.stepup.switch_org import SignedIn
from tests.unit.hub_fixture import HERE, Person, StaffedHub


@dataclass
class Second:
    """The other organisation and its owner."""

    house: StaffedHub
    owner: Person

    @property
    def org_id(self) -> str:
        return self.house.org_id

    async def invited(self, name: str = "Guest", *roles: str) -> str:
        """The token of an invitation into it."""
        invitation = Invitation(name=name, roles=frozenset(roles or ("approver",)))
        return (await self.house.hub.invite_person(self.house.operator, invitation)).token

    async def asks(self, person: Person, token: str) -> Joining:
        """Somebody of the first one follows it with their key."""
        return await self.house.hub.orgs.join(person.credential, token, await person.fresh())

    async def lets_in(self, person: Person, *roles: str) -> None:
        """The whole way."""
        await self.confirms(await self.asks(person, await self.invited("Guest", *roles)))

    async def confirms(self, joining: Joining, by: Person | None = None) -> str:
        """The owner, or `by`, has compared the digits."""
        by = by or self.owner
        confirm = self.house.hub.orgs.joinings.confirm
        return await confirm(by.credential, joining.joining_id, joining.digits, await by.fresh())

    async def visited_by(self, person: Person) -> Person:
        """The same person, whose session has gone to this organisation."""
        went = await self.house.hub.orgs.switch(person.credential, self.org_id, HERE)
        return replace(person, house=self.house, credential=credential_of(went))


def credential_of(signed_in: SignedIn) -> PersonCredential:
    """The credential of a session that was opened."""
    return PersonCredential(token_hash(signed_in.session.token), signed_in.org_id)


async def second_org(house: StaffedHub) -> Second:
    """Made by the operator, with an owner who has a key."""
    made = await house.hub.orgs.make.by_operator("Second", "Siv")
    assert made.owner is not None
    other = StaffedHub(house.hub, house.place, house.time, made.org_id, house._resources)
    enrolled, key, person_id = await other.enrol(made.owner.token)
    await house.hub.confirm_device(other.operator, enrolled.device.device_id, enrolled.digits or "")
    other.owner = Person(other, person_id, enrolled.device.device_id, key, PersonCredential(b""))
    other.owner.credential = await other.owner.sign_in()
    other.bot = await other.agent()
    return Second(other, other.owner)


async def session_by_provider(
    house: StaffedHub, person: Person, visitor: Visitor = HERE
) -> tuple[Person, OpenedSession]:
    """A session of this person that an organisation's own identity provider opened, or a mailbox."""
    secrets = new_session_secrets()
    whose = Whose(house.org_id, person.person_id, "full", method="company")

    async def work(tx: object) -> OpenedSession:
        visits = house.hub.orgs.switch.visits
        return await open_session_in(tx, visits, secrets, whose, visitor, house.time.now)  # type: ignore[arg-type]

    opened = await house.hub.db.run(work)
    return replace(person, credential=PersonCredential(token_hash(opened.token), house.org_id)), opened
