"""What is done about drafts, as one field of the Hub."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub


async def test_its_parts_are_of_one_hub(house: StaffedHub) -> None:
    drafts = house.hub.drafts
    assert all(part.db is house.hub.db for part in (drafts.draft, drafts.read, drafts.end))
    assert drafts.draft.ask is house.hub.ask_about_drafts
