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


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A", "issuer": "i", "keys": [{"paserk": "k4.public.x"}]}, "$.keys[0].paserk"),
        ({"name": "A", "issuer": "i", "keys": [{"paserk": "KEY", "valid_until": "soon"}]}, "$.keys[0].valid_until"),
        ({"name": "A", "issuer": "i", "keys": []}, "$.keys"),
        ({"name": "A", "issuer": "a b", "keys": [{"paserk": "KEY"}]}, "$.issuer"),
        ({"name": "A", "issuer": "i", "audiences": ["a b"], "keys": [{"paserk": "KEY"}]}, "$.audiences"),
        ({"name": "A", "issuer": "i", "keys": [{"paserk": "KEY", "url": "https://x"}]}, "$.keys[0]"),
    ],
)
async def test_a_hub_that_cannot_be_one_is_a_problem_with_its_place(
    sqlite_world: World, body: dict[str, Any], field: str
) -> None:
    for key in body["keys"]:
        key.update(paserk=key["paserk"].replace("KEY", paserk(Ed25519SigningKey().public)))
    path = f"/v1/orgs/{sqlite_world.org_id}/trusted-hubs"
    given = await sqlite_world.send("POST", path, by=sqlite_world.owner, body=body)
    problem = given.json()
    assert (given.status, problem["field"]) == (422, field)
    assert problem["next_step"]
