"""What a hub does not have in its own hands: names that nobody answers for, and memory that is not there.

| fault | what callers see | afterwards |
|---|---|---|
| a name server says nothing | calls to those names are tried again later; everything else goes on, the seal of the log too | |
| no memory for a request | 503 `out_of_memory`, or the connection is cut; nothing of the request is kept | it succeeds |
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import time
from collections import Counter
from pathlib import Path

import aiohttp
import psutil

from approvals_hub.audit.verify import verify
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import new_action
from tests.flows.commands import Commands
from tests.flows.process import join
from tests.flows.signed import proven
from tests.flows.test_faults import victim

HANGS = """
import os, socket, threading

real, seen = socket.getaddrinfo, {seen!r}

def look(host, *rest, **more):
    if str(host).endswith(".hangs.example"):
        with open(seen, "a") as file:
            file.write(host + "\\n")
        threading.Event().wait()
    return real(host, *rest, **more)

socket.getaddrinfo = look
"""
"""Run by every Python that starts with it on its path: a name server that says nothing of some names."""
DEAD = 12
"""Twice as many as the threads that asyncio has for everything on a machine with two cores."""
TIMES = 8
LARGE = 200_000
"""Characters: more than an allocator has at hand, so it asks the system."""
SOON = 10.0
STOPS_WITHIN = 10.0


async def test_names_that_nobody_answers_for_hold_up_neither_questions_nor_the_log_nor_the_stop(
    tmp_path: Path,
) -> None:
    seen, spy = tmp_path / "seen", tmp_path / "spy"
    seen.touch()
    spy.mkdir()
    (spy / "sitecustomize.py").write_text(HANGS.format(seen=str(seen)))
    path = os.pathsep.join([str(spy), *filter(None, [os.environ.get("PYTHONPATH")])])
    commands = Commands(tmp_path / "data", environment={"PYTHONPATH": path})
    with commands.serving() as process:
        async with SoftwarePhone(commands.url) as phone, await join(commands, phone, tmp_path) as agent:
            words = ("agents", "callbacks", agent.credential.agent_id, "--host", "*.hangs.example")
            await asyncio.to_thread(commands.json, *words)
            for number in range(DEAD):
                url = f"https://n{number}.hangs.example/called"
                await agent.withdraw(await agent.ask("db.drop", {"n": number}, callback_url=url))
            async with asyncio.timeout(SOON):
                while len(set(seen.read_text().split())) < DEAD:
                    await asyncio.sleep(0.05)
            question = await agent.ask("db.drop", {"n": DEAD})
            await phone.answer(question.escalation_id, "approve")
            await agent.redeem(await agent.wait(question, within=SOON))
            async with asyncio.timeout(SOON):
                while "token.redeemed" not in await sealed(commands, tmp_path / "export.jsonl"):
                    await asyncio.sleep(0.1)
        began = time.monotonic()
        process.terminate()
        await asyncio.to_thread(process.wait, STOPS_WITHIN)
    assert (process.returncode, time.monotonic() - began < STOPS_WITHIN) == (0, True)


async def test_a_request_for_which_there_is_no_memory_is_refused_whole_and_others_go_on(
    database_place: Path | str, tmp_path: Path
) -> None:
    elsewhere = {} if isinstance(database_place, Path) else {"APPROVALS_HUB__DATABASE__URL": database_place}
    commands = Commands(tmp_path / "data", environment=elsewhere)
    place = commands.data / "hub.db" if isinstance(database_place, Path) else database_place
    async with victim(commands, place, tmp_path) as hub:
        no_limit = resource.prlimit(hub.pid, resource.RLIMIT_AS)
        resource.prlimit(hub.pid, resource.RLIMIT_AS, (psutil.Process(hub.pid).memory_info().vms, no_limit[1]))
        told = Counter([await asks_much(hub.agent, commands, number) for number in range(TIMES)])
        assert set(told) <= {"201", "out_of_memory", "cut"}
        assert told["out_of_memory"] > 0
        assert await hub.get("/v1/public-keys") == 200
        assert await hub.count("escalations") == 1 + told["201"]
        resource.prlimit(hub.pid, resource.RLIMIT_AS, no_limit)
        assert await asks_much(hub.agent, commands, 0) == "201"
        assert await hub.approve() == (200, "")
        await hub.agent.redeem(await hub.agent.wait(hub.question, within=SOON))
        while "token.redeemed" not in await sealed(commands, tmp_path / "export.jsonl"):
            await asyncio.sleep(0.1)
    assert "request_failed" not in (tmp_path / "serve.log").read_text()


async def asks_much(agent: AsyncHub, commands: Commands, number: int) -> str:
    """What the hub says to a large question: a status, the code of a refusal, or `cut`."""
    payload = {"text": "x" * LARGE}
    action = new_action("db.drop", payload, credential=agent.credential, now=agent.transport.clock())
    headers, raw = proven(agent.credential, "POST", "/v1/escalations", {"action": action}, f"much-{number}")
    try:
        async with (
            aiohttp.ClientSession(commands.url) as http,
            http.post("/v1/escalations", data=raw, headers=headers) as response,
        ):
            return str((await response.json())["code"]) if response.status >= 400 else str(response.status)
    except aiohttp.ClientError:
        return "cut"


async def sealed(commands: Commands, file: Path) -> set[str]:
    """The kinds of all entries that are in the log so far, which verifies."""
    file.unlink(missing_ok=True)
    await asyncio.to_thread(commands.json, "audit", "export", "--output", str(file))
    assert verify(io.BytesIO(file.read_bytes())).ok
    lines = map(json.loads, file.read_text().splitlines())
    return {line["entry"]["kind"] for line in lines if "entry" in line}
