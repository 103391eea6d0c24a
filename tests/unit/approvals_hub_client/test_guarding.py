"""Nothing runs without a redeemed token."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from approvals_hub_client import AsyncHub, acting, guard
from approvals_hub_client.canonical import CanonicalError
from approvals_hub_client.errors import Changed, ClientError, Conflict, Denied, NotApproved
from tests.fakes.line import Line
from tests.unit.desk import Desk


async def _run(desk: Desk, call: Any, status: str = "approved") -> Any:
    answering = asyncio.ensure_future(desk.answer_next(status))
    try:
        return await call
    finally:
        await answering


def _asked(line: Line) -> str:
    """The question that the agent waits for."""
    return next(path for method, path in line.calls if method == "GET" and "/escalations/" in path).rpartition("/")[2]


def _guarded(hub: AsyncHub, done: list[Any], **options: Any) -> Any:
    @guard(hub, "payment.execute", **options)
    async def pay(amount: int, to: str = "me") -> str:
        done.append((amount, to))
        return "paid"

    return pay


async def test_an_approved_call_runs_once_and_is_reported(desk: Desk, line: Line, hub: AsyncHub) -> None:
    done: list[Any] = []
    assert await _run(desk, _guarded(hub, done)(5)) == "paid"
    assert done == [(5, "me")]
    [report] = line.sent("/report")
    assert report["status"] == "done"
    assert (await desk.question(_asked(line))).token_state == "redeemed"


async def test_people_are_asked_about_the_arguments_by_name(desk: Desk, line: Line, hub: AsyncHub) -> None:
    await _run(desk, _guarded(hub, [])(5))
    assert line.sent("/v1/escalations")[0]["action"]["payload"] == {"amount": 5, "to": "me"}


async def test_people_are_asked_about_what_the_payload_function_says(desk: Desk, line: Line, hub: AsyncHub) -> None:
    await _run(desk, _guarded(hub, [], payload=lambda amount: {"crowns": amount})(5))
    assert line.sent("/v1/escalations")[0]["action"]["payload"] == {"crowns": 5}


@pytest.mark.parametrize("status", ["denied", "not_me", "withdrawn"])
async def test_a_call_that_was_not_approved_does_not_run(desk: Desk, hub: AsyncHub, status: str) -> None:
    done: list[Any] = []
    with pytest.raises(NotApproved):
        await _run(desk, _guarded(hub, done)(5), status)
    assert done == []


@pytest.mark.parametrize("status", ["undeliverable", "anything"])
async def test_a_call_whose_question_ended_in_an_unheard_of_way_does_not_run(
    desk: Desk, line: Line, hub: AsyncHub, status: str
) -> None:
    done: list[Any] = []
    line.alter = lambda answer: {**answer, "status": status} if answer.get("status") == "approved" else answer
    with pytest.raises(NotApproved):
        await _run(desk, _guarded(hub, done)(5))
    assert done == []


async def test_a_call_whose_approval_is_recalled_at_the_last_moment_does_not_run(
    desk: Desk, line: Line, hub: AsyncHub
) -> None:
    done: list[Any] = []

    async def recall_first(request: web.Request) -> None:
        if request.path == "/v1/tokens/redeem":
            await desk.recall(_asked(line))

    line.before = recall_first
    with pytest.raises(Conflict):
        await _run(desk, _guarded(hub, done)(5))
    assert done == []


async def test_a_call_whose_redemption_is_not_proven_does_not_run(desk: Desk, line: Line, hub: AsyncHub) -> None:
    done: list[Any] = []
    line.alter = lambda answer: {**answer, "proof_token": "v4.public.x"} if "proof_token" in answer else answer
    with pytest.raises(ClientError):
        await _run(desk, _guarded(hub, done)(5))
    assert done == []


async def test_arguments_changed_while_people_were_asked_are_not_acted_on(
    desk: Desk, line: Line, hub: AsyncHub
) -> None:
    done: list[Any] = []

    @guard(hub, "mail.send")
    async def send(to: list[str]) -> None:
        done.append(to)

    to = ["a@example.com"]

    async def change_then_approve() -> None:
        escalation_id = await desk.waiting()
        to.append("evil@example.com")
        await desk.end(escalation_id, "approved")

    async with asyncio.TaskGroup() as group:
        group.create_task(change_then_approve())
        with pytest.raises(Changed):
            await send(to)
    assert done == []
    assert [report["status"] for report in line.sent("/report")] == ["failed"]


async def test_an_argument_that_people_cannot_be_shown_is_refused_before_asking(line: Line, hub: AsyncHub) -> None:
    with pytest.raises(CanonicalError):
        await _guarded(hub, [])(object())
    assert line.calls == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("secret text"), "failed"),
        (TimeoutError(), "unknown"),
        (ConnectionResetError(), "unknown"),
        (asyncio.CancelledError(), "unknown"),
    ],
    ids=["failed", "timed out", "connection lost", "cancelled"],
)
async def test_a_failure_goes_on_and_is_reported_by_its_kind_alone(
    desk: Desk, line: Line, hub: AsyncHub, error: BaseException, status: str
) -> None:
    async def fail() -> None:
        async with acting(hub, "payment.execute", {}):
            raise error

    with pytest.raises(type(error)):
        await _run(desk, fail())
    [report] = line.sent("/report")
    assert (report["status"], report["detail"]) == (status, type(error).__name__)


async def test_a_lost_report_does_not_undo_what_was_done(desk: Desk, line: Line, hub: AsyncHub) -> None:
    async def act() -> str:
        async with acting(hub, "payment.execute", {}):
            line.busy = [(403, {})]
            return "done"

    assert await _run(desk, act()) == "done"


async def test_the_body_gets_the_proof_of_its_permission(desk: Desk, hub: AsyncHub) -> None:
    async def act() -> str:
        async with acting(hub, "payment.execute", {}, justification="why") as redemption:
            return redemption.proof_token

    assert (await _run(desk, act())).startswith("v4.public.")


async def test_a_denied_body_does_not_run(desk: Desk, hub: AsyncHub) -> None:
    async def act() -> None:
        async with acting(hub, "payment.execute", {}):
            pytest.fail("it ran")

    with pytest.raises(Denied):
        await _run(desk, act(), "denied")


async def test_an_approval_that_could_not_be_redeemed_is_taken_back(desk: Desk, line: Line, hub: AsyncHub) -> None:
    line.alter = lambda answer: {**answer, "proof_token": None} if "proof_token" in answer else answer
    with pytest.raises(ClientError):
        await _run(desk, _guarded(hub, [])(5))
    assert line.calls[-1][0] == "DELETE"
    assert line.calls[-1][1] == f"/v1/escalations/{_asked(line)}"


async def test_a_function_of_the_other_kind_is_refused_at_once(hub: AsyncHub) -> None:
    with pytest.raises(TypeError):
        guard(hub, "payment.execute")(lambda: None)
