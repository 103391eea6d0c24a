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
from tests.fakes.line import Line
from tests.unit.desk import Desk


async def test_ask_wait_redeem_and_report_block(desk: Desk, line: Line, credential: Credential) -> None:
    def agent() -> str:
        with Hub(credential) as hub:
            approved = hub.approval("payment.execute", {"amount_minor": 1})
            redemption = hub.redeem(approved)
            hub.report(redemption, "done")
            return redemption.jti

    async with asyncio.TaskGroup() as group:
        group.create_task(desk.answer_next("approved"))
        jti = await asyncio.to_thread(agent)
    assert [path for _, path in line.calls if path.endswith("/report")] == [f"/v1/redemptions/{jti}/report"]


async def test_a_guarded_function_runs_when_approved(desk: Desk, line: Line, credential: Credential) -> None:
    def agent() -> int:
        with Hub(credential) as hub:

            @guard(hub, "payment.execute")
            def pay(amount: int) -> int:
                return amount

            return pay(7)

    async with asyncio.TaskGroup() as group:
        group.create_task(desk.answer_next("approved"))
        assert await asyncio.to_thread(agent) == 7
    assert [report["status"] for report in line.sent("/report")] == ["done"]


async def test_a_denied_block_does_not_run(desk: Desk, credential: Credential) -> None:
    ran: list[Any] = []

    def agent() -> None:
        with Hub(credential) as hub, acting_now(hub, "payment.execute", {}):
            ran.append(1)

    async with asyncio.TaskGroup() as group:
        group.create_task(desk.answer_next("denied"))
        with pytest.raises(Denied):
            await asyncio.to_thread(agent)
    assert ran == []


async def test_a_failing_block_is_reported_and_raises(desk: Desk, line: Line, credential: Credential) -> None:
    def agent() -> None:
        with Hub(credential) as hub, acting_now(hub, "payment.execute", {}):
            raise LookupError("inside")

    async with asyncio.TaskGroup() as group:
        group.create_task(desk.answer_next("approved"))
        with pytest.raises(LookupError, match="inside"):
            await asyncio.to_thread(agent)
    assert [report["status"] for report in line.sent("/report")] == ["failed"]


async def test_registering_blocks_too(desk: Desk, tmp_path: Path) -> None:
    made = await asyncio.to_thread(register_now, desk.url, await desk.invite(), tmp_path / "agent.json")
    assert made.org_id == desk.world.org_id


async def test_a_closed_client_leaves_no_thread(credential: Credential) -> None:
    def agent() -> None:
        with Hub(credential) as hub:
            hub.ask("payment.execute", {})
        hub.close()

    await asyncio.to_thread(agent)
    assert not [thread for thread in threading.enumerate() if thread.name == "approvals-hub-client"]


async def test_ctrl_c_withdraws_the_question(desk: Desk, line: Line, credential: Credential, tmp_path: Path) -> None:
    credential.save(tmp_path / "agent.json")
    script = (
        # A shell starts what runs in its background with SIGINT ignored, and these tests with it.
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from approvals_hub_client import Hub\n"
        "with Hub.from_file(sys.argv[1]) as hub:\n    hub.approval('payment.execute', {})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "agent.json")], stderr=subprocess.PIPE
    ) as process:
        escalation_id = await desk.waiting()
        await line.called("GET", f"/v1/escalations/{escalation_id}")
        os.kill(process.pid, signal.SIGINT)
        await asyncio.to_thread(process.communicate)
    assert process.returncode in (-signal.SIGINT, 130)
    assert (await desk.question(escalation_id)).state == "withdrawn"
