"""What several people do about one question, for flows over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Question
from tests.flows.world import World

ADMINS: dict[str, Any] = {"of": ["role:admin"]}


async def require(world: World, **members: Any) -> None:
    """Make this the requirement from now on, as on the hub's own computer."""
    await world.hub.set_requirement(world.operator, members)


async def ask(bot: AsyncHub, **more: Any) -> Question:
    """Open a question; each has an id of its own."""
    return await bot.ask("db.drop_table", {"table": "customers"}, relying_party="db.example.com", **more)


async def status(world: World, question: Question) -> str:
    """How it stands, as the owner reads it."""
    given = await world.send("GET", f"/v1/escalations/{question.escalation_id}", by=world.owner)
    assert given.status == 200
    return str(given.json()["status"])


async def waits_for(person: SoftwarePhone, question: Question) -> bool:
    """Whether it is in somebody's inbox."""
    return question.escalation_id in [item["escalation_id"] for item in (await person.inbox())["items"]]


async def answers(person: SoftwarePhone, question: Question, decision: str = "approve") -> str:
    """Look, sign and send; the status that the receipt shows."""
    return str((await person.answer(question.escalation_id, decision))["status"])


async def refusal(work: Awaitable[Any]) -> tuple[int, str]:
    """The status and the code of a refusal, which says what to do next."""
    with pytest.raises(Refused) as refused:
        await work
    assert refused.value.problem["next_step"]
    return refused.value.status, str(refused.value.problem["code"])


async def lines_of(world: World, person: SoftwarePhone) -> int:
    """How many questions their inbox holds: whose keys are revoked reads it with none."""
    found = "SELECT escalation_id FROM inbox WHERE person_id = :id"
    return len(await world.hub.db.read(lambda tx: tx.rows(found, id=person.person_id)))
