"""What was asked is recognised by keyed hashes; its salt lies sealed, and its agent gets it again."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import NotFound
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Tx
from approvals_hub.db.migrate import FOLDER, migrations_in
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.recognise import keyed_in
from approvals_hub_client.canonical import dumps, sha256_text, unb64u
from approvals_hub_client.statement import action_hash, similarity_hash
from tests.unit.hub_fixture import StaffedHub


def salted(action: dict[str, Any], escalation: Escalation) -> dict[str, Any]:
    return {**action, "salt": escalation.salt}


async def stored(house: StaffedHub, escalation_id: str) -> dict[str, Any]:
    sql = "SELECT plain_hash, similarity_hash, salt FROM escalations WHERE id = :id"
    [row] = await house.rows(sql, id=escalation_id)
    return dict(row)


async def test_a_payload_guessed_right_is_not_confirmed_by_the_stored_hashes(house: StaffedHub) -> None:
    action = house.bot.action()
    opened = (await house.bot.ask(action)).escalation
    row = await stored(house, opened.id)
    assert row["plain_hash"] != sha256_text(dumps(action))
    assert row["similarity_hash"] != similarity_hash(action)
    assert opened.salt.encode() not in unb64u(row["salt"])
    assert unb64u(opened.salt) not in unb64u(row["salt"])


async def test_a_sealed_salt_moved_to_another_question_does_not_open(house: StaffedHub) -> None:
    first, second = [(await house.bot.ask(house.bot.action())).escalation for _ in range(2)]
    moved = "UPDATE escalations SET salt = (SELECT salt FROM escalations WHERE id = :source) WHERE id = :target"

    async def work(tx: Tx) -> int:
        return await tx.execute(moved, source=first.id, target=second.id)

    assert await house.hub.db.run(work) == 1
    with pytest.raises(SealBroken):
        await house.bot.standing(second.id)


async def test_a_question_whose_salt_has_no_place_of_its_own_yet_is_told_with_it(house: StaffedHub) -> None:
    action = house.bot.action()
    opened = (await house.bot.ask(action)).escalation

    async def work(tx: Tx) -> int:
        return await tx.execute("UPDATE escalations SET salt = '' WHERE id = :id", id=opened.id)

    assert await house.hub.db.run(work) == 1
    told = (await house.bot.standing(opened.id)).escalation
    assert action_hash(salted(action, told)) == opened.action_hash


async def test_the_stored_form_is_keyed_for_each_organisation_and_use(house: StaffedHub) -> None:
    action = house.bot.action()
    row = await stored(house, (await house.bot.ask(action)).escalation.id)

    async def work(tx: Tx) -> tuple[str, str]:
        vault = house.hub.vault
        return (
            await keyed_in(tx, vault, house.org_id, "plain", sha256_text(dumps(action))),
            await keyed_in(tx, vault, house.org_id, "similarity", similarity_hash(action)),
        )

    assert (row["plain_hash"], row["similarity_hash"]) == await house.hub.db.run(work)
    assert all(value.startswith("hmac-sha256:") for value in (row["plain_hash"], row["similarity_hash"]))


async def test_a_body_guessed_right_is_not_confirmed_by_the_idempotency_key(house: StaffedHub) -> None:
    asking = house.bot.asking()
    await house.hub.escalate(house.bot.credential(), asking)
    [row] = await house.rows("SELECT request_hash FROM idempotency_keys WHERE key = :key", key=asking.key)
    assert bytes(row["request_hash"]) != asking.request_hash


async def test_the_asker_gets_the_salt_again_wherever_it_is_told_of_its_question(house: StaffedHub) -> None:
    action, hub, bot = house.bot.action(), house.hub, house.bot
    asking = bot.asking(action)
    opened = (await hub.escalate(bot.credential(), asking)).escalation
    told = [
        opened,
        (await hub.escalate(bot.credential(), asking)).escalation,  # the same key
        (await bot.ask(action)).escalation,  # the same open action
        (await bot.standing(opened.id)).escalation,
        await hub.extend.by_agent(bot.credential(), opened.id, 900),
        await hub.withdraw(bot.credential(), opened.id),
    ]
    assert {action_hash(salted(action, one)) for one in told} == {opened.action_hash}


async def test_the_asker_gets_the_salt_of_a_revision_again(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    action = house.bot.action()
    asking = house.bot.asking(action)
    for _ in range(2):
        revised = (await house.hub.revise(house.bot.credential(), old.id, asking)).escalation
        assert action_hash(salted(action, revised)) == revised.action_hash


async def test_an_agent_that_asks_for_more_time_for_anothers_question_gets_no_salt(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    other = await house.agent("other")
    with pytest.raises(NotFound):
        await house.hub.extend.by_agent(other.credential(), opened.id, 900)


async def as_before(house: StaffedHub, escalation: Escalation, action: dict[str, Any]) -> None:
    """Make the row what the first version wrote, and then upgrade."""
    await house.change(
        "UPDATE escalations SET plain_hash = :plain, similarity_hash = :alike, salt = :salt WHERE id = :id",
        plain=sha256_text(dumps(action)),
        alike=similarity_hash(action),
        salt=escalation.salt,
        id=escalation.id,
    )
    engine: Any = "sqlite" if house.place.database.startswith("sqlite:") else "postgres"
    for statement in migrations_in(FOLDER)[3].statements(engine):
        await house.change(statement)


async def test_a_question_of_before_the_upgrade_keeps_nothing_to_guess_from_and_can_be_answered(
    house: StaffedHub,
) -> None:
    ada, action = await house.person("Ada"), house.bot.action()
    opened = (await house.bot.ask(action)).escalation
    await as_before(house, opened, action)
    assert await stored(house, opened.id) == {"plain_hash": opened.id, "similarity_hash": opened.id, "salt": ""}
    await ada.answer(opened.id)
    standing = await house.bot.standing(opened.id)
    assert standing.approval_token is not None
    assert standing.escalation.salt == opened.salt


async def test_a_question_of_before_the_upgrade_finds_no_twin_and_is_asked_once_more(house: StaffedHub) -> None:
    action = house.bot.action()
    opened = (await house.bot.ask(action)).escalation
    await as_before(house, opened, action)
    again = await house.bot.ask(action)
    assert (again.repeated, again.escalation.id == opened.id) == (False, False)
