"""What a newcomer is promised on the first page: one curl asks a person, and the hub speaks to nobody by itself."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.flows.commands import Commands
from tests.flows.process import join
from tests.house.docs import FENCE
from tests.house.tree import ROOT

SPY = """
import os, sys

SEEN = os.open(os.path.join({folder!r}, str(os.getpid())), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

def look(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        os.write(SEEN, f"{{event}} {{given[1]}}\\n".encode())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and given[0] not in (None, "127.0.0.1", "localhost"):
        os.write(SEEN, f"{{event}} {{given[0]}}\\n".encode())

sys.addaudithook(look)
"""
"""Run by every Python that starts with it on its path: writes down, for each process, whom it speaks to."""


async def test_a_hub_that_nothing_was_configured_for_speaks_to_nobody(tmp_path: Path) -> None:
    seen, spy = tmp_path / "seen", tmp_path / "spy"
    for folder in (seen, spy):
        folder.mkdir()
    (spy / "sitecustomize.py").write_text(SPY.format(folder=str(seen)))
    path = os.pathsep.join([str(spy), *filter(None, [os.environ.get("PYTHONPATH")])])
    commands = Commands(tmp_path / "data", environment={"PYTHONPATH": path})
    with commands.serving() as process:
        async with SoftwarePhone(commands.url) as phone, await join(commands, phone, tmp_path) as agent:
            question = await agent.ask("db.drop", {"database": "orders"})
            await phone.answer(question.escalation_id, "approve")
            await agent.redeem(await agent.wait(question))
            await asyncio.to_thread(commands.json, "audit", "export", "--output", str(tmp_path / "log.jsonl"))
    by_process = {int(file.name): file.read_text() for file in seen.iterdir()}
    assert by_process.pop(process.pid) == ""
    assert any("hub.sock" in told for told in by_process.values()), "the spy saw no command speak to the hub"


def curl_of_the_readme(url: str) -> str:
    """The shell command as it stands there, for a hub at this address."""
    blocks = [fence["body"] for fence in FENCE.finditer((ROOT / "README.md").read_text())]
    [found] = re.findall(r"^\$ (curl .+)", next(block for block in blocks if "$ curl " in block), re.DOTALL | re.M)
    command, _, _ = found.partition("\n{")  # what it prints
    assert "http://localhost:8420" in command
    return command.replace("http://localhost:8420", url)


@pytest.mark.needs("curl")
async def test_the_curl_of_the_readme_puts_a_card_before_its_person(hub: Commands, tmp_path: Path) -> None:
    with hub.serving(from_nothing=True):
        async with SoftwarePhone(hub.url) as phone:
            link = await asyncio.to_thread(hub.json, "init")
            await phone.enrol(link["url"].partition("#")[2])
            made = await asyncio.to_thread(hub.json, "agents", "api-key", "curl")
            names = {"AGENT": made["agent_id"], "ORG": made["org_id"], "KEY": made["api_key"]}
            shell = ["sh", "-c", curl_of_the_readme(hub.url)]
            asked = await asyncio.to_thread(
                subprocess.run, shell, capture_output=True, text=True, env={**os.environ, **names}, timeout=30
            )
            [card] = (await phone.inbox())["items"]
    told = json.loads(asked.stdout)
    assert (told["status"], told["escalation_id"]) == ("open", card["escalation_id"])
