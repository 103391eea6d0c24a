"""People who lost their keys, and the ways back that a hub offers them; nothing here runs by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.notifications.words import COLLEAGUE
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup.recover_by_code import CodeGiven
from approvals_hub.stepup.recovery import Recovery
from approvals_hub_client.keys import Ed25519SigningKey, SigningKey

if TYPE_CHECKING:
    from tests.unit.hub_actors import Person
    from tests.unit.hub_fixture import StaffedHub

ELSEWHERE = Visitor("new phone", "198.51.100.7")


@dataclass
class NewPhone:
    """What somebody holds who is in a recovery: the link's session, and the new key."""

    recovery: Recovery
    device_id: str
    digits: str | None
    key: SigningKey
    credential: PersonCredential


@dataclass
class Lost:
    """An organisation whose people have been there for a day, and one of whom, Ada, loses her phone."""

    house: StaffedHub
    ada: Person
    bo: Person
    cy: Person
    people: list[Person] = field(default_factory=list)

    async def later(self, milliseconds: int) -> None:
        """Time passes, and those who have keys sign in again; the workers do what is due."""
        self.house.time.now += milliseconds
        await self.work()
        for person in self.people:
            person.credential = await person.sign_in()

    async def work(self) -> None:
        """What the hub does by itself."""
        await self.house.hub.advance()
        await self.house.hub.propose()
        await self.house.hub.carry_out()
        await self.house.hub.end_break_glass.overdue()

    async def codes(self, person: Person | None = None) -> list[str]:
        """A new set of recovery codes."""
        person = person or self.ada
        made = await self.house.hub.make_recovery_codes(person.credential, await person.fresh())
        return made.codes

    async def by_code(self, code: str, *, email: str | None = None, source: str = "198.51.100.7") -> NewPhone:
        """Type a code and enrol a new key."""
        given = CodeGiven(code, email=email, person_id=None if email else self.ada.person_id)
        found = await self.house.hub.recover_by_code(given, ELSEWHERE, source=source)
        credential = PersonCredential(token_hash(found.session.token), self.house.org_id)
        return await self.enrol(credential)

    async def link(self, by: Person | None = None) -> str:
        """The token of a link that an owner or admin makes for Ada."""
        by = by or self.house.owner
        made = await self.house.hub.recover_by_link(by.credential, self.ada.person_id, await by.fresh())
        return made.token

    async def by_link(self, token: str) -> NewPhone:
        """Follow a link and enrol a new key; then colleagues are asked."""
        accepted = await self.house.hub.accept_invitation(token, ELSEWHERE)
        phone = await self.enrol(PersonCredential(token_hash(accepted.session.token), self.house.org_id))
        await self.house.hub.propose()
        [recovery] = [one for one in await self.house.hub.list_recoveries.of_org(self.house.operator) if one.live]
        phone.recovery = recovery
        return phone

    async def enrol(self, credential: PersonCredential) -> NewPhone:
        """Enrol a new key of Ada in the session of a link or code."""
        key = Ed25519SigningKey()
        enrolled = await self.house.enrol_in_session(credential, self.ada.person_id, key)
        assert enrolled.recovery is not None
        return NewPhone(enrolled.recovery, enrolled.device.device_id, enrolled.digits, key, credential)

    async def state(self, phone: NewPhone) -> str:
        """Whether the new key is pending, active or revoked."""
        [row] = await self.house.rows("SELECT state FROM devices WHERE id = :id", id=phone.device_id)
        return str(row["state"])

    async def recovery(self, phone: NewPhone) -> Recovery:
        """How the recovery stands."""
        found = await self.house.hub.list_recoveries.of_org(self.house.operator)
        return next(one for one in found if one.id == phone.recovery.id)

    async def told(self, kind: str) -> list[str]:
        """Who waits to be told this, of themselves or of a colleague."""
        rows = await self.house.rows(
            "SELECT person_id FROM outbox WHERE kind = :kind OR kind = :other ORDER BY id",
            kind=kind,
            other=kind + COLLEAGUE,
        )
        return [row["person_id"] for row in rows]


async def lost_phone(house: StaffedHub) -> Lost:
    """Ada, Bo and Cy have approved things for a day beside the owner; then Ada's phone is gone."""
    ada, bo, cy = await house.person("Ada"), await house.person("Bo"), await house.person("Cy")
    await house.change("UPDATE people SET email = 'Ada@Example.com' WHERE id = :id", id=ada.person_id)
    lost = Lost(house, ada, bo, cy, [house.owner, ada, bo, cy])
    await lost.later(DAY + HOUR)
    return lost
