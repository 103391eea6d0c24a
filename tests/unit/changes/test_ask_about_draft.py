"""People are asked about a draft once, whatever happens in between."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Invalid, NotFound
from tests.unit.changes.drafted import propose, standing
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ASK, DENY, publish


async def test_what_a_crash_left_out_is_asked_by_the_worker_and_two_processes_ask_once(house: StaffedHub) -> None:
    draft = await propose(house)
    await house.change("UPDATE policy_drafts SET state = 'draft', escalation_id = NULL")
    await house.change("DELETE FROM escalations")
    await asyncio.gather(*(house.hub.ask_about_drafts() for _ in range(4)))
    asked = await standing(house, draft)
    assert [row["id"] for row in await house.rows("SELECT id FROM escalations")] == [asked.escalation_id]
    assert await house.hub.ask_about_drafts() == 0


async def test_a_draft_that_is_stale_before_anybody_was_asked_asks_nobody(house: StaffedHub) -> None:
    draft = await propose(house, name="mine")
    await house.change("UPDATE policy_drafts SET state = 'draft', escalation_id = NULL")
    await publish(house, ASK, "mine")
    await house.hub.ask_about_drafts()
    assert (await standing(house, draft)).state == "stale"


async def test_markup_and_characters_that_hide_or_reorder_in_a_draft_are_refused_or_text_with_a_warning(
    house: StaffedHub,
) -> None:
    text = DENY + 'description: "<script>alert(1)</script> {}"\n'
    with pytest.raises(Invalid) as refused:
        await propose(house, text.format("\u202edeny"))
    assert "U+202E" in refused.value.detail
    # Cyrillic letters that look like Latin ones.
    draft = await propose(house, text.format("p\u0430y"), why="\u202e<b>please</b>")
    card = await house.hub.present(house.owner.credential, str(draft.escalation_id))
    assert (card.asker.trust, card.action["payload"]["whole_text"]) == ("hub", text.format("p\u0430y"))
    warned = {(each["code"], each["path"]) for each in card.presentation["warnings"]}
    assert {("lookalike_letters", "/payload/whole_text"), ("hidden_characters", "justification")} <= warned


async def test_a_draft_that_is_not_there_is_unknown(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.ask_about_drafts.one("pdr_unknown")
