"""What receipts say, whatever their order."""

from __future__ import annotations

from itertools import permutations

import pytest

from approvals_hub.routing.question import Contact, Receipt, Telling
from approvals_hub.routing.receipts import NEVER, Receipts
from tests.unit.routing.scenes import at, facts

TELLING = Telling("tel_1", at(10), 1, "ada", (), "push", "ada:push", "first")


def read(*found: tuple[str, int], contacts: tuple[Contact, ...] = ()) -> Receipts:
    return Receipts(facts(receipts=tuple(Receipt("ada", kind, at(s), "tel_1") for kind, s in found), contacts=contacts))


@pytest.mark.parametrize(
    ("found", "delivered", "failed"),
    [
        ((), NEVER, NEVER),
        ((("delivered", 12), ("delivered", 11)), at(11), NEVER),  # the first counts
        ((("opened", 12),), at(12), NEVER),  # what was opened has arrived
        ((("failed", 12),), NEVER, at(12)),
        ((("delivered", 11), ("failed", 12)), at(11), NEVER),  # arrived before: it cannot have failed
        ((("delivered", 12), ("failed", 12)), at(12), at(12)),  # what followed in that instant stays right
        ((("delivered", 13), ("failed", 12)), at(13), at(12)),  # it looked as if it had failed for a second
        ((("failed", 9),), NEVER, at(10)),  # never before it was due
    ],
)
def test_a_telling_was_delivered_and_failed_at(
    found: tuple[tuple[str, int], ...], delivered: float, failed: float
) -> None:
    for order in permutations(found):
        receipts = read(*order, *order)
        assert (receipts.delivered(TELLING), receipts.failed(TELLING)) == (delivered, failed)


def test_an_address_that_is_gone_has_failed_at_that_instant() -> None:
    gone = (Contact("ada:push", "ada", "push", until=at(14)),)
    assert read(contacts=gone).failed(TELLING) == at(14)
    assert read(("delivered", 13), contacts=gone).failed(TELLING) == NEVER


def test_opening_anywhere_counts_for_the_person_and_only_after_the_instant_that_is_asked_for() -> None:
    receipts = Receipts(facts(receipts=(Receipt("ada", "opened", at(7)), Receipt("ada", "opened", at(3)))))
    assert receipts.opened("ada") == at(3)
    assert receipts.opened("ada", at(3)) == at(7)
    assert receipts.opened("bo") == NEVER


def test_a_receipt_in_somebody_elses_name_says_nothing_about_a_telling() -> None:
    receipts = Receipts(
        facts(receipts=(Receipt("bo", "failed", at(11), "tel_1"), Receipt("bo", "opened", at(11), "tel_1")))
    )
    assert (receipts.failed(TELLING), receipts.delivered(TELLING), receipts.opened("ada")) == (NEVER, NEVER, NEVER)


def test_addresses_are_those_that_work_at_the_instant_in_their_order() -> None:
    phones = (
        Contact("b", "ada", "push"),
        Contact("a", "ada", "push", since=at(5)),
        Contact("c", "ada", "push", until=at(5)),
        Contact("d", "ada", "sms"),
    )
    receipts = read(contacts=phones)
    assert [each.id for each in receipts.contacts("ada", "push", at(4))] == ["b", "c"]
    assert [each.id for each in receipts.contacts("ada", "push", at(5))] == ["b", "a"]
    assert [each.id for each in receipts.all_contacts("ada", "push")] == ["b", "a", "c"]
    assert Receipts(facts(answered={"ada": at(4)})).answered("ada") == at(4)
