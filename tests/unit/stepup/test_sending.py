"""How many codes may be sent, and who cannot burn it for whom."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Tx
from approvals_hub.stepup.sending import (
    LINK_ORG,
    LINK_TO,
    PROVE_HUB,
    PROVE_ORG,
    PROVE_TO,
    sends_again,
    take_message_in,
)
from approvals_hub.stepup.step_up import BEGUN_LIMIT, DECISION, LINK, SENT_LIMIT
from tests.unit.hub_fixture import StaffedHub

MOST_RESENDS = 5
A_PERSONS_OWN = SENT_LIMIT * (1 + MOST_RESENDS)
"""What one person has sent at most by one way, within ten minutes."""


async def sent(house: StaffedHub, *, times: int = 1, **changes: Any) -> list[TooMany | None]:
    """What is said to each of so many messages."""
    about = {"method": "sms_otp", "purpose": LINK, "address": "+46701234567", "org_id": house.org_id, **changes}

    async def work(tx: Tx) -> list[TooMany | None]:
        methods = house.hub.begin_step_up.methods
        return [await take_message_in(tx, methods, **about, now=house.time.now) for _ in range(times)]

    return await house.hub.db.run(work)


def taken(answers: list[TooMany | None]) -> int:
    return sum(answer is None for answer in answers)


async def test_many_who_link_one_number_have_no_more_sent_to_it_than_one_would(house: StaffedHub) -> None:
    answers = await sent(house, times=LINK_TO.burst + 3)
    assert taken(answers) == LINK_TO.burst
    refused = answers[-1]
    assert refused is not None
    assert (refused.code, refused.retry_after) == ("too_many_step_ups", HOUR // LINK_TO.hourly // 1000)
    assert taken(await sent(house, org_id="org_other")) == 0, "another organisation writes to the same address"
    assert taken(await sent(house, address="+46701234568")) == 1


async def test_an_address_in_other_letters_is_the_same(house: StaffedHub) -> None:
    await sent(house, times=LINK_TO.burst, method="email_otp", address="Ada@Example.com")
    assert taken(await sent(house, method="email_otp", address=" ada@example.COM ")) == 0


async def test_what_is_burnt_comes_back_steadily_and_not_at_the_full_hour(house: StaffedHub) -> None:
    await sent(house, times=LINK_TO.burst)
    house.time.now += HOUR // LINK_TO.hourly
    assert taken(await sent(house, times=2)) == 1


async def test_whoever_burns_an_address_by_linking_keeps_its_person_from_proving_nothing(house: StaffedHub) -> None:
    assert taken(await sent(house, times=LINK_TO.burst + 1)) == LINK_TO.burst
    assert taken(await sent(house, purpose=DECISION, times=PROVE_TO.burst)) == PROVE_TO.burst


async def test_an_organisation_that_burns_its_own_leaves_every_other_one_theirs(house: StaffedHub) -> None:
    answers = [await sent(house, address=f"+4670{number:07d}") for number in range(LINK_ORG.burst + 1)]
    assert sum(map(taken, answers)) == LINK_ORG.burst
    assert taken(await sent(house, org_id="org_other", address="+46709999999")) == 1
    assert taken(await sent(house, purpose=DECISION, address="+46709999999")) == 1


async def test_a_refused_message_takes_nothing_from_the_other_buckets(house: StaffedHub) -> None:
    await sent(house, times=LINK_TO.burst + LINK_ORG.burst)
    assert taken(await sent(house, address="+46709999999")) == 1


def test_no_single_person_burns_what_an_organisation_and_no_organisation_what_the_hub_needs() -> None:
    assert PROVE_ORG.burst > A_PERSONS_OWN * 4
    assert PROVE_ORG.burst * 4 < PROVE_HUB.burst
    assert PROVE_ORG.burst > BEGUN_LIMIT


@pytest.mark.parametrize("method", ["totp", "webauthn", "bankid"])
async def test_ways_that_send_nothing_are_not_counted(house: StaffedHub, method: str) -> None:
    assert taken(await sent(house, method=method, times=LINK_TO.burst + 1)) == LINK_TO.burst + 1
    assert await house.rows("SELECT id FROM sending_allowances") == []


async def test_neither_an_address_nor_a_number_is_stored_in_the_clear(house: StaffedHub) -> None:
    await sent(house)
    assert "46701234567" not in str(await house.rows("SELECT * FROM sending_allowances"))


def test_only_a_resend_that_sends_something_is_counted() -> None:
    shown = {"resends_left": 1, "resend_at": 10}
    assert sends_again(shown, {"resend": True}, 10)
    for answer, now in (({"resend": True}, 9), ({"code": "1"}, 10), ("resend", 10), ({"resend": 1}, 10)):
        assert not sends_again(shown, answer, now)
    assert not sends_again({**shown, "resends_left": 0}, {"resend": True}, 10)
