"""Step-ups over HTTP: their form, what is shown, and what a client may claim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.scene import code_of
from tests.flows.conftest import url_of
from tests.flows.world import World, serve, set_up


@pytest.fixture
async def world(sqlite_path: Any, tmp_path: Any) -> Any:
    async with serve(tmp_path, url_of(sqlite_path)) as world:
        yield await set_up(world)


async def begun(world: World) -> dict[str, Any]:
    body = {"method": "totp", "name": "my app", "fresh": await world.owner.fresh()}
    return await world.owner.call("POST", "/v1/factors", body)


async def test_a_step_up_shows_its_state_its_tries_and_the_hubs_time(world: World) -> None:
    view = await begun(world)
    assert {name: view[name] for name in ("state", "purpose", "method", "name", "tries_left", "escalation_id")} == {
        "state": "running",
        "purpose": "link",
        "method": "totp",
        "name": "totp",
        "tries_left": 5,
        "escalation_id": None,
    }
    assert view["began_at"] <= view["now"] < view["expires_at"]


async def test_a_linked_way_is_listed_with_the_name_that_its_person_gave_it(world: World) -> None:
    view = await begun(world)
    done = await world.owner.call("POST", f"/v1/step-ups/{view['step_up_id']}", {"answer": code_of(view)})
    assert (done["state"], done["shown"]) == ("proven", {})
    [factor] = (await world.owner.call("GET", "/v1/factors"))["items"]
    assert (factor["method"], factor["name"]) == ("totp", "my app")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "$.method"),
        ({"method": "TOTP", "intent": ""}, "$.method"),
        ({"method": "totp"}, "$.intent"),
        ({"method": "totp", "intent": "not base64!"}, "$.intent"),
        ({"method": "totp", "intent": "e30", "language": "de"}, "$.language"),
        ({"method": "totp", "intent": "e30", "level": "HIGH"}, "$"),
    ],
)
async def test_a_request_of_another_form_is_a_problem_with_its_place(
    world: World, body: dict[str, Any], field: str
) -> None:
    given = await world.send("POST", "/v1/escalations/esc_1/step-ups", by=world.owner, body=body)
    assert given.status == 422
    assert given.json()["field"].startswith(field)


async def test_an_answer_that_is_no_object_is_refused_and_counts_as_no_try(world: World) -> None:
    view = await begun(world)
    path = f"/v1/step-ups/{view['step_up_id']}"
    assert (await world.send("POST", path, by=world.owner, body={"answer": "123456"})).status == 422
    assert (await world.owner.call("GET", path))["tries_left"] == 5
