"""A hub as its operator runs it: `serve` in a process of its own, with everything it writes in a file."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub, register
from tests.flows.commands import Commands

WITHIN = 30.0
"""Seconds for a start or a stop."""


@asynccontextmanager
async def served(commands: Commands, log: Path) -> AsyncIterator[int]:
    """Serve until the block ends; the process id. The command's output is added to `log`."""
    with log.open("ab") as file:
        process = commands.start("serve", into=file)
    try:
        async with asyncio.timeout(WITHIN), aiohttp.ClientSession(commands.url) as http:
            while True:
                assert process.poll() is None, log.read_text(errors="replace")
                try:
                    async with http.get("/healthz/ready"):
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, WITHIN)


async def join(commands: Commands, phone: SoftwarePhone, folder: Path) -> AsyncHub:
    """The new hub's owner with this phone, and an agent."""
    link = await asyncio.to_thread(commands.json, "init")
    await phone.enrol(link["url"].partition("#")[2])
    invited = await asyncio.to_thread(commands.json, "agents", "invite", "bot")
    await register(commands.url, invited["invite"], folder / "agent.json", allow_http=True)
    return AsyncHub.from_file(folder / "agent.json", allow_http=True)
