"""`ask` in one process with a small hub; as a process of its own it is in tests/flows/test_cli_ask.py."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.ask import Asking
from approvals_hub.cli.output import Output
from approvals_hub_client import AsyncHub
from tests.fakes.line import Line
from tests.unit.cli.conftest import Call
from tests.unit.desk import Desk, served_desk


@pytest.fixture
async def desk(sqlite_path: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served_desk(sqlite_path, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def line(desk: Desk) -> Line:
    return desk.line


@pytest.fixture
async def hub(desk: Desk) -> AsyncIterator[AsyncHub]:
    async with AsyncHub(desk.credential) as hub:
        yield hub


async def ask(hub: AsyncHub, *, as_json: bool = True, wait: bool = True, redeem: bool = False) -> int:
    asking = Asking(hub, Output(as_json))
    return await asking.run("db.drop", {"database": "orders"}, {"expires_in": 60}, wait=wait, redeem=redeem)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out))


async def test_an_approval_is_status_0_with_what_an_executor_needs(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = await asyncio.gather(ask(hub), desk.answer_next("approved"))
    result = told(capsys)
    assert (status, result["outcome"], result["redeemed"]) == (0, "approved", False)
    assert result["hand_over"]["action"] == result["action"]


async def test_an_approval_can_be_redeemed_at_once(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = await asyncio.gather(ask(hub, redeem=True), desk.answer_next("approved"))
    result = told(capsys)
    assert (status, result["redeemed"]) == (0, True)
    assert result["proof_token"].startswith("v4.public.")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("denied", 3), ("not_me", 3), ("expired_seen", 4), ("withdrawn", 5)],
)
async def test_every_other_end_has_its_own_status(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str], outcome: str, status: int
) -> None:
    answered, _ = await asyncio.gather(ask(hub), desk.answer_next(outcome))
    assert (answered, told(capsys)["outcome"]) == (status, outcome)


@pytest.mark.parametrize(("outcome", "status"), [("undeliverable", 4), ("superseded", 5)])
async def test_an_end_that_another_hub_may_tell_has_its_own_status(
    desk: Desk, line: Line, hub: AsyncHub, capsys: pytest.CaptureFixture[str], outcome: str, status: int
) -> None:
    line.alter = lambda view: {**view, "status": outcome} if view.get("status") == "denied" else view
    answered, _ = await asyncio.gather(ask(hub), desk.answer_next("denied"))
    assert answered == status


async def test_a_persons_reason_reaches_no_terminal_with_its_escape_sequences(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.gather(ask(hub, as_json=False), desk.answer_next("denied", code="other", reason="no\x1b[2J"))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "Not approved: denied (no" in out


async def test_without_waiting_nothing_is_approved(hub: AsyncHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert await ask(hub, wait=False) == 8
    assert told(capsys)["outcome"] is None


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_takes_the_question_back(
    desk: Desk, line: Line, hub: AsyncHub, capsys: pytest.CaptureFixture[str], number: signal.Signals, status: int
) -> None:
    asking = asyncio.ensure_future(ask(hub))
    escalation_id = await desk.waiting()
    await line.called("GET", f"/v1/escalations/{escalation_id}")
    os.kill(os.getpid(), number)
    assert await asking == status
    assert told(capsys) == {"escalation_id": escalation_id, "outcome": "withdrawn"}
    assert (await desk.question(escalation_id)).state == "withdrawn"


async def test_a_signal_while_the_question_is_being_filed_takes_it_back_too(
    desk: Desk, line: Line, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    line.drop_after = 1  # it is there, and its answer is lost: the client asks again
    asking = asyncio.ensure_future(ask(hub))
    await line.called("POST", "/v1/escalations")
    os.kill(os.getpid(), signal.SIGINT)
    assert await asking == 130
    [withdrawn] = {path for method, path in line.calls if method == "DELETE"}
    assert (await desk.question(withdrawn.rpartition("/")[2])).state == "withdrawn"


async def test_a_pipe_is_told_where_to_answer_and_each_change_once(
    desk: Desk, line: Line, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    asking = asyncio.ensure_future(ask(hub, as_json=False))
    escalation_id = await desk.waiting()
    await line.called("GET", f"/v1/escalations/{escalation_id}")
    await desk.end(escalation_id, "approved")
    await asking
    out, err = capsys.readouterr()
    assert (out, err) == (
        f"Approved: {escalation_id}.\n",
        f"Asked: {desk.url}/app/escalations/{escalation_id}\nwaiting\n",
    )


def test_redeeming_needs_waiting(free_call: Call) -> None:
    assert free_call("ask", "--action-type", "x", "--payload", "{}", "--redeem").status == 2


def test_a_credential_that_is_not_there_is_status_6(free_call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVALS_HUB_CREDENTIAL", "/nowhere/agent.json")
    done = free_call("ask", "--action-type", "x", "--payload", "{}")
    assert (done.status, "register the agent first" in done.err) == (6, True)
