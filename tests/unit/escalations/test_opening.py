"""A question is written whole, in one unit of work."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub


async def test_an_opened_question_stands_in_inboxes_outbox_and_log(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    inbox = await house.rows("SELECT person_id FROM inbox WHERE escalation_id = :id", id=opened.id)
    assert {row["person_id"] for row in inbox} == {ada.person_id, bo.person_id}
    [row] = await house.rows("SELECT kind, expires_at FROM outbox WHERE escalation_id = :id", id=opened.id)
    assert (row["kind"], row["expires_at"]) == ("escalation.opened", opened.expires_at)
    [event] = await house.events("escalation.opened")
    assert (event["escalation_id"], event["detail"]["action_hash"]) == (opened.id, opened.action_hash)


async def test_the_log_holds_no_payload_and_no_words_of_the_asker(house: StaffedHub) -> None:
    await house.bot.ask(house.bot.action(payload={"secret": "swordfish"}), justification="swordfish")
    for row in await house.rows("SELECT body FROM audit_entries"):
        assert b"swordfish" not in row["body"]


async def test_what_is_returned_is_what_was_stored(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    assert (await house.bot.standing(opened.id)).escalation == opened
