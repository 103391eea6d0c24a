"""The new key of a recovery: when it counts, and which link it came by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.people.session import Session
from approvals_hub.stepup.keep_recovered import Link, link_of_in, refuse_link
from tests.fakes.lost_keys import Lost


async def test_a_key_waits_from_its_enrolment_and_shows_digits_only_to_colleagues(lost: Lost) -> None:
    by_code = await lost.by_code((await lost.codes())[0])
    assert (by_code.recovery.counts_at, by_code.digits) == (lost.house.time.now + DAY, None)
    by_link = await lost.by_link(await lost.link())
    assert by_link.digits is not None
    assert len(by_link.digits) == 6


async def test_the_key_of_a_recovery_is_not_among_those_that_an_admin_confirms(lost: Lost) -> None:
    await lost.by_link(await lost.link())
    assert await lost.house.hub.list_pending_devices(lost.house.owner.credential) == []


async def test_that_a_key_waits_is_recorded_with_its_hash(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    [event] = await lost.house.events("recovery.waiting")
    [row] = await lost.house.rows("SELECT key_hash FROM devices WHERE id = :id", id=phone.device_id)
    assert event["detail"]["key_hash"] == row["key_hash"]


@pytest.mark.parametrize(
    ("purpose", "expected"), [(None, None), ("invite", None), ("setup", None), ("recover", "recovery_over")]
)
def test_a_recoverys_link_without_a_live_recovery_takes_no_key(purpose: str | None, expected: str | None) -> None:
    refused = refuse_link(Link(purpose), 5)
    assert (None if refused is None else refused.code) == expected


async def test_a_full_session_came_by_no_link(lost: Lost) -> None:
    session: Session = await lost.house.hub.current_session(lost.ada.credential)
    read: Any = lost.house.hub.db.read
    assert await read(lambda tx: link_of_in(tx, session)) == Link()
    assert await read(lambda tx: link_of_in(tx, replace(session, scope="enrolment", invite_id="pin_x"))) == Link()
