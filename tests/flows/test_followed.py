"""Pages of `docs/howto` are followed to the letter, on a hub that was just set up: every command, text and program.

Only what a reader has to put in is put in: the hub's address, invitations and ids.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.flows.commands import Commands
from tests.house.docs import FENCE
from tests.house.tree import ROOT

ADDRESS = "https://approvals.example.com"
LATER = 20.0
"""Seconds for what a page's program and its person do."""


class Reader:
    """Somebody with a shell in an empty folder, in which `approvals-hub` is a command."""

    def __init__(self, hub: Commands, folder: Path) -> None:
        self.hub, self.folder = hub, folder
        (folder / "bin").mkdir()
        command = folder / "bin" / "approvals-hub"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m approvals_hub "$@"\n')
        command.chmod(0o700)

    def env(self) -> dict[str, str]:
        env = self.hub.env()
        return {**env, "PATH": f"{self.folder / 'bin'}{os.pathsep}{env['PATH']}"}

    async def types(self, command: str, text: str = "") -> str:
        """What a command prints that must succeed."""
        return await self._ran(["sh", "-c", command], text)

    async def runs(self, program: str) -> str:
        """What a program prints that must succeed."""
        return await self._ran([sys.executable, "-c", program], "")

    async def _ran(self, words: list[str], text: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run,
            words,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.env(),
            cwd=self.folder,
        )
        assert done.returncode == 0, f"{words[-1]}\n{done.stdout}{done.stderr}"
        return done.stdout


def blocks(page: str, language: str) -> list[str]:
    """The fenced texts of a page in one language, in order."""
    text = (ROOT / "docs" / "howto" / page).read_text()
    return [fence["body"] for fence in FENCE.finditer(text) if fence["language"] == language]


def commands(page: str) -> list[str]:
    """What a page has its reader type."""
    return [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]


async def test_routes_groups_and_schedules_are_written_applied_and_looked_at_as_the_page_says(
    hub: Commands, tmp_path: Path
) -> None:
    page = "routes_and_on_call.md"
    named = re.findall(r"`(\w+\.yaml)`:\n\n```yaml\n(.*?)```", (ROOT / "docs" / "howto" / page).read_text(), re.DOTALL)
    assert [name for name, _ in named] == ["ops.yaml", "nights.yaml", "ladder.yaml"]
    reader = Reader(hub, tmp_path)
    for name, text in named:
        (tmp_path / name).write_text(text)
    with hub.serving(from_nothing=True):
        async with SoftwarePhone(hub.url) as owner, SoftwarePhone(hub.url) as ada, SoftwarePhone(hub.url) as bo:
            link = await asyncio.to_thread(hub.json, "init")
            await owner.enrol(link["url"].partition("#")[2])
            for phone, name in ((ada, "Ada"), (bo, "Bo")):
                invited = hub.json("people", "invite", name, "--email", f"{name.lower()}@example.com")
                await phone.accept(invited["url"].partition("#")[2])
            said = [await reader.types(command) for command in commands(page)]
            assert "Ada" in said[3] or "Bo" in said[3]
            assert ada.person_id in said[4] or bo.person_id in said[4]
            assert "ladder" in said[5]
            standing = await owner.call("GET", f"/v1/orgs/{link['org_id']}/default-route")
    assert standing == {"route": "ladder"}


async def test_an_agent_is_added_asks_redeems_and_is_stopped_as_the_page_says(hub: Commands, tmp_path: Path) -> None:
    page, reader = "add_an_agent.md", Reader(hub, tmp_path)
    invite, register, api_key, callbacks, *rest = commands(page)
    by_program, ask, guarded, handed_over = (block.replace(ADDRESS, hub.url) for block in blocks(page, "python"))
    with hub.serving(from_nothing=True):
        async with SoftwarePhone(hub.url) as phone:
            link = await asyncio.to_thread(hub.json, "init")
            await phone.enrol(link["url"].partition("#")[2])
            [invitation] = re.findall(r"inv_\S+", await reader.types(invite))
            await reader.types(register.replace(ADDRESS, hub.url), invitation)
            assert (tmp_path / "release-bot.json").stat().st_mode & 0o777 == 0o600
            [another] = re.findall(r"inv_\S+", await reader.types(invite))
            await reader.runs(by_program.replace("inv_…", another).replace("release-bot", "by-program"))
            program = asyncio.create_task(reader.runs(whole(ask, guarded, handed_over)))
            for _ in range(3):
                await phone.answer(await asked(phone, program), "approve")
            assert (await program).split() == ["dropped", "done"]
            assert "secret" not in await reader.types(api_key)
            [agent_id] = re.findall(r"agt_\w+", callbacks)
            mine = next(one["agent_id"] for one in hub.json("agents", "list")["items"] if one["name"] == "release bot")
            assert "whsec_" in await reader.types(callbacks.replace(agent_id, mine))
            for command in rest:
                await reader.types(command.replace(agent_id, mine))
            states = {one["agent_id"]: one["state"] for one in hub.json("agents", "list")["items"]}
    assert states[mine] == "revoked"


def whole(ask: str, guarded: str, handed_over: str) -> str:
    """One program of the page's three, with what a reader adds: the body of the function, and a call of each part."""
    head, _, loop = handed_over.partition("async with")
    body = "".join(f"    {line}\n" for line in f"async with{loop}".splitlines())
    more = 'hub = Hub.from_file("release-bot.json")\n'
    more += guarded.replace("-> None: ...", '-> None:\n    print("dropped")\n')
    more += 'drop("orders", host="db1")\n'
    more += (
        'approved = hub.approval("db.drop", {"database": "orders", "host": "db3"}, relying_party="db1.example.com")\n'
    )
    more += f"{head}\nasync def carry_out():\n{body}"
    return f"{ask}\n{more}\nimport asyncio\nasyncio.run(carry_out())\nprint('done')\n"


async def asked(phone: SoftwarePhone, program: asyncio.Task[str]) -> str:
    """The next question in the inbox, while the program runs."""
    async with asyncio.timeout(LATER):
        while True:
            waiting = [item["escalation_id"] for item in (await phone.inbox())["items"] if not item["answered"]]
            if waiting:
                return str(waiting[0])
            if program.done():
                program.result()
            await asyncio.sleep(0.05)
