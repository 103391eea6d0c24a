"""The command in front of the demo; the demo itself is in tests/flows."""

from __future__ import annotations

import asyncio
import os

from approvals_hub.cli.try_out import _until_enter
from tests.unit.cli.conftest import Call


def test_the_demo_says_what_it_does(free_call: Call) -> None:
    done = free_call("demo", "--help")
    assert done.status == 0
    assert "--auto" in done.out
    assert "a pretend BankID, without an account anywhere" in " ".join(done.out.split())


async def test_whoever_watches_the_demo_looks_around_until_they_press_enter() -> None:
    keyboard, terminal = os.openpty()
    told: list[str] = []
    with os.fdopen(terminal) as stdin:
        looking = asyncio.create_task(_until_enter(told.append, stdin)("http://localhost:1"))
        while not told:
            await asyncio.sleep(0)
        assert "http://localhost:1/app/ stays until you press Enter" in told[0]
        assert not looking.done()
        os.write(keyboard, b"\n")
        await asyncio.wait_for(looking, 15)
    os.close(keyboard)
