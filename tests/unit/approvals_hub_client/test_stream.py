"""All questions on one socket: nothing is lost with the line, nothing comes twice, and nobody else's comes at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.errors import BadAnswer, Closed, Denied, NotAuthorised, Refused, Unreachable
from approvals_hub_client.stream import PATH
from tests.fakes.line import Line
from tests.flows.world import serve, set_up
from tests.unit.approvals_hub_client.stream_reader import Reader
from tests.unit.desk import Desk

PAYLOAD = {"amount_minor": 1}


@asynccontextmanager
async def reading(hub: AsyncHub, **options: Any) -> AsyncIterator[Reader]:
    reader = Reader(hub.stream(**options))
    try:
        yield reader
    finally:
        reader.task.cancel()
        await asyncio.gather(reader.task, return_exceptions=True)


async def test_what_is_open_comes_first_and_every_answer_after_it(desk: Desk, hub: AsyncHub) -> None:
    first, second = [await hub.ask("payment.execute", {"number": number}) for number in range(2)]
    async with reading(hub) as reader:
        await reader.until(first.escalation_id, "open")
        await reader.until(second.escalation_id, "open")
        await desk.end(second.escalation_id, "approved")
        await desk.end(first.escalation_id, "denied")
        approved = await reader.until(second.escalation_id, "approved")
        denied = await reader.until(first.escalation_id, "denied")
    assert (await hub.wait(approved.of(second))).claims["action_hash"] == second.action_hash
    with pytest.raises(Denied):
        await hub.wait(denied.of(first))


async def test_many_questions_wait_on_one_connection(desk: Desk, line: Line, hub: AsyncHub) -> None:
    async with reading(hub) as reader:
        asked = [await hub.ask("payment.execute", {"number": number}) for number in range(20)]
        for question in asked:
            await desk.end(question.escalation_id, "approved")
        for question in asked:
            assert (await reader.until(question.escalation_id, "approved")).of(question).status == "approved"
    assert line.calls.count(("GET", PATH)) == 1
    assert not [path for method, path in line.calls if method == "GET" and path != PATH]


async def test_what_is_answered_while_the_line_is_cut_is_told_afterwards_and_nothing_twice(
    desk: Desk, line: Line, hub: AsyncHub
) -> None:
    answered, later = [await hub.ask("payment.execute", {"number": number}) for number in range(2)]
    back = asyncio.Event()

    async def hold(request: web.Request) -> None:
        if request.path == PATH:
            await back.wait()

    async with reading(hub) as reader:
        await reader.until(later.escalation_id, "open")
        line.before = hold
        assert line.cut()
        await line.called("GET", PATH, times=2)
        await desk.end(answered.escalation_id, "approved")
        meanwhile = await hub.ask("payment.execute", {"asked": "meanwhile"})
        back.set()
        await reader.until(answered.escalation_id, "approved")
        await reader.until(meanwhile.escalation_id, "open")
        await desk.end(later.escalation_id, "denied")
        await reader.until(later.escalation_id, "denied")
    assert len(set(reader.seen)) == len(reader.seen)


async def test_a_line_that_is_cut_again_and_again_loses_nothing(desk: Desk, line: Line, hub: AsyncHub) -> None:
    asked = [await hub.ask("payment.execute", {"number": number}) for number in range(4)]
    async with reading(hub) as reader:
        for question in asked:
            await reader.until(question.escalation_id, "open")
            line.cut()
            await desk.end(question.escalation_id, "approved")
            await reader.until(question.escalation_id, "approved")
    assert len(reader.seen) == len(set(reader.seen)) == 8


async def test_a_later_run_is_told_what_an_earlier_one_did_not_know(desk: Desk, hub: AsyncHub) -> None:
    known, changed = [await hub.ask("payment.execute", {"number": number}) for number in range(2)]
    async with reading(hub) as reader:
        await reader.until(changed.escalation_id, "open")
        versions = dict(reader.seen)
    await desk.end(changed.escalation_id, "approved")
    new = await hub.ask("payment.execute", {"number": 3})
    async with reading(hub, known=versions) as reader:
        await reader.until(new.escalation_id, "open")
    assert {name for name, _ in reader.seen} == {changed.escalation_id, new.escalation_id}
    assert known.escalation_id in versions


async def test_a_revoked_agents_stream_ends_with_the_hubs_word(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    async with reading(hub) as reader:
        await reader.until(question.escalation_id, "open")
        world = desk.world
        await world.hub.govern.set_agent_state(world.operator, world.org_id, desk.credential.agent_id, "revoked")
        with pytest.raises(NotAuthorised) as refused:
            await asyncio.wait_for(asyncio.shield(reader.task), 20)
    assert refused.value.code == "agent_revoked"


async def test_a_paused_agent_goes_on_hearing_how_its_questions_end(desk: Desk, line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    async with reading(hub) as reader:
        await reader.until(question.escalation_id, "open")
        world = desk.world
        await world.hub.govern.set_agent_state(world.operator, world.org_id, desk.credential.agent_id, "paused")
        await reader.until(question.escalation_id, "withdrawn")
        line.cut()
        await line.called("GET", PATH, times=2)
        assert not reader.task.done()


async def test_a_stranger_hears_nothing(desk: Desk, credential: Credential) -> None:
    guessed = Credential(desk.url, desk.url, credential.agent_id, "", "", api_key="ahk_guessed")
    async with AsyncHub(guessed) as hub, reading(hub) as reader:
        with pytest.raises(NotAuthorised):
            await asyncio.wait_for(asyncio.shield(reader.task), 20)
    assert reader.told == []


async def test_a_hub_that_stops_and_comes_back_is_followed_on(
    sqlite_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, database = tmp_path_factory.mktemp("served"), f"sqlite:{sqlite_path}"
    async with AsyncExitStack() as stack:
        async with serve(folder, database) as world:
            await set_up(world)
            credential = (await world.agent("bot")).credential
            hub = await stack.enter_async_context(AsyncHub(credential))
            question = await hub.ask("payment.execute", PAYLOAD)
            reader = await stack.enter_async_context(reading(hub))
            await reader.until(question.escalation_id, "open")
            owner = world.owner
        async with serve(folder, database):
            async with owner:
                await owner.answer(question.escalation_id, "approve")
            await reader.until(question.escalation_id, "approved")
    assert len(reader.seen) == len(set(reader.seen)) == 2


async def test_a_hub_that_stays_away_is_unreachable_after_the_time_to_bear(line: Line, hub: AsyncHub) -> None:
    line.drop_before = 1000
    async with reading(hub, within=0.5) as reader:
        with pytest.raises(Unreachable):
            await asyncio.wait_for(asyncio.shield(reader.task), 20)


async def test_what_stands_before_a_hub_and_is_busy_is_asked_again(line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    line.busy = [(503, {}), (429, {"Retry-After": "1"})]
    async with reading(hub) as reader:
        await reader.until(question.escalation_id, "open")
    assert line.calls.count(("GET", PATH)) == 3


async def test_an_answer_that_is_no_socket_is_refused(line: Line, hub: AsyncHub) -> None:
    line.busy = [(404, {})]
    async with reading(hub) as reader:
        with pytest.raises(Refused):
            await asyncio.wait_for(asyncio.shield(reader.task), 20)


async def test_a_change_of_another_action_is_no_state_of_this_question(desk: Desk, hub: AsyncHub) -> None:
    mine, other = [await hub.ask("payment.execute", {"number": number}) for number in range(2)]
    async with reading(hub) as reader:
        change = await reader.until(other.escalation_id, "open")
    with pytest.raises(BadAnswer):
        change.of(mine)


async def test_a_stream_whose_client_is_closed_ends_instead_of_connecting_for_ever(hub: AsyncHub, line: Line) -> None:
    async with reading(hub) as reader:
        await line.called("GET", PATH)
        await hub.close()
        with pytest.raises(Closed):
            await asyncio.wait_for(reader.task, 10)
