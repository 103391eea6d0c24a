"""Orders of the pretend BankID, without any HTTP."""

from __future__ import annotations

from base64 import b64encode

import pytest

from approvals_hub.cli.pretend_bankid.orders import UNOPENED, NotOpened, Orders
from tests.fakes.bankid_scene import anna, bo

ASKED = {"endUserIp": "192.0.2.1", "userVisibleData": b64encode("Godkänn".encode()).decode()}


class Time:
    """A time that stands until it is moved."""

    now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


def test_what_waits_is_listed_the_newest_first_until_it_ends() -> None:
    orders = Orders(Time())
    first, second = orders.start("sign", ASKED), orders.start("sign", ASKED)
    assert orders.waiting() == [second, first]
    orders.fail(second, "userCancel")
    assert orders.waiting() == [first]


def test_an_order_that_nobody_opens_in_time_waits_no_longer() -> None:
    time = Time()
    orders = Orders(time)
    orders.start("sign", ASKED)
    time.now += UNOPENED + 1
    assert orders.waiting() == []


def test_the_words_are_those_that_were_asked_to_be_shown() -> None:
    assert Orders(Time()).start("sign", ASKED).words == "Godkänn"
    assert Orders(Time()).start("auth", {"endUserIp": "192.0.2.1"}).words == ""


def test_an_order_is_taken_up_once() -> None:
    orders = Orders(Time())
    order = orders.start("sign", ASKED)
    assert orders.take_up(order, anna()).opened_by == anna()
    with pytest.raises(NotOpened):
        orders.take_up(order, bo())


@pytest.mark.parametrize(("asked", "from_page"), [({}, False), ({"returnUrl": "https://hub.example/return"}, True)])
def test_it_is_opened_from_the_page_where_the_page_is_to_be_come_back_to(
    asked: dict[str, str], from_page: bool
) -> None:
    orders = Orders(Time())
    assert orders.take_up(orders.start("sign", {**ASKED, **asked}), anna()).from_page is from_page


def test_an_order_for_one_person_opens_for_nobody_else() -> None:
    orders = Orders(Time())
    order = orders.start("sign", {**ASKED, "requirement": {"personalNumber": anna().personal_number}})
    with pytest.raises(NotOpened):
        orders.take_up(order, bo())
