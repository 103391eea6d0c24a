"""Asking colleagues: a question of the hub itself, once for each key."""

from __future__ import annotations

import asyncio

from approvals_hub.core.clock import to_text
from approvals_hub.domain.requirement import stored
from tests.fakes.lost_keys import Lost


async def test_colleagues_are_shown_whose_key_it_is_and_the_digits_on_its_screen(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    assert phone.recovery.escalation_id is not None
    card = await lost.house.hub.present(lost.bo.credential, phone.recovery.escalation_id)
    payload = card.action["payload"]
    assert (card.action["action_type"], card.asker.name, card.asker.trust) == (
        "hub.device.recover",
        "Approvals Hub",
        "hub",
    )
    assert (payload["person"]["name"], payload["new_device"]["digits"]) == ("Ada", phone.digits)
    assert (payload["link_made_by"]["name"], payload["counts_from"]) == (
        "Owner",
        to_text(phone.recovery.counts_at or 0),
    )


async def test_the_question_stands_in_the_inboxes_of_the_others_alone(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    for person, lines in ((lost.bo, 1), (lost.cy, 1), (lost.ada, 0), (lost.house.owner, 0)):
        page = await lost.house.hub.inbox(person.credential)
        assert [line.escalation.id for line in page.lines] == [phone.recovery.escalation_id] * lines


async def test_whoever_made_the_link_does_not_count_where_two_others_could(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    [row] = await lost.house.rows("SELECT requirement FROM escalations WHERE id = :id", id=phone.recovery.escalation_id)
    asked = stored(row["requirement"])
    assert (asked.approvals, set(asked.people)) == (2, {lost.bo.person_id, lost.cy.person_id})


async def test_two_processes_ask_once(lost: Lost) -> None:
    accepted = await lost.link()
    phone = await lost.by_link(accepted)
    await asyncio.gather(*(lost.house.hub.propose() for _ in range(4)))
    assert len(await lost.house.rows("SELECT id FROM escalations")) == 1
    assert (await lost.recovery(phone)).escalation_id == phone.recovery.escalation_id


async def test_the_question_and_its_answers_are_recorded_as_the_hubs(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    assert phone.recovery.escalation_id is not None
    receipt = await lost.bo.answer(phone.recovery.escalation_id)
    [opened] = await lost.house.events("escalation.opened")
    assert (opened["actor_type"], opened["actor_id"], opened["action_type"]) == ("hub", "hub", "hub.device.recover")
    assert (receipt.agent_id, receipt.agent_name) == ("hub", "Approvals Hub")
    assert [
        one.decision_id for one in await lost.house.hub.inbox.history(lost.bo.credential, before=None, limit=5)
    ] == [receipt.decision_id]


async def test_colleagues_who_are_gone_before_they_are_asked_end_the_recovery(lost: Lost) -> None:
    token = await lost.link()
    for person in (lost.bo, lost.cy):
        lost.people.remove(person)
        await lost.house.hub.govern.set_person_state(
            lost.house.operator, lost.house.org_id, person.person_id, "disabled"
        )
    accepted = await lost.house.enrol(token)
    await lost.house.hub.propose()
    [row] = await lost.house.rows("SELECT state FROM devices WHERE id = :id", id=accepted[0].device.device_id)
    [recovery] = await lost.house.hub.list_recoveries.of_org(lost.house.operator)
    assert (row["state"], recovery.cause) == ("revoked", "no_approvers")
