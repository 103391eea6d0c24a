"""The restore drill on PostgreSQL: the commands of the page are typed as they stand there, names alone put in."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from approvals_hub.cli.demo_phone import Refused
from approvals_hub_client import AsyncHub
from approvals_hub_client.errors import Conflict
from tests.flows.commands import Commands
from tests.flows.test_cli_restore import approved_by_somebody, redeem
from tests.house.docs import FENCE
from tests.house.tree import ROOT
from tests.postgres_server import ROLE

PAGE = ROOT / "docs" / "howto" / "run_on_postgres.md"
Types = Callable[[str], None]


def typed() -> tuple[list[str], list[str]]:
    """The commands that copy, and those that put back."""
    _, _, section = PAGE.read_text().partition("## Back up and restore\n")
    copying, putting_back = (
        [line.removeprefix("$ ") for line in fence["body"].splitlines()] for fence in FENCE.finditer(section)
    )
    return copying, putting_back


@pytest.fixture
def commands(empty_postgres_uri: str, tmp_path: Path) -> Commands:
    (tmp_path / "url").write_text(empty_postgres_uri)
    return Commands(tmp_path / "data", environment={"APPROVALS_HUB__DATABASE__URL_FILE": str(tmp_path / "url")})


@pytest.fixture
def types(commands: Commands, empty_postgres_uri: str, tmp_path: Path) -> Types:
    """Types one command of the page, as whoever looks after the database server does; it must succeed."""
    parts = urlsplit(empty_postgres_uri)
    database, (host,) = parts.path.strip("/"), parse_qs(parts.query)["host"]
    # The first word of the command by which the server was started: pg_dump must not be older than it is.
    tools = Path((Path(host) / "postmaster.opts").read_text().split()[0].strip('"')).parent
    (tmp_path / "bin").mkdir()
    hub = tmp_path / "bin" / "approvals-hub"
    hub.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m approvals_hub "$@"\n')
    hub.chmod(0o700)
    env = commands.env(PGHOST=host, PGUSER="postgres")
    env["PATH"] = os.pathsep.join([str(tmp_path / "bin"), str(tools), env["PATH"]])

    def types(command: str) -> None:
        named = command.replace("--owner=approvals_hub", f"--owner={ROLE}").replace("approvals_hub", database)
        done = subprocess.run(["sh", "-c", named], capture_output=True, text=True, timeout=60, env=env, cwd=tmp_path)
        assert (done.returncode, command, done.stderr) == (0, command, "")

    return types


async def test_a_token_that_was_redeemed_after_the_dump_is_refused_by_what_was_restored_from_it(
    commands: Commands, types: Types, empty_postgres_uri: str, tmp_path: Path
) -> None:
    copying, putting_back = typed()
    database = urlsplit(empty_postgres_uri).path.strip("/")
    with commands.serving():
        handed_over, phone = await approved_by_somebody(commands, tmp_path)
        for command in copying:
            await asyncio.to_thread(types, command)
        await redeem(commands, handed_over)
        kids = {key["kid"] for key in published(commands)}
    await asyncio.to_thread(types, f"dropdb --force {database}")
    for command in putting_back:
        await asyncio.to_thread(types, command)
    with commands.serving():
        with pytest.raises(Conflict) as refusal:
            await redeem(commands, handed_over)
        assert refusal.value.code == "restored_copy"
        async with phone:
            with pytest.raises(Refused) as signed_out:
                await phone.inbox()
        assert signed_out.value.status == 401
        async with AsyncHub.from_file(tmp_path / "agent.json") as agent:
            assert (await agent.ask("db.drop", {"database": "customers"})).is_open
        retired = {key["kid"] for key in published(commands) if key["retired_at"] is not None}
    # Those of before are there to verify with, and sign nothing.
    assert kids <= retired


def published(commands: Commands) -> list[dict[str, Any]]:
    """The hub's keys, as everybody may read them."""
    return list(json.loads(commands.get("/v1/public-keys")[1])["keys"])
