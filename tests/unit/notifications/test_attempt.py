"""What became of one attempt."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.attempt import ALARM_AGAIN_AFTER, status_of
from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_address_here, bad_settings, permanent
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (Delivered("1"), "delivered"),
        (AddressGone("x"), "gone"),
        (TryLater(1.0, "x"), "later"),
        (permanent("x"), "permanent"),
        (bad_settings("x"), "settings"),
        (bad_address_here("x"), "refused"),
    ],
)
def test_each_result_is_one_word_in_the_log(result: Delivery, word: str) -> None:
    assert status_of(result) == word


@pytest.mark.parametrize(
    ("address", "state", "live"), [("gone-01", "failed", 0), ("later-01", "waiting", 1), ("refused-01", "failed", 1)]
)
async def test_a_result_settles_the_telling_and_only_a_gone_address_is_forgotten(
    paged: Paged, address: str, state: str, live: int
) -> None:
    house, _ = paged
    await registered(house, address)
    opened = await house.bot.ask()
    await house.hub.reach.settled()
    [telling] = await house.rows("SELECT state FROM tellings WHERE escalation_id = :id", id=opened.escalation.id)
    [contacts] = await house.rows("SELECT COUNT(*) AS n FROM contacts WHERE gone_at IS NULL")
    [attempt] = await house.rows(
        "SELECT recipient, said FROM delivery_attempts WHERE escalation_id = :id", id=opened.escalation.id
    )
    assert (telling["state"], contacts["n"]) == (state, live)
    assert (attempt["recipient"], attempt["said"] is None) == ("…01", False)


async def test_a_channel_that_its_vendor_refuses_is_a_notice_to_the_admins_once_a_day(paged: Paged) -> None:
    house, pager = paged
    ada = await house.person("Ada", "admin")
    # The agent's owner is not asked where others are.
    await with_beeper(house)
    await registered(house, "refused-01", by=ada)
    await at_beeper(house, "works-01")

    async def notices() -> list[tuple[str, str | None]]:
        await house.bot.ask()
        await house.hub.reach.settled()
        found = await house.hub.list_notices(house.operator, limit=50)
        return [(each.kind, each.subject_name) for each in found]

    for _ in range(3):
        assert await notices() == [("channel_refused", "pager")]
    # Over the other channel, and not over the one that is refused.
    tellings = await house.rows("SELECT channel FROM tellings WHERE kind = 'admin.channel_refused'")
    assert [row["channel"] for row in tellings] == [f"{house.org_id}/beeper"]
    assert "A channel is refused by its service" not in [notice.title for _, notice in pager.took]
    house.time.now += ALARM_AGAIN_AFTER + 1
    assert await notices() == [("channel_refused", "pager")] * 2


async def test_an_address_that_somebody_made_up_alarms_nobody_while_the_vendor_takes_others(paged: Paged) -> None:
    house, _ = paged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await registered(house, "works-01", by=bo)
    await registered(house, "madeup-01", by=ada)
    await house.bot.ask()
    await house.hub.reach.settled()
    assert await house.hub.list_notices(house.operator, limit=50) == []
    await house.change("UPDATE contacts SET gone_at = 1 WHERE person_id = :bo", bo=bo.person_id)
    await house.change("DELETE FROM delivery_attempts")
    await house.bot.ask()
    await house.hub.reach.settled()
    [notice] = await house.hub.list_notices(house.operator, limit=50)
    assert (notice.kind, notice.subject_id) == ("channel_refused", "pager")
