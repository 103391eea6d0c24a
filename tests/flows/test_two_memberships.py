"""One person in two organisations of a hub: the same key, and in each its own session, roles, questions and log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.cli.demo_phone import Refused
from tests.flows.world import World


async def test_somebody_in_two_organisations_chooses_one_at_sign_in_and_carries_nothing_into_the_other(
    world: World,
) -> None:
    other = await world.another_org()
    here = await world.person("Ada", "approver")
    await other.joined(here, "auditor")
    ours, theirs = await world.agent("ours"), await other.agent("theirs")
    mine = await ours.ask("db.drop", {"n": 1})
    strange = await theirs.ask("kestrel.fly", {"n": 2})

    unasked = replace(here, org_id="")
    await unasked.sign_in()
    there = replace(here, org_id=other.org_id)
    await there.sign_in()
    sessions = [await each.call("GET", "/v1/session") for each in (here, unasked, there)]
    assert [each["org"]["org_id"] for each in sessions] == [world.org_id, world.org_id, other.org_id]
    assert [each["roles"] for each in sessions] == [["approver"], ["approver"], ["auditor"]]
    with pytest.raises(Refused) as nowhere:
        await replace(here, org_id="org_06h1hqovptb1hg3l7fpea7hmis").sign_in()
    assert nowhere.value.problem["code"] == "no_organisation"

    # What each session sees and may do is that organisation's alone.
    assert [card["escalation_id"] for card in (await here.inbox())["items"]] == [mine.escalation_id]
    assert (await there.inbox())["items"] == []
    await there.call("GET", f"/v1/orgs/{other.org_id}/audit/events")
    for phone, path in (
        (here, f"/v1/orgs/{world.org_id}/audit/events"),
        (here, f"/v1/orgs/{other.org_id}/audit/events"),
        (there, f"/v1/orgs/{world.org_id}/audit/events"),
        (here, f"/v1/escalations/{strange.escalation_id}/presentation"),
        (there, f"/v1/escalations/{mine.escalation_id}/presentation"),
    ):
        with pytest.raises(Refused) as refused:
            await phone.call("GET", path)
        assert refused.value.status in (403, 404), path

    # A statement that was seen in one organisation is answered there, and by nothing of the other.
    statement = await here.look(mine.escalation_id)
    with pytest.raises(Refused) as crossed:
        await there.send(mine.escalation_id, statement, "approve")
    assert crossed.value.status == 404
    receipt = await here.send(mine.escalation_id, statement, "approve")
    assert receipt["status"] == "approved"
    assert (await there.call("GET", "/v1/decisions"))["items"] == []
    assert len((await here.call("GET", "/v1/decisions"))["items"]) == 1

    # Each log holds what was done in its organisation.
    while await world.hub.sealer.seal_all():
        pass
    for phone, org_id, answered in ((world.owner, world.org_id, True), (there, other.org_id, False)):
        found = await phone.call("GET", f"/v1/orgs/{org_id}/audit/events?actor={here.person_id}")
        by_ada = {each["entry"]["kind"] for each in found["items"]}
        assert "session.opened" in by_ada
        assert ("decision.recorded" in by_ada) is answered, by_ada

    # Whose session ends in one goes on in the other.
    await there.call("DELETE", f"/v1/sessions/{sessions[2]['session']['session_id']}")
    assert (await here.call("GET", "/v1/session"))["roles"] == ["approver"]
    with pytest.raises(Refused):
        await there.call("GET", "/v1/session")
