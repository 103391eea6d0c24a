"""Short-lived rows go when their time is over, and not before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.agents.agent import NONCE_LIFE
from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Unauthenticated
from tests.unit.hub_fixture import StaffedHub


async def count(house: StaffedHub, table: str) -> int:
    return int((await house.rows(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"])


async def test_a_nonce_is_kept_as_long_as_its_request_could_be_replayed(house: StaffedHub) -> None:
    credential = house.bot.credential()
    await house.hub.read_agents.itself(credential)
    house.time.now += NONCE_LIFE
    await house.hub.forget()
    assert await count(house, "request_nonces") == 1
    with pytest.raises(Unauthenticated):
        await house.hub.read_agents.itself(credential)
    house.time.now += 1
    await house.hub.forget()
    assert await count(house, "request_nonces") == 0


async def test_an_idempotency_key_is_kept_a_day(house: StaffedHub) -> None:
    await house.bot.ask()
    house.time.now += DAY
    await house.hub.forget()
    assert await count(house, "idempotency_keys") == 1
    house.time.now += 1
    await house.hub.forget()
    assert await count(house, "idempotency_keys") == 0


async def test_challenges_and_unsent_news_go_when_they_have_expired(house: StaffedHub) -> None:
    await house.hub.issue_challenge("sign_in")
    await house.bot.ask()
    house.time.now += 8 * DAY
    await house.hub.forget()
    assert [await count(house, "challenges"), await count(house, "outbox")] == [0, 0]


async def test_more_rows_than_a_page_go_in_one_call(house: StaffedHub) -> None:
    forget = replace(house.hub.forget, page=3)
    for _ in range(10):
        await house.hub.read_agents.itself(house.bot.credential())
    house.time.now += NONCE_LIFE + 1
    assert await forget() >= 10
    assert await count(house, "request_nonces") == 0


async def test_what_was_decided_or_recorded_is_never_forgotten(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    tables = ("escalations", "decisions", "redemptions", "audit_entries", "devices", "signing_keys", "data_keys")
    before = [await count(house, table) for table in tables]
    house.time.now += 400 * DAY
    await house.hub.forget()
    assert [await count(house, table) for table in tables] == before


async def test_the_delivery_log_is_as_long_as_the_operator_says_and_the_audit_log_is_never_shortened(
    house: StaffedHub,
) -> None:
    opened = await house.bot.ask(expires_in=2_592_000)
    ended = await house.bot.approved()
    at = house.time.now
    for number, escalation in enumerate((opened.escalation.id, ended.escalation_id, None)):
        await house.change(
            "INSERT INTO delivery_attempts (id, org_id, telling_id, escalation_id, person_id, at, channel, recipient,"
            " status, latency_ms) VALUES (:id, :org, 'tel_1', :escalation, 'per_1', :at, 'phone', '…', 'delivered', 1)",
            id=f"dlv_{number}",
            org=house.org_id,
            escalation=escalation,
            at=at,
        )
    audited = await count(house, "audit_entries")
    short = replace(house.hub.forget, attempts_kept=2 * DAY)
    house.time.now = at + 2 * DAY
    await short()
    assert await count(house, "delivery_attempts") == 3
    house.time.now += 1
    await house.hub.forget()  # a log of the usual length
    assert await count(house, "delivery_attempts") == 3
    await short()
    # That of an open question stays.
    assert [row["id"] for row in await house.rows("SELECT id FROM delivery_attempts")] == ["dlv_0"]
    assert await count(house, "audit_entries") == audited
