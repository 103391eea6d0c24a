"""A real hub that a browser can visit: database, workers, HTTP and pages, as `serve` puts them together."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from approvals_hub.app import OpenHub, Place
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.cli.serve import answering
from approvals_hub.config import Listen, Settings
from approvals_hub.core.sealing import create_key_file
from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite_schema import migrate_sqlite
from approvals_hub.domain.requirement import Requirement
from approvals_hub.hub import Hub
from approvals_hub.orgs import store as orgs
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.invite import Invitation
from approvals_hub.stepup.set_up import SetupLink
from approvals_hub_client import AsyncHub, register
from approvals_hub_client.question import Question
from tests.flows.world import TestClock, free_port

HERE = "here"
"""Stands for the hub's organisation as `org` of tables of `sign_in`: its id is known once the hub was opened."""

TABLES = {"database": "prod-eu-1", "tables": ["orders_2019", "orders_2020"], "cascade": True}

DIFF = "--- a\n+++ b\n@@ -1 +1 @@\n-host: staging\n+host: production\n" + "\n".join(f" line {n}" for n in range(40))
RICH: dict[str, Any] = {
    "amount": "100",
    "empty": {},
    "diff": DIFF,
    "file": "invoice\u202egpj.exe",
    "url": "https://www.\u0430pple.com/pay",
    "a_name_without_any_place_to_break_it_that_goes_on_and_on_and_on": "x" * 70,
}
"""What agents may send as well: long, deceiving, of every kind."""


@dataclass
class LiveHub:
    """One running hub with an organisation, and the parts that others play."""

    hub: Hub
    url: str
    folder: Path
    time: TestClock
    org_id: str
    setup_link: str
    settings: Settings
    _listener: AsyncExitStack = field(default_factory=AsyncExitStack)
    _resources: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def operator(self) -> OperatorCredential:
        return OperatorCredential(self.org_id)

    async def serve(self, **changes: Any) -> None:
        """Answer at the port, by settings that differ in this from those before."""
        await self.close()
        self.settings = msgspec.structs.replace(self.settings, **changes)
        await self._listener.enter_async_context(answering(self.hub, self.settings))

    async def close(self) -> None:
        """Answer no more."""
        await self._listener.aclose()

    async def agent(self, name: str = "Ops agent", *, owner_id: str | None = None) -> AsyncHub:
        """An agent with its own key, registered by invitation."""
        invited = await self.hub.invite_agent(self.operator, self.org_id, name=name, owner_id=owner_id)
        path = self.folder / f"agent-{os.urandom(4).hex()}.json"
        await register(self.url, invited.token, path, allow_http=True)
        return await self._resources.enter_async_context(AsyncHub.from_file(path, allow_http=True))

    @asynccontextmanager
    async def agent_for_a_while(self) -> AsyncIterator[AsyncHub]:
        """An agent that is revoked afterwards: what it still asks ends with it."""
        made = await self.agent()
        yield made
        await self.hub.govern.set_agent_state(self.operator, self.org_id, made.credential.agent_id, "revoked")
        await made.close()

    async def invitation(self, name: str, *roles: str) -> str:
        """The link that makes somebody a member."""
        invited = await self.hub.invite_person(self.operator, Invitation(name=name, roles=frozenset(roles)))
        return invited.url

    async def colleague(self) -> SoftwarePhone:
        """An HTTP client that plays a phone, for what other people do meanwhile."""
        return await self._resources.enter_async_context(SoftwarePhone(self.url, name="Colleague's phone"))

    async def require(self, **members: Any) -> None:
        """Set what the organisation asks of every new question."""
        requirement = msgspec.structs.replace(Requirement(), **members)

        async def work(tx: Tx) -> None:
            await orgs.set_requirement(tx, self.org_id, requirement.text().decode())

        await self.hub.db.run(work)


async def ask(agent: AsyncHub, payload: dict[str, Any] | None = None, **asking: Any) -> Question:
    """A question like an agent asks it."""
    kind = asking.pop("action_type", "database.drop_tables")
    asking.setdefault("relying_party", "prod-db.example.com")
    asking.setdefault("justification", "Old partitions, backed up last night.")
    return await agent.ask(kind, TABLES if payload is None else payload, **asking)


async def set_up(hub: Hub) -> SetupLink:
    """Make the organisation; the link is its owner's."""
    return await hub.set_up(org_name="Nordisk Data AB", owner_name="Maja Berg")


async def migrated() -> bytes:
    """A SQLite file with the newest schema and no row."""
    if not _MIGRATED:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "template.db"
            await migrate_sqlite(path)
            _MIGRATED.append(path.read_bytes())
    return _MIGRATED[0]


_MIGRATED: list[bytes] = []
"""It, once this process has made it: it takes as long as all else that a hub does when it starts, or longer."""


@asynccontextmanager
async def live_hub(
    folder: Path,
    step_up: Mapping[str, Mapping[str, Any]] | None = None,
    time: TestClock | None = None,
    *,
    sign_in: Mapping[str, Mapping[str, Any]] | None = None,
    mail: Mapping[str, Any] | None = None,
    sms: Mapping[str, Any] | None = None,
    channels: Mapping[str, Mapping[str, Any]] | None = None,
    behind: int | None = None,
) -> AsyncIterator[LiveHub]:
    """Serve a new hub on a free port of this computer; `step_up` are the tables of further ways to prove who one is.

    It listens at `behind` where that is given, for a proxy at the port of its URL.
    """
    port = free_port()
    url = f"http://localhost:{port}"
    key_file = folder / "kek"
    create_key_file(key_file)
    (folder / "hub.db").write_bytes(await migrated())
    place = Place(
        public_url=url,
        key_file=key_file,
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{folder / 'hub.db'}",
        step_up=step_up or {},
        mail=mail or {},
        sms=sms or {},
        channels=channels or {},
        folder=folder,
    )
    settings = msgspec.structs.replace(
        Settings(), public_url=url, data=folder, listen=Listen(port=behind or port), shutdown_seconds=1.0
    )
    time = time or TestClock()
    async with AsyncExitStack() as stack:
        link, tables = None, dict(sign_in or {})
        here = [name for name, table in tables.items() if table.get("org") == HERE]
        if here:
            async with OpenHub(place, time.clock()) as empty:
                link = await set_up(empty)
            tables |= {name: {**tables[name], "org": link.org_id} for name in here}
        hub = await stack.enter_async_context(OpenHub(replace(place, sign_in=tables), time.clock()))
        link = link or await set_up(hub)
        live = LiveHub(hub, url, folder, time, link.org_id, link.url, settings)
        stack.push_async_callback(live.close)
        await live.serve()
        stack.push_async_callback(live._resources.aclose)
        yield live
