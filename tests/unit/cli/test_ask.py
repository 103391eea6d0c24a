"""`ask` in one process with a small hub; as a process of its own it is in tests/flows/test_cli_ask.py."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from approvals_hub.cli.ask import Asking
from approvals_hub.cli.output import Output
from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.hub import ISSUER, FakeHub
from tests.fakes.hub_server import serving
from tests.unit.cli.conftest import Call


@pytest.fixture
async def fake() -> AsyncIterator[FakeHub]:
    async with serving() as fake:
        yield fake


@pytest.fixture
async def hub(fake: FakeHub) -> AsyncIterator[AsyncHub]:
    key = Ed25519SigningKey()
    fake.enrol(key)
    credential = Credential(fake.url, ISSUER, "agt_1", "org_1", "key_1", key.seed)
    async with AsyncHub(credential) as hub:
        yield hub


async def ask(hub: AsyncHub, *, as_json: bool = True, wait: bool = True, redeem: bool = False) -> int:
    asking = Asking(hub, Output(as_json))
    return await asking.run("db.drop", {"database": "orders"}, {"expires_in": 60}, wait=wait, redeem=redeem)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out))


async def test_an_approval_is_status_0_with_what_an_executor_needs(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = await asyncio.gather(ask(hub), fake.answer_all("approved"))
    result = told(capsys)
    assert (status, result["outcome"], result["redeemed"]) == (0, "approved", False)
    assert result["hand_over"]["action"] == result["action"]


async def test_an_approval_can_be_redeemed_at_once(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = await asyncio.gather(ask(hub, redeem=True), fake.answer_all("approved"))
    result = told(capsys)
    assert (status, result["redeemed"]) == (0, True)
    assert result["proof_token"].startswith("v4.public.")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("denied", 3), ("not_me", 3), ("expired_seen", 4), ("undeliverable", 4), ("withdrawn", 5), ("superseded", 5)],
)
async def test_every_other_end_has_its_own_status(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str], outcome: str, status: int
) -> None:
    answered, _ = await asyncio.gather(ask(hub), fake.answer_all(outcome))
    assert (answered, told(capsys)["outcome"]) == (status, outcome)


async def test_a_persons_reason_reaches_no_terminal_with_its_escape_sequences(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = {"code": "other", "text": "no\x1b[2J"}
    await asyncio.gather(ask(hub, as_json=False), fake.answer_all("denied", reason=reason))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "Not approved: denied (no" in out


async def test_without_waiting_nothing_is_approved(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ask(hub, wait=False) == 8
    assert told(capsys)["outcome"] is None


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_takes_the_question_back(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str], number: signal.Signals, status: int
) -> None:
    asking = asyncio.ensure_future(ask(hub))
    await fake.called("GET", "/v1/escalations/esc_1")
    os.kill(os.getpid(), number)
    assert await asking == status
    assert told(capsys) == {"escalation_id": "esc_1", "outcome": "withdrawn"}
    assert fake.views["esc_1"]["status"] == "withdrawn"


async def test_a_signal_while_the_question_is_being_filed_takes_it_back_too(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.drop_after = 1  # it is there, and its answer is lost: the client asks again
    asking = asyncio.ensure_future(ask(hub))
    await fake.called("POST", "/v1/escalations")
    os.kill(os.getpid(), signal.SIGINT)
    assert await asking == 130
    assert fake.views["esc_1"]["status"] == "withdrawn"


async def test_a_pipe_is_told_where_to_answer_and_each_change_once(
    fake: FakeHub, hub: AsyncHub, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.gather(ask(hub, as_json=False), fake.answer_all("approved"))
    out, err = capsys.readouterr()
    assert (out, err) == ("Approved: esc_1.\n", f"Asked: {fake.url}/app/escalations/esc_1\nwaiting, code 42\n")


def test_redeeming_needs_waiting(free_call: Call) -> None:
    assert free_call("ask", "--action-type", "x", "--payload", "{}", "--redeem").status == 2


def test_a_credential_that_is_not_there_is_status_6(free_call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVALS_HUB_CREDENTIAL", "/nowhere/agent.json")
    done = free_call("ask", "--action-type", "x", "--payload", "{}")
    assert (done.status, "register the agent first" in done.err) == (6, True)
