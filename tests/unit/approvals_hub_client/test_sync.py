"""The blocking client, from a thread that has no event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from approvals_hub_client import Credential, Hub, acting_now, guard, register_now
from approvals_hub_client.errors import Denied
from tests.fakes.hub import FakeHub


async def test_ask_wait_redeem_and_report_block(fake: FakeHub, credential: Credential) -> None:
    def agent() -> str:
        with Hub(credential) as hub:
            approved = hub.approval("payment.execute", {"amount_minor": 1})
            redemption = hub.redeem(approved)
            hub.report(redemption, "done")
            return redemption.jti

    async with asyncio.TaskGroup() as group:
        group.create_task(fake.answer_all("approved"))
        jti = await asyncio.to_thread(agent)
    assert fake.reports[0]["jti"] == jti


async def test_a_guarded_function_runs_when_approved(fake: FakeHub, credential: Credential) -> None:
    def agent() -> int:
        with Hub(credential) as hub:

            @guard(hub, "payment.execute")
            def pay(amount: int) -> int:
                return amount

            return pay(7)

    async with asyncio.TaskGroup() as group:
        group.create_task(fake.answer_all("approved"))
        assert await asyncio.to_thread(agent) == 7
    assert fake.reports[0]["status"] == "done"


async def test_a_denied_block_does_not_run(fake: FakeHub, credential: Credential) -> None:
    ran: list[Any] = []

    def agent() -> None:
        with Hub(credential) as hub, acting_now(hub, "payment.execute", {}):
            ran.append(1)

    async with asyncio.TaskGroup() as group:
        group.create_task(fake.answer_all("denied"))
        with pytest.raises(Denied):
            await asyncio.to_thread(agent)
    assert ran == []


async def test_a_failing_block_is_reported_and_raises(fake: FakeHub, credential: Credential) -> None:
    def agent() -> None:
        with Hub(credential) as hub, acting_now(hub, "payment.execute", {}):
            raise LookupError("inside")

    async with asyncio.TaskGroup() as group:
        group.create_task(fake.answer_all("approved"))
        with pytest.raises(LookupError, match="inside"):
            await asyncio.to_thread(agent)
    assert fake.reports[0]["status"] == "failed"


async def test_registering_blocks_too(fake: FakeHub, tmp_path: Path) -> None:
    made = await asyncio.to_thread(register_now, fake.url, "inv_good", tmp_path / "agent.json")
    assert made.agent_id == "agt_1"


async def test_a_closed_client_leaves_no_thread(fake: FakeHub, credential: Credential) -> None:
    def agent() -> None:
        with Hub(credential) as hub:
            hub.ask("payment.execute", {})
        hub.close()

    await asyncio.to_thread(agent)
    assert not [thread for thread in threading.enumerate() if thread.name == "approvals-hub-client"]


async def test_ctrl_c_withdraws_the_question(fake: FakeHub, credential: Credential, tmp_path: Path) -> None:
    credential.save(tmp_path / "agent.json")
    script = (
        "import sys\nfrom approvals_hub_client import Hub\n"
        "with Hub.from_file(sys.argv[1]) as hub:\n    hub.approval('payment.execute', {})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "agent.json")], stderr=subprocess.PIPE
    ) as process:
        await fake.called("GET", "/v1/escalations/esc_1")
        os.kill(process.pid, signal.SIGINT)
        await asyncio.to_thread(process.communicate)
    assert process.returncode in (-signal.SIGINT, 130)
    assert fake.views["esc_1"]["status"] == "withdrawn"
