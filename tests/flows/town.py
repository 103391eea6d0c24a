"""The hub that many lives of the model test share: opening one for each of them would take all of their time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

from approvals_hub.app import OpenHub
from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import HubError
from approvals_hub.domain.requirement import read_default
from approvals_hub.routing.plan import GROUP
from tests.flows.model_rule import Rule
from tests.unit.hub_fixture import Bot, Person, StaffedHub, staffed_hub

PEOPLE = ("owner", "ada", "bo", "cy")
DEVICES = ("phone", "spare")
IN_GROUPS = {"some": ("ada", "bo"), "others": ("bo", "cy", "owner")}
"""The organisation's groups, as every life finds them."""
LONGEST = 3600
"""The requirement's maximum, in seconds."""


class Town:
    """One hub and four people with two devices each. Every life brings its own agents."""

    def __init__(self, place: Path | str, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._context = staffed_hub(place, folder)
        self.house: StaffedHub = self.run(self._context.__aenter__())
        self.people: dict[tuple[str, str], Person] = {}
        self._signed_in_at = self.house.time.now
        self._versions: dict[str, int] = {}
        self.run(self._settle(PEOPLE))
        for group, people in IN_GROUPS.items():
            self.run(self.put_group(group, people))

    def close(self) -> None:
        self.run(self._context.__aexit__(None, None, None))
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def tell(self, work: Coroutine[Any, Any, Any]) -> tuple[str, Any]:
        """What came of it: nothing or a refusal's code, and the result."""
        try:
            return "", self.run(work)
        except HubError as refusal:
            return refusal.code, None

    def person(self, name: str) -> str:
        return self.people[name, "phone"].person_id

    def written(self, rule: Rule) -> dict[str, Any]:
        """The rule as members of a requirement."""
        groups = [{"of": [self.person(name) for name in sorted(group)]} for group in rule.groups]
        if rule.named:
            groups = [{"of": [f"group:{name}"]} for name in IN_GROUPS]
        quorum = {"quorum": {"stages" if rule.staged else "all": groups}} if groups else {"approvals": rule.approvals}
        veto = {} if rule.veto is None else {"veto": [self.person(name) for name in sorted(rule.veto)]}
        read = read_default({**quorum, **veto, "wait": rule.wait, "number_match": rule.digits})
        return {name: getattr(read, name) for name in ("quorum", "veto", "wait", "approvals", "number_match")}

    def agents(self) -> dict[str, Bot]:
        """Two new agents: the owner's, and Ada's."""

        async def come() -> dict[str, Bot]:
            bot = await self.house.agent("bot", owner_id=self.person("owner"))
            return {"bot": bot, "hers": await self.house.agent("hers", owner_id=self.person("ada"))}

        return dict(self.run(come()))

    def restart(self) -> None:
        """Close the hub and open it again, as another process does."""

        async def again() -> None:
            await self.house._resources.aclose()
            opened = OpenHub(self.house.place, self.house.time.clock)
            self.house.hub = await self.house._resources.enter_async_context(opened)

        self.run(again())

    def mend(self, agents: dict[str, Bot], gone: set[str], without_spare: set[str]) -> None:
        """After a life: let the organisation go on, with new people for those who were disabled."""

        async def work() -> None:
            govern = self.house.hub.govern
            await govern.resume(self.house.operator, self.house.org_id)
            for bot in agents.values():
                await govern.set_agent_state(self.house.operator, self.house.org_id, bot.agent_id, "revoked")
            for name in gone:
                await govern.set_person_state(self.house.operator, self.house.org_id, self.person(name), "disabled")
            await self._settle(tuple(gone))
            now = self.house.time.now
            await self.house.change("DELETE FROM allowances")
            await self.house.change("UPDATE absences SET until = :now, ended_at = :now WHERE until > :now", now=now)
            for group, people in IN_GROUPS.items():
                await self.put_group(group, people)
            for name in without_spare - gone:
                self.people[name, "spare"] = await self.people[name, "phone"].further_device()
            if self.house.time.now - self._signed_in_at > 4 * HOUR:
                for name in PEOPLE:
                    credential = await self.people[name, "phone"].sign_in()
                    self.people[name, "phone"].credential = self.people[name, "spare"].credential = credential
                self._signed_in_at = self.house.time.now

        self.run(work())

    async def put_group(self, group: str, people: Iterable[str]) -> None:
        """Let these be in a group, and nobody else."""
        text = f"group: {group}\nmembers: [{', '.join(self.person(name) for name in people)}]\n"
        version = self._versions.get(group, 0)
        plan = await self.house.hub.keep_plans.put(self.house.operator, GROUP, group, text, version=version)
        self._versions[group] = plan.version

    async def _settle(self, names: tuple[str, ...]) -> None:
        for name in names:
            phone = self.house.owner if name == "owner" else await self.house.person(name)
            self.people[name, "phone"], self.people[name, "spare"] = phone, await phone.further_device()
