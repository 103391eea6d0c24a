"""What an organisation's own identity provider does to its members: lets them in, and gives and takes their roles.

Runs inside the unit of work that signs somebody in.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Invalid
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.escalations.leave import left_in, put_back_in
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.orgs import store as orgs
from approvals_hub.people import joining_store as joining
from approvals_hub.people import store as people
from approvals_hub.people.person import ACTIVE, check_email, check_name
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.link_in import announce_in
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.sign_in_attempt import Proven
from approvals_hub.stepup.sign_in_way import MAPPED, SignInWay

MAY_SIGN = 2
"""The `key` of a member one of whose keys may sign, in `people.store.standings`."""
JOINED = "person_joined"
"""The notice for owners and admins: somebody is a member because a provider said so."""


@dataclass(frozen=True, slots=True)
class JoinByProvider:
    """Knows whom a provider may let in."""

    methods: Methods
    recorder: Recorder

    async def join_in(self, tx: Tx, way: SignInWay, proven: Proven, user_handle: bytes, now: int) -> str | None:
        """The id of a person whom nobody has seen here with this account, if they may come in; None otherwise.

        An invited person is known by an address that the provider vouches for, and only as long as they have never had
        a key: an account with keys is linked by its owner, signed in, and by nobody's word.
        """
        if way.org_id is None or await orgs.find(tx, way.org_id) is None:
            return None
        # Two pages of one new person may come at once: the second finds whom the first has made.
        await tx.lock("orgs", way.org_id)
        subject = self.methods.subject_hash(way.method, proven.subject)
        if (linked := await factor_store.of_subject(tx, way.method, subject)) is not None:
            return str(linked["person_id"])
        known = [] if proven.email is None else await joining.members_with_email(tx, way.org_id, proven.email)
        if known:
            invited = [row["id"] for row in known if row["state"] == ACTIVE and not row["ever"]]
            if len(known) > 1 or not invited:
                return None
            person_id = str(invited[0])
        elif way.join == MAPPED and (roles := way.mapped(proven.groups or ())):
            person_id = await self._add_in(tx, way, proven, sorted(roles), user_handle, now)
        else:
            return None
        return person_id if await self._link_in(tx, way, proven, person_id, now) else None

    async def _add_in(
        self, tx: Tx, way: SignInWay, proven: Proven, roles: list[str], user_handle: bytes, now: int
    ) -> str:
        assert way.org_id is not None
        person_id = new_id("per")
        await people.add_person(
            tx, person_id=person_id, name=_name(proven), email=_email(proven), user_handle=user_handle, at=now
        )
        await self.methods.vault.create_in(tx, person_id, at=now)
        await orgs.add_member(tx, org_id=way.org_id, person_id=person_id, roles=" ".join(roles), at=now)
        await self._record_in(tx, "person.joined", way, person_id, now, {"roles": roles})
        await add_notice_in(
            tx, org_id=way.org_id, kind=JOINED, subject_id=person_id, by_id=None, at=now, told=[person_id]
        )
        return person_id

    async def _link_in(self, tx: Tx, way: SignInWay, proven: Proven, person_id: str, now: int) -> bool:
        """Tie the account to the person; False where they have another one of this provider."""
        assert way.org_id is not None
        factor_id = new_id("fac")
        added = await factor_store.add(
            tx,
            factor_id=factor_id,
            person_id=person_id,
            method=way.method,
            name=way.title,
            subject_hash=self.methods.subject_hash(way.method, proven.subject),
            sealed=await self.methods.seal_data_in(tx, person_id, way.method, {}),
            at=now,
            by=person_id,
        )
        if added:
            await announce_in(tx, self.recorder, "factor.added", way.org_id, person_id, factor_id, way.method, now=now)
        return added

    async def remap_in(
        self, tx: Tx, way: SignInWay, groups: tuple[str, ...], person_id: str, now: int
    ) -> frozenset[str]:
        """The member's roles after the provider's groups were looked at; changes are recorded."""
        assert way.org_id is not None
        await tx.lock("orgs", way.org_id)
        standings = await people.standings(tx, way.org_id)
        [mine] = [row for row in standings if row["id"] == person_id]
        others = [
            row for row in standings if row["id"] != person_id and row["state"] == ACTIVE and row["key"] == MAY_SIGN
        ]
        present = frozenset(mine["roles"].split())
        is_last_owner = not any("owner" in row["roles"].split() for row in others)
        roles = way.remapped(present, groups, is_last_owner=is_last_owner)
        if roles == present:
            return roles
        await orgs.set_roles(tx, way.org_id, person_id, old=mine["roles"], new=" ".join(sorted(roles)))
        added, removed = sorted(roles - present), sorted(present - roles)
        await self._record_in(tx, "person.roles_changed", way, person_id, now, {"added": added, "removed": removed})
        tx.changed(f"person:{person_id}")
        await left_in(tx, way.org_id, [person_id], now)
        await put_back_in(tx, person_id, now)
        return roles

    async def _record_in(
        self, tx: Tx, kind: str, way: SignInWay, person_id: str, now: int, detail: dict[str, list[str]]
    ) -> None:
        assert way.org_id is not None
        await self.recorder.record(
            tx,
            Event(
                kind=kind,  # type: ignore[arg-type]  # one of the two kinds that callers name
                org_id=way.org_id,
                at=now,
                actor_type="hub",
                actor_id="hub",
                detail={"person_id": person_id, "method": way.method, **detail},
            ),
        )


def _name(proven: Proven) -> str:
    """What the person is called: as the provider says, else by the address, else not at all."""
    for name in (proven.name, proven.email):
        try:
            return check_name((name or "")[:100])
        except Invalid:
            continue
    return "New member"


def _email(proven: Proven) -> str | None:
    try:
        return check_email(proven.email)
    except Invalid:
        return None
