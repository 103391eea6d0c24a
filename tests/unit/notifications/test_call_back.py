"""Calls back on the wire: what they say, what they are signed with, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from approvals_hub.core.clock import HOUR, SECOND
from approvals_hub.domain.allowance import Bucket, Limits
from approvals_hub.hub import CALLS
from approvals_hub.notifications.call_back import AT_ONCE, LEASE
from approvals_hub.notifications.forget import KEPT
from tests.fakes.front_door import START
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble
from tests.fakes.webhook_receiver import WAIT, WebhookReceiver
from tests.unit.hub_fixture import StaffedHub, staffed_hub

Called = tuple[StaffedHub, WebhookReceiver]
PATH = "/hooks/done-7f3a91"
WIDE = Limits(*(Bucket(1000, 1000),) * 3).text()


@pytest.fixture
async def called(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Called]:
    """A hub, its agent, and the program that it has called when a question ends."""
    authority = Authority()
    (tmp_path / "ca.pem").write_text(authority.pem())
    receiver = WebhookReceiver(authority, now=START)
    await receiver.open()
    table: dict[str, Any] = {"ports": [receiver.port], "private_networks": ["127.0.0.0/8"], "ca_file": "ca.pem"}
    async with staffed_hub(database_place, tmp_path, callbacks=table) as house:
        receiver.secrets[PATH] = await set_hosts(house, [f"127.0.0.1:{receiver.port}"])
        yield house, receiver
    await receiver.close()


async def set_hosts(house: StaffedHub, hosts: list[str]) -> str | None:
    return (await house.hub.keep_callbacks.set(house.operator, house.org_id, house.bot.agent_id, hosts)).secret


async def ask(called: Called) -> str:
    house, receiver = called
    return (await house.bot.ask(callback_url=f"{receiver.base_url}{PATH}")).escalation.id


async def settled(house: StaffedHub) -> None:
    while await house.hub.call_back() == 0.0:
        await house.hub.call_back.idle()


async def calls(house: StaffedHub) -> list[tuple[str, int, str | None]]:
    read = await house.hub.keep_callbacks.read(house.operator, house.org_id, house.bot.agent_id)
    return [(each.state, each.attempts, each.said) for each in read.calls]


async def test_the_end_of_a_question_is_told_signed_and_without_token_or_payload(called: Called) -> None:
    house, receiver = called
    escalation_id = await ask(called)
    await settled(house)
    assert receiver.arrived == []
    with house.hub.bus.subscribe(CALLS) as ear:
        await house.owner.answer(escalation_id)
        assert await ear.wait(10)
    await settled(house)
    [arrival] = receiver.arrived
    standing = await house.bot.standing(escalation_id)
    assert arrival.body["type"] == "escalation.ended"
    assert arrival.body["data"] == {
        "escalation_id": escalation_id,
        "action_id": standing.escalation.action_id,
        "action_hash": standing.escalation.action_hash,
        "status": "approved",
        "version": standing.escalation.version,
    }
    assert "v4." not in str(arrival)
    assert await calls(house) == [("delivered", 1, None)]


async def test_nobody_is_called_whose_agent_named_no_address(called: Called) -> None:
    house, receiver = called
    await house.owner.answer((await house.bot.ask()).escalation.id)
    await settled(house)
    assert receiver.arrived == []


async def test_a_program_that_is_down_is_called_again_with_the_same_id_until_a_day_is_over(called: Called) -> None:
    house, receiver = called
    await house.owner.answer(await ask(called), "deny")
    async with receiver.is_down():
        await settled(house)
        house.time.now += 11 * SECOND
        await settled(house)
    assert [(state, attempts) for state, attempts, _ in await calls(house)] == [("due", 2)]
    house.time.now += 21 * SECOND
    receiver._now = house.time.now
    await settled(house)
    [arrival] = receiver.arrived
    [row] = await house.rows("SELECT id FROM callbacks")
    assert arrival.id == row["id"]
    assert await calls(house) == [("delivered", 3, None)]


async def test_a_program_that_never_takes_it_is_given_up_after_a_day(called: Called) -> None:
    house, receiver = called
    await house.owner.answer(await ask(called))
    async with receiver.is_down():
        for _ in range(40):
            await settled(house)
            house.time.now += HOUR
        [(state, _, said)] = await calls(house)
    assert state == "failed"
    assert said


async def test_a_throttling_program_is_called_when_it_wants_to_be(called: Called) -> None:
    house, receiver = called
    await house.owner.answer(await ask(called))
    with receiver.plays(Trouble.THROTTLED):
        await settled(house)
    [row] = await house.rows("SELECT send_at FROM callbacks")
    assert row["send_at"] == house.time.now + WAIT * SECOND


async def test_a_program_that_refuses_the_signature_is_not_called_again(called: Called) -> None:
    house, receiver = called
    receiver.secrets[PATH] = "whsec_" + "A" * 43 + "="
    await house.owner.answer(await ask(called))
    await settled(house)
    [(state, attempts, _)] = await calls(house)
    assert (state, attempts, receiver.arrived) == ("failed", 1, [])


async def test_while_a_secret_is_rotated_the_receiver_that_knows_the_old_one_still_takes_it(called: Called) -> None:
    house, receiver = called
    rotated = await house.hub.keep_callbacks.rotate(house.operator, house.org_id, house.bot.agent_id)
    await house.owner.answer(await ask(called))
    await settled(house)
    receiver.secrets[PATH] = rotated.secret
    await house.owner.answer(await ask(called))
    await settled(house)
    assert len(receiver.arrived) == 2


async def test_a_host_that_was_taken_off_the_list_is_not_called_any_more(called: Called) -> None:
    house, receiver = called
    escalation_id = await ask(called)
    await set_hosts(house, ["elsewhere.example"])
    await house.owner.answer(escalation_id)
    await settled(house)
    assert receiver.arrived == []
    assert [state for state, _, _ in await calls(house)] == ["failed"]


async def test_a_call_whose_process_dies_is_made_by_another_when_its_lease_is_over(called: Called) -> None:
    house, receiver = called
    await house.owner.answer(await ask(called))
    with receiver.plays(Trouble.SILENT):
        assert await house.hub.call_back() == 0.0
        await receiver.asked.wait()
        await house.hub.call_back.stop()
    other = await house.another_process()
    assert await other.call_back() > 0
    house.time.now += LEASE + 1
    receiver._now = house.time.now
    assert await other.call_back() == 0.0
    await other.call_back.idle()
    assert len(receiver.arrived) == 1


async def test_a_name_that_leads_into_the_inner_network_is_not_called(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with staffed_hub(database_place, tmp_path) as house:
        await set_hosts(house, ["localhost", "127.0.0.1"])
        for url in ("https://localhost/admin", "https://127.0.0.1/admin"):
            await house.owner.answer((await house.bot.ask(callback_url=url)).escalation.id)
        await settled(house)
        found = await calls(house)
        assert [state for state, _, _ in found] == ["failed", "failed"]
        assert all(said is not None and "allow" in said for _, _, said in found)


async def test_a_call_is_forgotten_thirty_days_after_it_was_taken_and_one_that_waits_is_not(called: Called) -> None:
    house, _ = called
    await house.owner.answer(await ask(called))
    await settled(house)
    house.time.now += KEPT
    await house.hub.forget()
    assert len(await calls(house)) == 1
    house.time.now += 1
    waiting = await ask(called)
    await house.hub.forget()
    rows = await house.rows("SELECT escalation_id, state FROM callbacks")
    assert [(row["escalation_id"], row["state"]) for row in rows] == [(waiting, "waiting")]


async def test_an_address_that_cannot_be_opened_any_more_is_said_to_be_so_and_not_to_be_off_the_list(
    called: Called,
) -> None:
    house, receiver = called
    escalation_id = await ask(called)
    await house.owner.answer(escalation_id)
    await house.change("UPDATE callbacks SET url = :bad", bad=b"\x01" * 60)
    with capture_logs() as lines:
        await settled(house)
    [line] = [line for line in lines if line["event"] == "callback_not_opened"]
    assert line["escalation_id"] == escalation_id
    [(state, _, said)] = await calls(house)
    assert state == "failed"
    assert said is not None
    assert said.startswith("the address or its secret cannot be opened")
    assert receiver.arrived == []


async def test_two_hundred_programs_that_say_nothing_keep_no_other_from_being_called(
    sqlite_path: Path, tmp_path: Path
) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_text(authority.pem())
    async with AsyncExitStack() as stack:
        live, silent = WebhookReceiver(authority, now=START), WebhookReceiver(authority, now=START)
        for receiver in (live, silent):
            await receiver.open()
            stack.push_async_callback(receiver.close)
        table = {"ports": [live.port, silent.port], "private_networks": ["127.0.0.0/8"], "ca_file": "ca.pem"}
        house = await stack.enter_async_context(staffed_hub(sqlite_path, tmp_path, callbacks=table))
        await house.change("UPDATE orgs SET limits = :wide", wide=WIDE)
        hosts = [f"127.0.0.1:{receiver.port}" for receiver in (live, silent)]
        live.secrets[PATH] = await set_hosts(house, hosts)
        for _ in range(200):
            await house.bot.ask(callback_url=f"{silent.base_url}{PATH}")
        await house.bot.ask(callback_url=f"{live.base_url}{PATH}")
        await house.hub.govern.stop(house.operator, house.org_id)
        with silent.plays(Trouble.SILENT):
            async with asyncio.timeout(3):
                while not live.arrived:
                    await asyncio.sleep(min(await house.hub.call_back(), 0.01))
            assert len(house.hub.call_back._tasks) > AT_ONCE
            await house.hub.call_back.stop()
