"""Receipt bundles and trusted hubs over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.bundle import verify_bundle
from approvals_hub_client.errors import Conflict
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.flows.conftest import sqlite_world
from tests.flows.world import World

__all__ = ["sqlite_world"]


async def test_a_bundle_comes_as_it_verifies_and_never_from_a_cache(sqlite_world: World) -> None:
    agent = await sqlite_world.agent()
    question = await agent.ask("db.drop", {"n": 1})
    with pytest.raises(Conflict) as refused:
        await agent.bundle(question.escalation_id)
    assert refused.value.code == "escalation_open"
    await sqlite_world.owner.answer(question.escalation_id, "approve")
    given = await sqlite_world.send("GET", f"/v1/escalations/{question.escalation_id}/bundle", by=sqlite_world.owner)
    assert given.headers["Cache-Control"] == "no-store"
    assert verify_bundle(given.body).ok
    assert verify_bundle(await agent.bundle(question.escalation_id)).ok


KEY = paserk(Ed25519SigningKey().public)
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"issuer": "i", "keys": [{"paserk": "k4.public.x"}]}, "$.keys[0].paserk"),
    ({"issuer": "i", "keys": [{"paserk": KEY, "valid_until": "soon"}]}, "$.keys[0].valid_until"),
    ({"issuer": "i", "keys": []}, "$.keys"),
    ({"issuer": "a b", "keys": [{"paserk": KEY}]}, "$.issuer"),
    ({"issuer": "i", "audiences": ["a b"], "keys": [{"paserk": KEY}]}, "$.audiences"),
    ({"issuer": "i", "keys": [{"paserk": KEY, "url": "https://x"}]}, "$.keys[0].url"),
]


async def test_a_hub_that_cannot_be_one_is_a_problem_with_its_place(sqlite_world: World) -> None:
    path = f"/v1/orgs/{sqlite_world.org_id}/trusted-hubs"
    for body, field in REFUSED:
        given = await sqlite_world.send("POST", path, by=sqlite_world.owner, body={"name": "A", **body})
        problem = given.json()
        assert (given.status, problem["field"], bool(problem["next_step"])) == (422, field, True)
