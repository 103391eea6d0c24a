"""How far a question has come, in numbers alone."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.decisions.progress import Progress
from tests.unit.hub_fixture import StaffedHub


async def test_it_counts_what_is_there_and_the_fewest_that_are_missing(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada", "admin"), await house.person("Bo")
    rule: Any = {
        "any": [{"of": ["role:owner"], "approvals": 2}, {"all": [{"of": ["role:admin"]}, {"of": [bo.person_id]}]}]
    }
    await house.hub.set_requirement(house.operator, {"quorum": rule, "veto": ["role:owner"]})
    name = (await house.bot.ask()).escalation.id
    assert await house.hub.read_progress(ada.credential, name) == Progress(0, 2, 1, 1, None)
    await ada.answer(name)
    assert await house.hub.read_progress(bo.credential, name) == Progress(1, 1, 1, 1, None)


async def test_it_says_which_stage_is_asked(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.person("Bo", "admin")
    stages: Any = [{"of": ["role:approver"]}, {"of": ["role:admin"]}]
    await house.hub.set_requirement(house.operator, {"quorum": {"stages": stages}, "veto": ["role:owner"]})
    name = (await house.bot.ask()).escalation.id
    await ada.answer(name)
    assert await house.hub.read_progress(ada.credential, name) == Progress(1, 1, 2, 2, None)


async def test_it_says_when_what_is_complete_takes_effect(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.require(wait=60)
    name = (await house.bot.ask()).escalation.id
    await ada.answer(name)
    until = house.time.now + 60 * SECOND
    assert await house.hub.read_progress(ada.credential, name) == Progress(1, 0, 1, 1, until)


async def test_a_question_that_has_ended_or_is_not_theirs_to_read_has_none(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.require(approvals=1)
    name = (await house.bot.ask()).escalation.id
    late = await house.person("Late")
    assert await house.hub.read_progress(late.credential, name) is None
    assert await house.hub.read_progress(ada.credential, "esc_unknown") is None
    await ada.answer(name)
    assert await house.hub.read_progress(ada.credential, name) is None


async def test_a_session_that_has_ended_reads_nothing(house: StaffedHub) -> None:
    name = (await house.bot.ask()).escalation.id
    await house.change("UPDATE sessions SET ended_at = 1")
    with pytest.raises(Unauthenticated):
        await house.hub.read_progress(house.owner.credential, name)
