"""`ask` in one process with a small hub; as a process of its own it is in tests/flows/test_cli_ask.py."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.ask import Asking
from approvals_hub.cli.output import Output
from approvals_hub_client import AsyncHub, Changed, Refused
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


TOLD = "1 person may answer; 1 must approve.\nhigh risk, waiting\n"


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
        f"Asked: {desk.url}/app/escalations/{escalation_id}\n{TOLD}",
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("issuer", "picture"), [("https://hub.example", True), ("http://localhost:8420", False)])
async def test_a_terminal_shows_a_picture_of_the_link_where_a_phone_can_follow_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, issuer: str, picture: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with AsyncHub(replace(desk.credential, issuer=issuer)) as hub:
        with redirect_stdout(Terminal()) as terminal:
            await ask(hub, as_json=False, wait=False)
    assert ("▀" in terminal.getvalue()) is picture


async def resumed(
    hub: AsyncHub, escalation_id: str, action_type: str | None = None, payload: Any = None, *, redeem: bool = False
) -> int:
    asking = Asking(hub, Output(as_json=True))
    return await asking.follow(asking.found(escalation_id, action_type, payload), wait=True, redeem=redeem)


async def filed(hub: AsyncHub, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """A question that was asked without waiting."""
    assert await ask(hub, wait=False) == 8
    return told(capsys)


async def test_a_question_asked_before_is_waited_for_by_its_id_alone(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await filed(hub, capsys)
    escalation_id = before["escalation_id"]
    status, _ = await asyncio.gather(resumed(hub, escalation_id), desk.answer_next("approved"))
    result = told(capsys)
    assert (status, result["outcome"], result["action"]) == (0, "approved", before["action"])
    assert result["hand_over"]["action"] == before["action"]
    assert await desk.questions() == 1


async def test_resuming_again_is_the_same_answer(desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str]) -> None:
    escalation_id = (await filed(hub, capsys))["escalation_id"]
    await desk.end(escalation_id, "approved")
    for _ in range(2):
        assert await resumed(hub, escalation_id) == 0
        assert told(capsys)["outcome"] == "approved"
    assert await resumed(hub, escalation_id, redeem=True) == 0
    assert told(capsys)["redeemed"] is True
    assert await resumed(hub, escalation_id, redeem=True) == 1  # somebody may have acted on it already
    assert told(capsys)["outcome"] == "approved"


@pytest.mark.parametrize(("outcome", "status"), [("denied", 3), ("expired_unseen", 4), ("withdrawn", 5)])
async def test_a_question_that_ended_meanwhile_has_the_status_of_its_end(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str], outcome: str, status: int
) -> None:
    question = await hub.ask("db.drop", {}, expires_in=10)
    await desk.end(question.escalation_id, outcome)
    assert await resumed(hub, question.escalation_id) == status


@pytest.mark.parametrize(
    ("action_type", "payload"),
    [("db.create", None), (None, {"database": "customers"}), (None, {"database": "orders", "force": True})],
)
async def test_an_id_of_another_question_is_no_approval_for_what_was_meant(
    desk: Desk, hub: AsyncHub, capsys: pytest.CaptureFixture[str], action_type: str | None, payload: Any
) -> None:
    escalation_id = (await filed(hub, capsys))["escalation_id"]
    await desk.end(escalation_id, "approved")
    with pytest.raises(Changed):
        await resumed(hub, escalation_id, action_type, payload)
    assert await resumed(hub, escalation_id, "db.drop", {"database": "orders"}) == 0


async def test_a_flag_that_became_a_number_is_another_payload(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("db.drop", {"force": True})
    with pytest.raises(Changed):
        await resumed(hub, question.escalation_id, payload={"force": 1})


async def test_another_agents_question_cannot_be_resumed(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("db.drop", {})
    async with AsyncHub(await desk.api_key()) as other:
        with pytest.raises(Refused) as refused:
            await resumed(other, question.escalation_id)
    assert refused.value.code == "escalation_unknown"


@pytest.mark.parametrize(
    "words",
    [
        ["--payload", "{}"],
        ["--action-type", "x"],
        ["--resume", "esc_1", "--justification", "why"],
        ["--resume", "esc_1", "--expires-in", "60"],
    ],
)
def test_what_is_neither_a_question_nor_a_resumption_is_status_2(free_call: Call, words: list[str]) -> None:
    assert free_call("ask", *words).status == 2


def test_redeeming_needs_waiting(free_call: Call) -> None:
    assert free_call("ask", "--action-type", "x", "--payload", "{}", "--redeem").status == 2


def test_a_credential_that_is_not_there_is_status_6(free_call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVALS_HUB_CREDENTIAL", "/nowhere/agent.json")
    done = free_call("ask", "--action-type", "x", "--payload", "{}")
    assert (done.status, "register the agent first" in done.err) == (6, True)
