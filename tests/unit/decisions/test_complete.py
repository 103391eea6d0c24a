"""What waited for its time: completed late, twice and after a crash, and never against the rule."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.app import OpenHub
from approvals_hub.audit.watch import LIMIT
from approvals_hub.core.clock import SECOND
from tests.unit.hub_fixture import Person, StaffedHub

WAIT = 60


async def locked(house: StaffedHub, **members: Any) -> tuple[str, Person]:
    """A question that has its vote and waits, and who gave it."""
    ada = await house.person("Ada")
    await house.require(wait=WAIT, **members)
    escalation_id = (await house.bot.ask()).escalation.id
    assert (await ada.answer(escalation_id)).status == "open"
    return escalation_id, ada


@pytest.mark.parametrize(("after", "done"), [(WAIT * SECOND - 1, 0), (WAIT * SECOND, 1)])
async def test_an_approval_takes_effect_at_its_very_millisecond(house: StaffedHub, after: int, done: int) -> None:
    escalation_id, _ = await locked(house)
    house.time.now += after
    assert await house.hub.complete() == done
    assert (await house.bot.standing(escalation_id)).escalation.open is not bool(done)


async def test_what_is_completed_leaves_what_an_immediate_approval_does(house: StaffedHub) -> None:
    escalation_id, ada = await locked(house)
    [decision] = await house.rows("SELECT id, statement_hash FROM decisions")
    house.time.now += WAIT * SECOND
    await house.hub.complete()
    escalation = (await house.bot.standing(escalation_id)).escalation
    assert (escalation.state, escalation.ended_by, escalation.token_state) == ("approved", ada.person_id, "ready")
    assert escalation.valid_until == house.time.now + 600 * SECOND
    assert escalation.approval is not None
    assert decision["statement_hash"] in escalation.approval
    assert decision["id"] in escalation.approval
    [event] = await house.events("escalation.ended")
    assert (event["decision"], event["actor_type"], event["actor_id"]) == ("approved", "hub", "hub")
    assert event["detail"]["jti"] == escalation.jti
    assert (await house.hub.inbox(ada.credential)).lines == []


async def test_a_hub_that_died_before_the_lock_was_over_completes_it_when_it_is_back(house: StaffedHub) -> None:
    escalation_id, _ = await locked(house)
    await house._resources.aclose()
    house.time.now += (WAIT + 30) * SECOND
    house.hub = await house._resources.enter_async_context(OpenHub(house.place, house.time.clock))
    assert await house.hub.complete() == 1
    assert (await house.bot.standing(escalation_id)).escalation.state == "approved"


async def test_while_the_log_is_not_sealed_nothing_is_completed(house: StaffedHub) -> None:
    escalation_id, _ = await locked(house)
    house.time.now += WAIT * SECOND + LIMIT
    await house.hub.sealer.lag()
    waiting = dict(house.hub.sealer.waiting)
    house.hub.sealer.waiting[house.org_id] = house.time.now - LIMIT
    assert await house.hub.complete() == 0
    assert (await house.bot.standing(escalation_id)).escalation.open
    house.hub.sealer.waiting.clear()
    house.hub.sealer.waiting.update(waiting)
    while await house.hub.sealer.seal_all():
        pass
    assert await house.hub.complete() == 1


async def test_a_vote_that_stopped_counting_is_waited_for_again_without_looking_at_it_for_ever(
    house: StaffedHub,
) -> None:
    escalation_id, ada = await locked(house)
    await house.hub.revoke_device(ada.credential, ada.device_id, await ada.fresh())
    house.time.now += WAIT * SECOND
    assert await house.hub.complete() == 0
    [row] = await house.rows("SELECT state, effective_at FROM escalations WHERE id = :id", id=escalation_id)
    assert (row["state"], row["effective_at"]) == ("open", None)


async def test_an_approval_that_becomes_a_denial_of_somebody_without_a_veto_waits_for_others(house: StaffedHub) -> None:
    bo = await house.person("Bo")
    escalation_id, ada = await locked(house, veto=(house.owner.person_id,), owner_counts=True)
    assert (await ada.answer(escalation_id, "deny")).status == "open"
    house.time.now += WAIT * SECOND
    assert await house.hub.complete() == 0
    assert (await bo.answer(escalation_id)).status == "approved"


async def test_a_question_without_a_lock_is_never_looked_at(house: StaffedHub) -> None:
    await house.person("Ada")
    await house.require(approvals=1)
    await house.bot.ask()
    house.time.now += WAIT * SECOND
    assert await house.hub.complete() == 0
