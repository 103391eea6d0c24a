"""What never arrived is sent once more, while its question is open, by whoever governs channels."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound
from approvals_hub.notifications.read_deliveries import Tried, Wanted
from notify.delivery import Delivered
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import SPEAKS, Pager, registered

Paged = tuple[StaffedHub, Pager]


async def refused(house: StaffedHub) -> Tried:
    """A question for which the pager refused us."""
    await registered(house, "refused-01")
    asked = await house.bot.ask()
    await house.hub.reach.settled()
    [tried] = await house.hub.channels.deliveries(house.operator, Wanted(escalation_id=asked.escalation.id))
    return tried


async def test_what_failed_is_sent_again_with_the_same_id_and_the_log_numbers_the_attempts(
    paged: Paged, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, pager = paged
    tried = await refused(house)
    monkeypatch.setitem(SPEAKS, "refused", Delivered("id-2"))
    done = await house.hub.channels.retried(house.owner.credential, tried.delivery_id)
    assert (done.telling_id, done.attempts) == (tried.telling_id, 1)
    await house.hub.reach.settled()
    log = await house.hub.channels.deliveries(house.operator, Wanted(escalation_id=tried.escalation_id))
    assert [(each.attempt, each.status, each.telling_id) for each in log] == [
        (2, "delivered", tried.telling_id),
        (1, "settings", tried.telling_id),
    ]
    assert len({message.id for _, message in pager.took}) == 1
    [question] = await house.rows("SELECT delivery FROM escalations WHERE id = :id", id=tried.escalation_id)
    assert question["delivery"] == "trying"
    [event] = await house.events("delivery.retried")
    assert event["detail"] == {"delivery_id": tried.delivery_id, "telling_id": tried.telling_id}
    with pytest.raises(Conflict, match="has not failed"):
        await house.hub.channels.retried(house.operator, tried.delivery_id)


async def test_whoever_only_reads_the_log_and_whoever_guesses_an_id_send_nothing_again(paged: Paged) -> None:
    house, pager = paged
    tried = await refused(house)
    auditor = await house.person("Aud", "auditor")
    with pytest.raises(Forbidden):
        await house.hub.channels.retried(auditor.credential, tried.delivery_id)
    with pytest.raises(NotFound):
        await house.hub.channels.retried(house.operator, "dlv_0")
    await house.hub.reach.settled()
    assert len(pager.took) == 1


async def test_a_question_that_has_ended_is_told_to_nobody_by_sending_it_again(paged: Paged) -> None:
    house, _ = paged
    tried = await refused(house)
    await house.change("UPDATE escalations SET state = 'withdrawn' WHERE id = :id", id=tried.escalation_id)
    with pytest.raises(Conflict, match="has ended"):
        await house.hub.channels.retried(house.operator, tried.delivery_id)


async def test_an_address_that_is_gone_and_a_person_who_left_are_sent_nothing_again(paged: Paged) -> None:
    house, _ = paged
    tried = await refused(house)
    await house.change("UPDATE contacts SET gone_at = 1")
    with pytest.raises(Conflict, match="nobody is told there"):
        await house.hub.channels.retried(house.operator, tried.delivery_id)
    await house.change("UPDATE contacts SET gone_at = NULL")
    await house.change("UPDATE people SET state = 'disabled' WHERE id = :id", id=house.owner.person_id)
    with pytest.raises(Conflict, match="nobody is told there"):
        await house.hub.channels.retried(house.operator, tried.delivery_id)


async def test_a_test_message_is_tried_by_another_test_and_not_sent_again(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "refused-01")
    await house.hub.channels.tried(house.owner.credential, "pager")
    [tried] = await house.hub.channels.deliveries(house.operator, Wanted())
    assert (tried.telling_id[:4], tried.attempt) == ("tst_", 1)
    with pytest.raises(Conflict, match="only what asks somebody"):
        await house.hub.channels.retried(house.operator, tried.delivery_id)
