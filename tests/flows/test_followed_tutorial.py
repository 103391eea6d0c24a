"""The tutorial is followed to the letter, from an empty folder on: what is typed, and what the hub says to it."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from pathlib import Path

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.flows.commands import Commands
from tests.flows.test_followed import Reader, asked
from tests.house.docs import FENCE
from tests.house.tree import ROOT

NEW_EACH_TIME = r"(?:inv|esc|agt|org)_[\w-]+|\d{4}-\d\d-\d\dT[\d:.]+Z|/[\w/-]+/approvals-hub(?=/data)"
"""What is another at every reader's."""


def typed_and_shown(port: int) -> list[tuple[str, str]]:
    """Each command of the page and what the page shows after it, at a hub on this port."""
    text = (ROOT / "docs" / "tutorial.md").read_text().replace("localhost:8420", f"localhost:{port}")
    found: list[tuple[str, str]] = []
    for fence in FENCE.finditer(text):
        for line in fence["body"].splitlines(keepends=True):
            if line.startswith("$ "):
                found.append((line[2:].rstrip(), ""))
            else:
                found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def is_shown(said: str, page: str) -> None:
    """Whether a command said what the page shows, but for what is another at every reader's."""
    pieces = [re.escape(piece) for piece in re.split(NEW_EACH_TIME, page.rstrip())]
    assert re.search(r"\S+?".join(pieces), said), f"the page shows:\n{page}\nand it said:\n{said}"


async def test_the_tutorial_leads_from_nothing_to_an_approved_action_and_a_record_that_verifies(
    commands: Commands, tmp_path: Path
) -> None:
    reader = Reader(commands, tmp_path)
    (tmp_path / "bin" / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (tmp_path / "bin" / "python").chmod(0o700)
    steps = iter(typed_and_shown(commands.port))

    async def does(*, status: int = 0, answer: str | None = None) -> None:
        """The next command, and what its person does meanwhile on the page."""
        command, shown = next(steps)
        ends = "" if status == 0 else f"; [ $? = {status} ]"
        running = asyncio.create_task(reader.types(f"({command}) 2>&1{ends}"))
        if answer is not None:
            question = await asked(phone, running)
            reason = "wrong_target" if answer == "deny" else None
            await phone.answer(question, answer, reason_code=reason)
        is_shown(await running, shown)

    run, shown = next(steps)
    assert (run, next(steps)[0]) == ("make run", ". .venv/bin/activate")
    with commands.serving(from_nothing=True) as hub:
        assert hub.stdout is not None
        said = "".join(iter(hub.stdout.readline, "How a phone gets there: docs/howto/reach_a_phone.md\n"))
        is_shown(f"{said}How a phone gets there: docs/howto/reach_a_phone.md", shown)
        [invitation] = re.findall(r"/app/enrol#(\S+)", said)
        async with SoftwarePhone(commands.url) as phone:
            await phone.enrol(invitation)
            await does()  # an agent is invited
            await does()  # it registers
            assert (tmp_path / "agent.json").stat().st_mode & 0o777 == 0o600
            await does()  # what it wants to do
            await does(answer="approve")
            await does(answer="deny", status=3)
            assert next(steps) == ("echo $?", "3\n")
            await does()  # the log
            await does()  # its newest checkpoint
            await does()  # both are verified
    await does()  # a forger, and no hub is needed to find out
    await does(status=1)
    assert list(steps) == []
