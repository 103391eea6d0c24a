"""The conditional updates that decide races: each happens once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.escalations import store
from tests.unit.hub_fixture import StaffedHub


async def run(house: StaffedHub, work: Any) -> Any:
    return await house.hub.db.run(work)


async def test_a_question_ends_once(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    first = await run(house, lambda tx: store.end(tx, opened.id, state="denied", by="per_1", cause=None, at=5))
    second = await run(house, lambda tx: store.end(tx, opened.id, state="withdrawn", by="agt_1", cause=None, at=6))
    assert (first.state, first.version, second) == ("denied", 2, None)


async def test_a_question_is_approved_once_and_never_after_its_end(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    members = {"by": "per_1", "approval": "{}", "at": 5, "valid_until": 6}
    first = await run(house, lambda tx: store.approve(tx, opened.id, jti="jti_1", **members))
    second = await run(house, lambda tx: store.approve(tx, opened.id, jti="jti_2", **members))
    assert (first.state, first.token_state, first.jti, second) == ("approved", "ready", "jti_1", None)
    found = await run(house, lambda tx: store.find_by_jti(tx, "jti_1"))
    assert found == first


async def test_only_a_ready_token_changes(house: StaffedHub) -> None:
    token = await house.bot.approved()
    change = {"new": "revoked", "cause": "recalled"}
    assert await run(house, lambda tx: store.change_token(tx, token.escalation_id, **change))
    assert await run(house, lambda tx: store.change_token(tx, token.escalation_id, **change)) is None


async def test_nothing_expires_before_its_time(house: StaffedHub) -> None:
    opened = (await house.bot.ask(expires_in=60)).escalation
    assert await run(house, lambda tx: store.expire(tx, opened.id, at=opened.expires_at - 1)) is None
    ended = await run(house, lambda tx: store.expire(tx, opened.id, at=opened.expires_at))
    assert (ended.state, ended.ended_by, ended.cause, ended.version) == ("expired_unseen", "hub", "expired", 2)


async def test_a_question_is_marked_seen_once_and_only_while_it_is_open(house: StaffedHub) -> None:
    opened, ended = (await house.bot.ask()).escalation, (await house.bot.ask()).escalation
    await house.hub.withdraw(house.bot.credential(), ended.id)
    assert await run(house, lambda tx: store.mark_seen(tx, opened.id, at=5))
    assert not await run(house, lambda tx: store.mark_seen(tx, opened.id, at=6))
    assert not await run(house, lambda tx: store.mark_seen(tx, ended.id, at=5))


async def test_a_question_is_never_stretched_beyond_its_latest_end(house: StaffedHub) -> None:
    await house.require(longest=600)
    opened = (await house.bot.ask(expires_in=60)).escalation
    latest = opened.latest_expiry
    assert await run(house, lambda tx: store.extend(tx, opened.id, expires_at=latest + 1)) is None
    extended = await run(house, lambda tx: store.extend(tx, opened.id, expires_at=latest))
    assert (extended.expires_at, extended.version) == (latest, 1)


async def test_one_question_can_be_revised_once_whatever_the_code_above_does(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    await house.hub.revise(house.bot.credential(), old.id, house.bot.asking())
    other = (await house.bot.ask()).escalation
    with pytest.raises(Exception, match=r"(?i)unique"):
        await house.change("UPDATE escalations SET revises = :old WHERE id = :id", old=old.id, id=other.id)


async def test_one_jti_belongs_to_one_escalation_whatever_the_code_above_does(house: StaffedHub) -> None:
    one, other = await house.bot.approved(), await house.bot.approved()
    with pytest.raises(Exception, match=r"(?i)unique"):
        await house.change("UPDATE escalations SET jti = :jti WHERE id = :id", jti=one.jti, id=other.escalation_id)


async def test_what_is_due_comes_in_pages_the_longest_overdue_first(house: StaffedHub) -> None:
    late, early = (await house.bot.ask(expires_in=20)).escalation, (await house.bot.ask(expires_in=10)).escalation
    await house.bot.ask(expires_in=60)
    now = house.time.now + 20 * SECOND
    rows = await run(house, lambda tx: store.due(tx, now, 10))
    assert [row["id"] for row in rows] == [early.id, late.id]
    assert len(await run(house, lambda tx: store.due(tx, now, 1))) == 1
