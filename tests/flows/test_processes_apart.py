"""Two hubs that serve, each a process of its own, on one PostgreSQL: answers at one instant end in one outcome."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.audit.verify import verify
from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Question
from tests.flows.commands import Commands
from tests.flows.process import join
from tests.flows.world import free_port

ROUNDS = 8
SOON = 10.0


@dataclass
class Apart:
    """Ada's phone is signed in at the first process, Bo's at the second; the agent asks at the first."""

    commands: Commands
    ada: SoftwarePhone
    bo: SoftwarePhone
    agent: AsyncHub

    async def at_once(self, question: Question, of_ada: str, of_bo: str) -> list[str]:
        """Both have looked; their signed answers leave together. The status of each receipt, or the refusal's code."""
        seen = [await phone.look(question.escalation_id) for phone in (self.ada, self.bo)]
        answers = zip((self.ada, self.bo), seen, (of_ada, of_bo), strict=True)
        return list(await asyncio.gather(*(self._send(question, *answer) for answer in answers)))

    @staticmethod
    async def _send(question: Question, phone: SoftwarePhone, statement: dict[str, Any], decision: str) -> str:
        try:
            return str((await phone.send(question.escalation_id, statement, decision))["status"])
        except Refused as refused:
            return f"{refused.status} {refused.problem['code']}"

    async def ended(self, file: Path) -> list[dict[str, Any]]:
        """The entries of the log about ends, once it verifies."""
        await asyncio.to_thread(self.commands.json, "audit", "export", "--output", str(file))
        with file.open("rb") as log:
            assert verify(log).ok
        entries = [json.loads(line).get("entry", {}) for line in file.read_text().splitlines()]
        return [entry for entry in entries if entry.get("kind") == "escalation.ended"]


@pytest.fixture
async def apart(empty_postgres_uri: str, tmp_path: Path) -> AsyncIterator[Apart]:
    """Both processes, one organisation with two people, and an agent of the first one's."""
    first = Commands(tmp_path / "data", environment={"APPROVALS_HUB__DATABASE__URL": empty_postgres_uri})
    port = free_port()
    names = {"APPROVALS_HUB__PUBLIC_URL": first.url, "APPROVALS_HUB__EXTRA_HOSTS": f"localhost:{port}"}
    second = Commands(first.data, port, first.environment | names)
    async with AsyncExitStack() as stack:
        stack.enter_context(first.serving())
        stack.enter_context(second.serving())
        ada = await stack.enter_async_context(SoftwarePhone(first.url))
        agent = await stack.enter_async_context(await join(first, ada, tmp_path))
        link = await asyncio.to_thread(first.json, "people", "invite", "Bo")
        bo = await stack.enter_async_context(SoftwarePhone(second.url, audience=first.url))
        await bo.enrol(link["url"].partition("#")[2])
        compared = {"digits": bo.digits, "fresh": await ada.fresh()}
        await ada.call("POST", f"/v1/devices/{bo.device_id}/confirmation", compared)
        await bo.sign_in()
        # Each round ends a question like the last one, and Ada owns the agent.
        await asyncio.to_thread(first.json, "agents", "limits", "--no-back-off")
        await ada.call("PUT", f"/v1/orgs/{ada.org_id}/requirement", {"owner_counts": True, "fresh": await ada.fresh()})
        yield Apart(first, ada, bo, agent)


async def test_answers_at_two_processes_at_one_instant_end_in_the_one_outcome_that_counted(
    apart: Apart, tmp_path: Path
) -> None:
    for number in range(ROUNDS):
        question = await apart.agent.ask("db.drop", {"n": number})
        given = await apart.at_once(question, "approve", "deny")
        status = (await apart.agent.question(question.escalation_id, question.action)).status
        assert sorted(given) == ["409 escalation_ended", status]
        assert given.index(status) == ["approved", "denied"].index(status)
    await apart.ada.call("PUT", f"/v1/orgs/{apart.ada.org_id}/requirement", {"approvals": 2, "owner_counts": True})
    for number in range(ROUNDS):
        question = await apart.agent.ask("db.drop", {"n": ROUNDS + number})
        assert sorted(await apart.at_once(question, "approve", "approve")) == ["approved", "open"]
        approved = await apart.agent.wait(question, within=SOON)
        assert len((await apart.agent.redeem(approved)).proof["approvers"]) == 2
    assert len(await apart.ended(tmp_path / "export.jsonl")) == 2 * ROUNDS
