"""From an agent's draft, and from a file, into force: a hub that serves, its workers, people with keys."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import register
from approvals_hub_client.credential import Credential
from approvals_hub_client.question import new_action
from tests.flows.commands import Commands
from tests.flows.signed import proven

DRAFTS = "/v1/agent/policy-drafts"
TEXT = "version: 1\ndefault: deny\nrules:\n  - {id: read, effect: allow, action: db.read}\n"
BOUND = 60.0


async def signed(agent: Credential, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers, raw = proven(agent, method, path, body)
    url = agent.hub + path
    async with ClientSession() as http, http.request(method, url, data=raw or None, headers=headers) as given:
        assert given.status < 400, await given.text()
        return dict(await given.json())


async def asked(phone: SoftwarePhone) -> str:
    """The question that waits for somebody, as soon as there is one."""
    inbox = await phone.inbox()
    while not inbox["items"]:
        inbox = await phone.inbox(wait=20, since=inbox["version"])
    return str(inbox["items"][0]["escalation_id"])


async def test_an_agents_draft_and_a_file_come_into_force_once_somebody_else_has_signed(
    commands: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "main.yaml"
    file.write_text(TEXT.replace("deny", "require_approval"))
    with commands.serving():
        async with SoftwarePhone(commands.url) as owner, SoftwarePhone(commands.url) as ada:
            await owner.enrol(commands.json("init")["token"])
            await ada.enrol(commands.json("people", "invite", "Ada", "--role", "admin")["token"])
            compared = {"digits": ada.digits, "fresh": await owner.fresh()}
            await owner.call("POST", f"/v1/devices/{ada.device_id}/confirmation", compared)
            await ada.sign_in()
            path = tmp_path / "agent.json"
            await register(commands.url, commands.json("agents", "invite", "bot")["invite"], path, allow_http=True)
            agent = Credential.load(path)

            draft = await signed(agent, "POST", DRAFTS, {"yaml": TEXT, "why": "only reading"})
            await ada.answer(await asked(ada), "approve")
            async with asyncio.timeout(BOUND):
                while draft["state"] == "open":
                    await asyncio.sleep(0.1)
                    draft = await signed(agent, "GET", f"{DRAFTS}/{draft['draft_id']}")
            assert (draft["state"], draft["version"]) == ("in_force", 1)
            action = new_action("db.read", {}, credential=agent, now=int(time.time() * 1000))
            decided = await signed(agent, "POST", "/v1/authorize", {"action": action})
            assert (decided["decision"], decided["decided_by"]["rule_id"]) == ("ALLOW", "read")

            assert commands.json("policies", "second-person", "on") == {"second_person": True, "draft": None}
            waiting = commands.start("policies", "apply", str(file), "--name", "main", "--wait", "--json")
            await ada.answer(await asked(ada), "approve")
            out, err = await asyncio.to_thread(waiting.communicate, timeout=BOUND)
            assert (waiting.returncode, '"state": "in_force"' in out) == (0, True), err
            waiting = commands.start("agents", "label", agent.agent_id, "--team", "web", "--wait", "--json")
            await ada.answer(await asked(ada), "approve")
            out, err = await asyncio.to_thread(waiting.communicate, timeout=BOUND)
            assert (waiting.returncode, '"state": "in_force"' in out) == (0, True), err
            assert [each["name"] for each in commands.json("policies", "list")["items"]] == [agent.agent_id, "main"]
