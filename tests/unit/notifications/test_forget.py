"""Short-lived rows go when their time is over, and not before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.agents.agent import NONCE_LIFE
from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.people.session import ABSOLUTE_LIMIT, PLACE_KEPT, PersonCredential
from approvals_hub.people.visit import Visitor
from tests.unit.hub_fixture import HERE, StaffedHub
from tests.unit.two_orgs import session_by_provider


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


async def test_where_an_ended_session_came_from_is_blank_after_thirty_days_and_the_session_stays_known(
    house: StaffedHub,
) -> None:
    over = (await session_by_provider(house, house.owner))[0].credential
    await house.hub.end_session(over)
    house.time.now += PLACE_KEPT
    live = await house.owner.sign_in()
    await house.hub.forget()
    assert await places(house) == {("company", "test", HERE.address), ("device_key", "test", HERE.address)}
    house.time.now += 1
    await house.hub.forget()
    assert await places(house, over) == {("company", None, None)}
    assert await places(house, live) == {("device_key", "test", HERE.address)}
    with pytest.raises(Unauthenticated, match="ended"):
        await house.hub.current_session(over)


async def test_where_an_expired_session_came_from_is_blank_too(house: StaffedHub) -> None:
    left = await house.owner.sign_in()
    house.time.now += ABSOLUTE_LIMIT + PLACE_KEPT
    await house.hub.forget()
    assert await places(house, left) == {("device_key", "test", HERE.address)}
    house.time.now += 1
    await house.hub.forget()
    assert await places(house, left) == {("device_key", None, None)}


async def test_a_thief_whose_client_says_nothing_is_news_where_the_clients_of_old_sessions_are_blank(
    house: StaffedHub,
) -> None:
    old, _ = await session_by_provider(house, house.owner)
    await house.hub.end_session(old.credential)
    house.time.now += PLACE_KEPT + 1
    await house.hub.forget()
    assert await places(house, old.credential) == {("company", None, None)}
    await house.change("DELETE FROM outbox WHERE kind = 'session.new'")
    for _ in range(2):
        await session_by_provider(house, house.owner, Visitor(None, "198.51.100.7"))
    # The second is no news: the first was a moment ago.
    assert len(await house.rows("SELECT id FROM outbox WHERE kind = 'session.new'")) == 1


async def places(house: StaffedHub, *of: PersonCredential) -> set[tuple[str, str | None, str | None]]:
    """How sessions of the owner were opened and where from: of these, or of all."""
    rows = await house.rows(
        "SELECT token_hash, method, client, address FROM sessions WHERE person_id = :person AND method <> 'invitation'",
        person=house.owner.person_id,
    )
    hashes = {each.token_hash for each in of}
    return {
        (row["method"], row["client"], row["address"])
        for row in rows
        if not hashes or bytes(row["token_hash"]) in hashes
    }


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
