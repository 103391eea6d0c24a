"""The demo's phone in software: it signs only what it has checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from approvals_hub.cli.demo_phone import ContentChanged, Refused, SoftwarePhone
from tests.flows.world import World, serve, set_up


@pytest.fixture
async def world(sqlite_path: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with serve(tmp_path, f"sqlite:{sqlite_path}") as world:
        yield await set_up(world)


async def test_a_phone_enrols_looks_and_signs(world: World) -> None:
    agent = await world.agent()
    question = await agent.ask("db.drop", {"database": "orders"})
    assert [item["escalation_id"] for item in (await world.owner.inbox())["items"]] == [question.escalation_id]
    receipt = await world.owner.answer(question.escalation_id, "approve")
    assert receipt["decision_id"].startswith("dec_")
    assert (await agent.wait(question)).token


async def test_a_refusal_is_raised_with_the_hubs_own_words(world: World) -> None:
    with pytest.raises(Refused, match="404"):
        await world.owner.look("esc_none")


async def test_a_hub_that_shows_something_else_than_it_asks_to_sign_gets_no_signature(world: World) -> None:
    agent = await world.agent()
    question = await agent.ask("db.drop", {"database": "orders"})
    card = await world.owner.call("GET", f"/v1/escalations/{question.escalation_id}/presentation")
    view = await world.owner.call(
        "POST", f"/v1/escalations/{question.escalation_id}/views", {"device_id": world.owner.device_id}
    )
    card["action"]["payload"]["database"] = "customers"

    async def lie(request: web.Request) -> web.Response:
        return web.json_response(card if request.method == "GET" else view)

    runner = web.ServerRunner(web.Server(lie))  # type: ignore[arg-type]  # a plain request is enough here
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with SoftwarePhone(f"http://127.0.0.1:{runner.addresses[0][1]}", key=world.owner.key) as phone:
            with pytest.raises(ContentChanged):
                await phone.answer(question.escalation_id, "approve")
    finally:
        await runner.cleanup()
