"""Nothing runs without a redeemed token."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub_client import AsyncHub, acting, guard
from approvals_hub_client.canonical import CanonicalError
from approvals_hub_client.errors import Changed, ClientError, Conflict, Denied, NotApproved
from tests.fakes.hub import FakeHub


async def _run(fake: FakeHub, call: Any, status: str = "approved", **members: Any) -> Any:
    answering = asyncio.ensure_future(fake.answer_all(status, **members))
    try:
        return await call
    finally:
        await answering


def _guarded(hub: AsyncHub, done: list[Any], **options: Any) -> Any:
    @guard(hub, "payment.execute", **options)
    async def pay(amount: int, to: str = "me") -> str:
        done.append((amount, to))
        return "paid"

    return pay


async def test_an_approved_call_runs_once_and_is_reported(fake: FakeHub, hub: AsyncHub) -> None:
    done: list[Any] = []
    assert await _run(fake, _guarded(hub, done)(5)) == "paid"
    assert done == [(5, "me")]
    assert [report["status"] for report in fake.reports] == ["done"]
    assert fake.views["esc_1"]["token_state"] == "redeemed"


async def test_people_are_asked_about_the_arguments_by_name(fake: FakeHub, hub: AsyncHub) -> None:
    await _run(fake, _guarded(hub, [])(5))
    assert fake.actions["esc_1"]["payload"] == {"amount": 5, "to": "me"}


async def test_people_are_asked_about_what_the_payload_function_says(fake: FakeHub, hub: AsyncHub) -> None:
    await _run(fake, _guarded(hub, [], payload=lambda amount: {"crowns": amount})(5))
    assert fake.actions["esc_1"]["payload"] == {"crowns": 5}


@pytest.mark.parametrize("status", ["denied", "not_me", "expired_unseen", "withdrawn", "undeliverable", "anything"])
async def test_a_call_that_was_not_approved_does_not_run(fake: FakeHub, hub: AsyncHub, status: str) -> None:
    done: list[Any] = []
    with pytest.raises(NotApproved):
        await _run(fake, _guarded(hub, done)(5), status)
    assert done == []


async def test_a_call_whose_token_somebody_else_spent_does_not_run(fake: FakeHub, hub: AsyncHub) -> None:
    done: list[Any] = []
    fake.redeemed["jti_esc_1"] = ("another key", {})
    with pytest.raises(Conflict):
        await _run(fake, _guarded(hub, done)(5))
    assert done == []


async def test_a_call_whose_redemption_is_not_proven_does_not_run(fake: FakeHub, hub: AsyncHub) -> None:
    done: list[Any] = []
    fake.alter = lambda answer: {**answer, "proof_token": "v4.public.x"} if "proof_token" in answer else answer
    with pytest.raises(ClientError):
        await _run(fake, _guarded(hub, done)(5))
    assert done == []


async def test_arguments_changed_while_people_were_asked_are_not_acted_on(fake: FakeHub, hub: AsyncHub) -> None:
    done: list[Any] = []

    @guard(hub, "mail.send")
    async def send(to: list[str]) -> None:
        done.append(to)

    to = ["a@example.com"]

    async def change_then_approve() -> None:
        async with fake.changed:
            await fake.changed.wait_for(lambda: fake.views)
        to.append("evil@example.com")
        await fake.end("esc_1", "approved")

    async with asyncio.TaskGroup() as group:
        group.create_task(change_then_approve())
        with pytest.raises(Changed):
            await send(to)
    assert done == []
    assert [report["status"] for report in fake.reports] == ["failed"]


async def test_an_argument_that_people_cannot_be_shown_is_refused_before_asking(fake: FakeHub, hub: AsyncHub) -> None:
    with pytest.raises(CanonicalError):
        await _guarded(hub, [])(object())
    assert fake.calls == []


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
    fake: FakeHub, hub: AsyncHub, error: BaseException, status: str
) -> None:
    async def fail() -> None:
        async with acting(hub, "payment.execute", {}):
            raise error

    with pytest.raises(type(error)):
        await _run(fake, fail())
    assert (fake.reports[0]["status"], fake.reports[0]["detail"]) == (status, type(error).__name__)


async def test_a_lost_report_does_not_undo_what_was_done(fake: FakeHub, hub: AsyncHub) -> None:
    async def act() -> str:
        async with acting(hub, "payment.execute", {}):
            fake.busy = [(403, {})]
            return "done"

    assert await _run(fake, act()) == "done"


async def test_the_body_gets_the_proof_of_its_permission(fake: FakeHub, hub: AsyncHub) -> None:
    async def act() -> str:
        async with acting(hub, "payment.execute", {}, justification="why") as redemption:
            return redemption.proof_token

    assert (await _run(fake, act())).startswith("v4.public.")


async def test_a_denied_body_does_not_run(fake: FakeHub, hub: AsyncHub) -> None:
    async def act() -> None:
        async with acting(hub, "payment.execute", {}):
            pytest.fail("it ran")

    with pytest.raises(Denied):
        await _run(fake, act(), "denied")


async def test_an_approval_that_could_not_be_redeemed_is_taken_back(fake: FakeHub, hub: AsyncHub) -> None:
    fake.alter = lambda answer: {**answer, "proof_token": None} if "proof_token" in answer else answer
    with pytest.raises(ClientError):
        await _run(fake, _guarded(hub, [])(5))
    assert fake.calls[-1] == ("DELETE", "/v1/escalations/esc_1")


async def test_a_function_of_the_other_kind_is_refused_at_once(hub: AsyncHub) -> None:
    with pytest.raises(TypeError):
        guard(hub, "payment.execute")(lambda: None)
