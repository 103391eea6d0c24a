"""Refusals to somebody known stand in the log."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import HubError
from approvals_hub.escalations.refusals import unknown
from approvals_hub.escalations.refused import refused_request
from approvals_hub.people.acting import Acting
from tests.unit.escalations.test_escalation import escalation
from tests.unit.hub_fixture import StaffedHub


def test_an_id_that_is_no_question_of_the_organisation_is_not_written_down() -> None:
    caller = Acting("org_1", "agent", "agt_1", frozenset())
    theirs = escalation(org_id="org_2", agent_id="agt_2")
    for found in (None, theirs):
        event = refused_request("withdraw", unknown(), caller, found, 5)
        assert (event.escalation_id, event.agent_id, event.decision) == (None, None, "escalation_unknown")


async def test_every_refused_request_of_somebody_known_is_recorded(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    bo = await house.person("Bo")
    denied = (await house.bot.ask()).escalation.id
    await ada.answer(denied, "deny")
    approved = (await house.bot.approved(by=ada)).escalation_id
    for attempt in (
        house.hub.withdraw(house.bot.credential(), denied),
        house.hub.extend.by_agent(house.bot.credential(), denied, 60),
        house.hub.extend.by_person(house.owner.credential, denied, 60),
        house.hub.recall(bo.credential, approved),
        house.owner.statement(approved),
    ):
        with pytest.raises(HubError):
            await attempt
    events = await house.events("request.refused")
    assert [(event["detail"]["request"], event["decision"], event["actor_id"]) for event in events] == [
        ("withdraw", "escalation_ended", house.bot.agent_id),
        ("extend", "escalation_ended", house.bot.agent_id),
        ("extend", "escalation_unknown", house.owner.person_id),
        ("recall", "not_your_approval", bo.person_id),
        ("view", "not_eligible", house.owner.person_id),
    ]
