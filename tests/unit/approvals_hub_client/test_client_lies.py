"""What a line that loses things and somebody who forges answers do to a client: nothing is approved by them."""

from __future__ import annotations

import asyncio
import itertools
import socket
from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.api.application import begin_stop
from approvals_hub.keys.key import TOKEN
from approvals_hub.keys.rotate import PUBLISHED_AHEAD
from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.errors import (
    BadAnswer,
    Denied,
    NoConnection,
    NotApproved,
    NotAuthorised,
    Spent,
    StillOpen,
    Superseded,
    Undeliverable,
    Unreachable,
)
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import APPROVAL
from approvals_hub_client.times import present
from approvals_hub_client.transport import Transport
from tests.fakes.line import Line
from tests.unit.desk import Desk

PAYLOAD = {"amount_minor": 125000, "currency": "SEK"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("denied", Denied),
        ("undeliverable", Undeliverable),
        ("superseded", Superseded),
        ("APPROVED", NotApproved),
        ("allowed", NotApproved),
        ("", NotApproved),
    ],
)
async def test_an_ending_that_is_none_does_not_return_whatever_comes_with_it(
    desk: Desk, line: Line, hub: AsyncHub, status: str, kind: type[NotApproved]
) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    line.alter = lambda answer: {**answer, "status": status, "outcome": status}
    with pytest.raises(kind) as refusal:
        await hub.wait(question)
    assert type(refusal.value) is kind


async def test_an_approval_without_a_token_does_not_return(desk: Desk, line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    line.alter = lambda answer: {**answer, "token_state": None}
    with pytest.raises(Spent):
        await hub.wait(question)


@pytest.mark.parametrize(
    "attack",
    [
        {"sub": "agt_2"},
        {"aud": "evil.example.com"},
        {"iss": "https://evil.example.com"},
        {"action_hash": "sha256:" + "0" * 64},
        {"escalation_id": "esc_other"},
        {"purpose": "proof"},
        {"exp": "2020-01-01T00:00:00.000Z"},
        {"kid": "other"},
    ],
    ids=lambda attack: next(iter(attack)),
)
async def test_a_token_for_something_else_is_not_an_approval(
    desk: Desk, line: Line, hub: AsyncHub, attack: dict[str, Any]
) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    wrong = desk.signed(await desk.given(question.escalation_id), APPROVAL, **attack)
    line.alter = lambda answer: {**answer, "approval_token": wrong} if answer.get("approval_token") else answer
    with pytest.raises(BadAnswer):
        await hub.wait(question)


async def test_a_token_signed_by_another_key_is_not_an_approval(desk: Desk, line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    forged = desk.signed(await desk.given(question.escalation_id), APPROVAL, by=Ed25519SigningKey())
    line.alter = lambda answer: {**answer, "approval_token": forged} if answer.get("approval_token") else answer
    with pytest.raises(BadAnswer):
        await hub.wait(question)


async def test_an_approval_of_a_compromised_key_does_not_count(desk: Desk, line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    stolen = await desk.given(question.escalation_id)
    kid = desk.world.hub.ring.signer(TOKEN, desk.world.hub.clock.now()).kid
    await desk.world.hub.rotate_keys.signing_key()
    desk.world.time.pass_seconds(PUBLISHED_AHEAD / 1000)
    await desk.world.hub.rotate_keys.mark_compromised(kid)
    line.alter = lambda answer: {**answer, "approval_token": stolen} if answer.get("approval_token") else answer
    with pytest.raises(BadAnswer):
        await hub.wait(question)


@pytest.mark.parametrize(
    "attack",
    [
        {"action_hash": "sha256:" + "0" * 64},
        {"salt": "BBBBBBBBBBBBBBBBBBBBBB"},
        {"agent_id": "agt_2"},
        {"version": None, "expires_at": 5},
    ],
    ids=lambda attack: next(iter(attack)),
)
async def test_an_answer_about_another_action_is_refused(line: Line, hub: AsyncHub, attack: dict[str, Any]) -> None:
    line.alter = lambda answer: {**answer, **attack}
    with pytest.raises(BadAnswer):
        await hub.ask("payment.execute", PAYLOAD)


async def test_a_lost_answer_is_fetched_again_without_asking_twice(desk: Desk, line: Line, hub: AsyncHub) -> None:
    line.drop_after = 2
    question = await hub.ask("payment.execute", PAYLOAD)
    assert (await desk.questions(), await desk.waiting()) == (1, question.escalation_id)
    assert len(line.calls) == 3


async def test_waiting_goes_on_after_lost_connections(desk: Desk, line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    line.drop_before = 2
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(hub.wait(question))
        await line.called("GET", f"/v1/escalations/{question.escalation_id}", times=3)
        await desk.end(question.escalation_id, "approved")
    assert waiting.result().token


@pytest.mark.parametrize("status", [504, 0])
async def test_a_wait_that_a_proxy_cuts_in_its_middle_loses_no_answer(
    desk: Desk, line: Line, hub: AsyncHub, status: int
) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    poll = ("GET", f"/v1/escalations/{question.escalation_id}")

    async def while_nobody_waits() -> int:
        if line.calls.count(poll) == 3:
            line.patience = None
            await desk.end(question.escalation_id, "approved")
        return status

    line.patience, line.gives_up = 0.25, while_nobody_waits
    assert (await hub.wait(question)).token
    assert line.calls.count(poll) > 3


async def test_a_hub_behind_a_proxy_that_lets_no_long_wait_through_is_not_called_away(
    line: Line, hub: AsyncHub
) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)

    async def gateway_timeout() -> int:
        return 504

    line.patience, line.gives_up = 0.1, gateway_timeout
    with pytest.raises(StillOpen):
        await hub.wait(question, within=0.1)


class Counted(Transport):
    """Counts what is asked of it, each with all its tries."""

    asked = 0

    async def call(self, *args: Any, **more: Any) -> dict[str, Any]:
        self.asked += 1
        return await super().call(*args, **more)


async def test_a_hub_that_takes_no_connection_is_not_called_a_proxy_that_cuts(hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        async with AsyncHub(replace(hub.credential, hub=place)) as away, Counted(place, hub.credential) as transport:
            away.transport = transport
            with pytest.raises(NoConnection):
                await away.wait(question, within=0.1)
    assert transport.asked == 1


async def test_a_hub_that_answers_polls_at_once_as_it_is_stopping_is_not_hammered(
    desk: Desk, line: Line, hub: AsyncHub
) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    begin_stop(desk.world.hub)
    with pytest.raises(StillOpen):
        await hub.wait(question, within=1.5)
    assert 2 <= len(line.calls) <= 4


async def test_a_caller_the_hub_does_not_know_is_told_at_once(line: Line, credential: Credential) -> None:
    stranger = replace(credential, seed=Ed25519SigningKey().seed)
    async with AsyncHub(stranger) as hub:
        with pytest.raises(NotAuthorised):
            await hub.ask("payment.execute", PAYLOAD)
    assert len(line.calls) == 1


async def test_a_hub_that_is_gone_is_unreachable(line: Line, hub: AsyncHub) -> None:
    line.drop_before = 1000
    with pytest.raises(Unreachable):
        await hub.ask("payment.execute", PAYLOAD, within=0.5)


async def test_a_clock_that_is_another_hour_each_time_is_corrected_once_and_not_for_ever(
    line: Line, hub: AsyncHub, credential: Credential
) -> None:
    hours = itertools.count(1)
    line.forget()
    async with AsyncHub(credential, allow_http=True, clock=lambda: present() + next(hours) * 3_600_000) as lost:
        with pytest.raises(NotAuthorised) as refused:
            await lost.transport.call("GET", "/v1/agent")
    assert refused.value.code == "signature_outside_window"
    assert line.calls == [("GET", "/v1/agent")] * 2
