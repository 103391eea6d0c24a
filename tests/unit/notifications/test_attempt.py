"""What became of one attempt."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.attempt import status_of
from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_address_here, bad_settings, permanent
from tests.unit.hub_fixture import StaffedHub
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
    [attempt] = await house.rows("SELECT recipient, said FROM delivery_attempts")
    assert (telling["state"], contacts["n"]) == (state, live)
    assert (attempt["recipient"], attempt["said"] is None) == ("…01", False)
