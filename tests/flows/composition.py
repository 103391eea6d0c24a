"""A hub as it is deployed: one process on a file, one on PostgreSQL, or two of them behind one address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Approved
from tests.flows.conftest import url_of
from tests.flows.second import Pair, beside
from tests.flows.world import World, serve, set_up

COMPOSITIONS = {"sqlite": 1, "postgres": 1, "postgres, two processes": 2}
"""How many processes each has."""


@dataclass
class Composition:
    """Agents are at the first process. People, and who carries actions out, are at the last there is."""

    world: World
    pair: Pair | None
    developer: SoftwarePhone
    """Whose agents they are: who answers for none of them."""
    colleague: SoftwarePhone
    """A second person who may answer."""
    _there: dict[int, SoftwarePhone] = field(default_factory=dict)

    async def agent(self, name: str = "bot") -> AsyncHub:
        """An agent of the developer."""
        return await self.world.agent(name, owner_id=self.developer.person_id)

    async def phone(self, of: SoftwarePhone | None = None) -> SoftwarePhone:
        """The owner's phone, or this one, where people are: the same each time, as a step-up gives it another token."""
        phone = of or self.world.owner
        if self.pair is None:
            return phone
        if id(phone) not in self._there:
            self._there[id(phone)] = await self.pair.phone(phone)
        return self._there[id(phone)]

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What nobody in particular is answered where actions are carried out."""
        if self.pair is not None:
            return await self.pair.send(1, self.pair.posted(path, body))
        given = await self.world.send("POST", path, body=body)
        return given.status, given.json()

    async def redeems(self, agent: AsyncHub, approved: Approved, **changes: Any) -> str:
        """What comes of carrying it out there: `done`, or why not."""
        status, said = await self.post("/v1/tokens/redeem", {**agent.hand_over(approved), **changes})
        return "done" if status == 200 else f"{status} {said['code']}"

    async def publish(self, text: str, *, version: int = 0) -> int:
        """Put a policy in force; its version."""
        kept = await self.world.hub.policies.keep.publish(self.world.operator, "main", text, version=version)
        return kept.version

    async def answers(self, phone: SoftwarePhone, escalation_id: str, decision: str) -> str:
        """The decision where it counted, or why it does not."""
        try:
            await phone.answer(escalation_id, decision)
        except Refused as refused:
            return f"{refused.status} {refused.problem['code']}"
        return decision


@asynccontextmanager
async def composed(place: Path | str, folder: Path, *, processes: int) -> AsyncIterator[Composition]:
    """A hub with its people on this database, in so many processes: one or two."""
    async with AsyncExitStack() as stack:
        world = await set_up(await stack.enter_async_context(serve(folder, url_of(place))))
        pair = await stack.enter_async_context(beside(world)) if processes > 1 else None
        yield Composition(world, pair, await world.person("Ada"), await world.person("Bo"))
