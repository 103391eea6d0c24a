"""A whole hub on a fresh database, without HTTP: an owner with a device key, an agent, a clock that tests move."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from approvals_hub.app import OpenHub, Place
from approvals_hub.core.errors import HubError
from approvals_hub.core.sealing import create_key_file
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.domain.requirement import Requirement
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.invite import Invitation
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.stepup.enrolment import Enrolled, Enrolment
from approvals_hub.stepup.new_key import OfferedKey
from approvals_hub_client.canonical import b64u, loads
from approvals_hub_client.keys import Ed25519SigningKey, SigningKey
from approvals_hub_client.statement import (
    enrol_bytes,
    register_bytes,
)
from tests.fakes.front_door import MovableTime
from tests.kept_rows import KeptRows
from tests.unit.hub_actors import AUDIENCE, HERE, PUBLIC_URL, Bot, Person, Token

__all__ = ["AUDIENCE", "HERE", "PUBLIC_URL", "Bot", "Person", "StaffedHub", "Token", "code_of", "staffed_hub"]


@dataclass
class StaffedHub:
    """One open hub on a fresh database and everybody who uses it."""

    hub: Hub
    place: Place
    time: MovableTime
    org_id: str
    _resources: AsyncExitStack
    owner: Person = field(init=False)
    bot: Bot = field(init=False)

    @property
    def operator(self) -> OperatorCredential:
        return OperatorCredential(self.org_id)

    async def enrol(self, token: str, key: SigningKey | None = None) -> tuple[Enrolled, SigningKey, str]:
        """Follow an invitation and enrol a first device key."""
        key = key or Ed25519SigningKey()
        accepted = await self.hub.accept_invitation(token, HERE)
        credential = PersonCredential(token_hash(accepted.session.token), self.org_id)
        return await self.enrol_in_session(credential, accepted.person_id, key), key, accepted.person_id

    async def enrol_in_session(self, credential: PersonCredential, person_id: str, key: SigningKey) -> Enrolled:
        """Enrol a device key in the session of a link."""
        issued = await self.hub.issue_challenge("enrol", credential)
        message = enrol_bytes(
            challenge=b64u(issued.challenge), key_thumbprint=key.public.thumbprint, person_id=person_id
        )
        offered = OfferedKey("device_key", jwk=dict(key.public.jwk), proof=key.sign(message))
        return await self.hub.enrol_device(credential, Enrolment(issued.challenge_id, offered, "phone"), HERE)

    async def person(self, name: str = "Ada", *roles: str, by: Person | None = None) -> Person:
        """Another member with a confirmed device key, signed in; an approver unless `roles` say otherwise.

        `by` invited and confirmed them; otherwise the operator did.
        """
        let_in = self.operator if by is None else by.credential
        invitation = Invitation(name=name, roles=frozenset(roles or ("approver",)))
        invited = await self.hub.invite_person(let_in, invitation)
        enrolled, key, person_id = await self.enrol(invited.token)
        assert enrolled.digits is not None
        fresh = None if by is None else await by.fresh()
        await self.hub.confirm_device(let_in, enrolled.device.device_id, enrolled.digits, fresh)
        person = Person(self, person_id, enrolled.device.device_id, key, PersonCredential(b""))
        person.credential = await person.sign_in()
        return person

    async def agent(self, name: str = "bot", *, owner_id: str | None = None) -> Bot:
        """An agent with its own key, registered by invitation."""
        invited = await self.hub.invite_agent(self.operator, self.org_id, name=name, owner_id=owner_id)
        key = Ed25519SigningKey()
        public = b64u(key.public.raw)
        proof = b64u(key.sign(register_bytes(invite=invited.token, public_key=public)))
        registered = await self.hub.register_agent(invited.token, public, proof)
        return Bot(self, registered.agent_id, registered.key_id, key)

    async def api_key_agent(self, name: str = "script") -> Bot:
        """An agent of the lower-trust profile."""
        made = await self.hub.invite_agent.with_api_key(self.operator, self.org_id, name=name)
        return Bot(self, made.agent_id, made.key_id, api_key=made.api_key)

    async def require(self, **changes: Any) -> None:
        """Make this the default requirement of questions from now on."""
        await self.change("UPDATE orgs SET requirement = :text", text=Requirement(**changes).text().decode())

    async def let_agents_ask(self, count: int) -> None:
        """So many questions of one agent at one instant, for tests of what comes of many."""
        wide = {"burst": count, "hourly": count}
        await self.hub.set_limits(self.operator, {"agent": wide, "person": wide, "pair": wide})

    async def another_process(self) -> Hub:
        """A second hub on the same database, as another process opens it; PostgreSQL alone."""
        return await self._resources.enter_async_context(OpenHub(self.place, self.time.clock))

    async def rows(self, sql: str, **params: Any) -> list[Row]:
        """Read the database directly."""

        async def work(tx: Tx) -> list[Row]:
            return await tx.rows(sql, **params)

        return await self.hub.db.read(work)

    async def change(self, sql: str, **params: Any) -> int:
        """Write to the database directly, as an attacker or an accident would; returns how many rows changed."""

        async def work(tx: Tx) -> int:
            return await tx.execute(sql, **params)

        return await self.hub.db.run(work)

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """The decoded audit entries of one kind, oldest first."""
        rows = await self.rows("SELECT body FROM audit_entries WHERE kind = :kind ORDER BY at, writer, seq", kind=kind)
        return [loads(bytes(row["body"])) for row in rows]


@asynccontextmanager
async def staffed_hub(
    database: Path | str,
    folder: Path,
    step_up: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    channels: Mapping[str, Mapping[str, Any]] | None = None,
    callbacks: Mapping[str, Any] | None = None,
    limits: HubLimits | None = None,
    stranger: bool = False,
) -> AsyncIterator[StaffedHub]:
    """Open a hub with its people on this fresh, migrated database; `step_up` are tables of the settings.

    Its people came once in this process: it is a copy of what stood in the database then, unless it is a `stranger`.
    """
    place = Place(
        public_url=PUBLIC_URL,
        key_file=folder / "kek",
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{database}" if isinstance(database, Path) else database,
        step_up=step_up or {},
        channels=channels or {},
        callbacks=callbacks or {},
        limits=limits or HubLimits(),
        folder=folder,
    )
    time = MovableTime()
    engine = type(database).__name__
    if stranger or engine not in _KEPT:
        create_key_file(place.key_file)
        staff = await _staff_come(replace(place, step_up={}, channels={}, callbacks={}, limits=HubLimits()))
        if not stranger:
            _KEPT[engine] = staff, await KeptRows.of(database, place.key_file)
    else:
        staff, rows = _KEPT[engine]
        await rows.put(database, place.key_file)
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(OpenHub(place, time.clock))
        house = StaffedHub(hub, place, time, staff.org_id, stack)
        house.owner = Person(
            house, staff.person_id, staff.device_id, Ed25519SigningKey(staff.device_seed), staff.credential
        )
        house.bot = Bot(house, staff.agent_id, staff.key_id, Ed25519SigningKey(staff.agent_seed))
        yield house


@dataclass(frozen=True)
class _Staff:
    """An owner who is signed in, and an agent."""

    org_id: str
    person_id: str
    device_id: str
    device_seed: bytes
    credential: PersonCredential
    agent_id: str
    key_id: str
    agent_seed: bytes


_KEPT: dict[str, tuple[_Staff, KeptRows]] = {}
"""By engine: whom the first hub of this process has, and what its database held once they had come."""


async def _staff_come(place: Place) -> _Staff:
    time = MovableTime()
    # Their hub ends, and what another does at the same instant is in no order with what it did.
    time.now -= 1
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(OpenHub(place, time.clock))
        link = await hub.set_up()
        house = StaffedHub(hub, place, time, link.org_id, stack)
        device_seed = os.urandom(32)
        enrolled, _, person_id = await house.enrol(link.token, Ed25519SigningKey(device_seed))
        assert enrolled.session is not None
        credential = PersonCredential(token_hash(enrolled.session.token), link.org_id)
        bot = await house.agent()
        device_id = enrolled.device.device_id
        return _Staff(
            link.org_id, person_id, device_id, device_seed, credential, bot.agent_id, bot.key_id, bot.key.seed
        )


def code_of(refusal: BaseException) -> str:
    """The stable code of a refusal."""
    assert isinstance(refusal, HubError)
    return refusal.code
