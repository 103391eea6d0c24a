"""Two organisations on one hub: whatever one of them reads, with whatever ids of the other, has not a byte of it."""

from __future__ import annotations

import re

from approvals_hub.api.caller import Caller
from approvals_hub.api.routes import ROUTES
from tests.flows.test_faults_inside import as_agent
from tests.flows.world import World

WORDS = ("Kestrel", "Stranger", "Another")
"""Only the other organisation's actions, people and name have them."""
HELD = {"/v1/agent/stream"}
"""Answered by no whole answer."""
READS = {Caller.PERSON, Caller.AGENT_OR_PERSON, Caller.AGENT}


async def test_whatever_is_read_with_ids_of_another_organisation_has_not_a_byte_of_it(world: World) -> None:
    other = await world.another_org()
    theirs, mine = await other.agent("Kestrel bot"), await world.agent()
    answered = await theirs.ask("kestrel.fly", {"where": "Kestrel"}, justification="Kestrel must fly")
    receipt = await other.owner.answer(answered.escalation_id, "approve")
    opened = await theirs.ask("kestrel.fly", {"where": "Kestrel", "n": 2})
    await mine.ask("db.drop", {"n": 1})
    ids = [
        other.org_id,
        other.owner.person_id,
        other.owner.device_id,
        theirs.credential.agent_id,
        answered.escalation_id,
        opened.escalation_id,
        receipt["decision_id"],
    ]
    asked = 0
    for route in ROUTES:
        if route.method != "GET" or route.caller not in READS or route.path in HELD:
            continue
        for path in paths(route.path, world.org_id, ids):
            given = [await world.send("GET", path, by=world.owner)]
            if route.caller is not Caller.PERSON:
                given.append(await as_agent(world, mine, "GET", path))
            for each in given:
                assert each.status < 500, path
                text = each.body.decode(errors="replace")
                leaked = [mark for mark in (*WORDS, *(one for one in ids if one not in path)) if mark in text]
                assert leaked == [], f"{path} was answered {each.status}: {text[:300]}"
            asked += len(given)
    assert asked > 100


def paths(pattern: str, org_id: str, ids: list[str]) -> set[str]:
    """The path in either organisation, with each of the ids in each of its other places."""
    found = set()
    for org in (org_id, ids[0]):
        for one in ids:
            found.add(re.sub(r"\{\w+\}", one, pattern.replace("{org}", org)))
    return found
