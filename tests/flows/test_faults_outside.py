"""What a hub does not have in its own hands: names that nobody answers for, and memory that is not there.

| fault | what callers see | afterwards |
|---|---|---|
| a name server says nothing | what calls those names tries again later; all else goes on, sealing too | |
| no memory for a request | 503 `out_of_memory` (PostgreSQL: `database_unavailable`), nothing is kept | it succeeds |
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import asyncpg
import psutil

from approvals_hub.audit.verify import verify
from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.flows.commands import Commands
from tests.flows.process import join
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
INFINITY = resource.RLIM_INFINITY
ROOM = 200 * 2**20
"""Bytes."""
EATS_MEMORY = {
    "sqlite": """
        CREATE TRIGGER greedy BEFORE INSERT ON audit_entries BEGIN SELECT length(randomblob(900000000)); END;
    """,
    "postgres": """
        CREATE FUNCTION greedy() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'out of memory' USING ERRCODE = '53200'; END $$;
        CREATE TRIGGER greedy BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION greedy();
    """,
}
"""In the hub's process SQLite finds no memory, in earnest; a server of PostgreSQL says that it has none."""
LEAVES_MEMORY = {"sqlite": "DROP TRIGGER greedy", "postgres": "DROP TRIGGER greedy ON audit_entries"}
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


async def test_a_request_for_which_there_is_no_memory_leaves_nothing_half_written_and_succeeds_later(
    database_place: Path | str, tmp_path: Path
) -> None:
    elsewhere = {} if isinstance(database_place, Path) else {"APPROVALS_HUB__DATABASE__URL": database_place}
    commands = Commands(tmp_path / "data", environment=elsewhere)
    place = commands.data / "hub.db" if isinstance(database_place, Path) else database_place
    async with victim(commands, place, tmp_path) as hub:
        # The hub has room for what it does, and not for what the last statement of the unit asks for.
        resource.prlimit(hub.pid, resource.RLIMIT_AS, (psutil.Process(hub.pid).memory_info().vms + ROOM, INFINITY))
        await change(place, EATS_MEMORY)
        code = "out_of_memory" if isinstance(place, Path) else "database_unavailable"
        assert await hub.approve() == (503, code)
        assert await hub.ask() == (503, code)
        assert await hub.get("/v1/public-keys") == 200
        assert (await hub.count("decisions"), await hub.count("escalations")) == (0, 1)
        await change(place, LEAVES_MEMORY)
        await hub.comes_true()
    assert "request_failed" not in (tmp_path / "serve.log").read_text()


async def change(place: Path | str, texts: dict[str, str]) -> None:
    """Alter the database behind the hub's back."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as file:
            file.executescript(texts["sqlite"])
        return
    connection = await asyncpg.connect(place)
    try:
        await connection.execute(texts["postgres"])
    finally:
        await connection.close()


async def sealed(commands: Commands, file: Path) -> set[str]:
    """The kinds of all entries that are in the log so far, which verifies."""
    file.unlink(missing_ok=True)
    await asyncio.to_thread(commands.json, "audit", "export", "--output", str(file))
    assert verify(io.BytesIO(file.read_bytes())).ok
    lines = map(json.loads, file.read_text().splitlines())
    return {line["entry"]["kind"] for line in lines if "entry" in line}
