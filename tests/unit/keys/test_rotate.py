"""New signing keys, compromised ones, and a new key-encryption key, while the hub serves."""

from __future__ import annotations

import asyncio
import fcntl
import os

import pytest

from approvals_hub.app import OpenHub
from approvals_hub.core.errors import Conflict, NotFound, Unauthenticated, Unavailable
from approvals_hub.core.sealing import read_key_file, with_new_active, write_key_file
from approvals_hub.keys.key import OVERLAP, TOKEN
from approvals_hub.keys.rotate import PUBLISHED_AHEAD
from approvals_hub.people.invite import Invitation
from tests.unit.hub_fixture import StaffedHub, code_of


async def test_a_token_of_the_key_before_is_redeemed_after_a_rotation(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.rotate_keys.signing_key(TOKEN)
    house.time.now += PUBLISHED_AHEAD
    assert (await token.redeem()).jti == token.jti


async def test_a_proof_of_the_key_before_verifies_for_the_overlap_and_no_longer(house: StaffedHub) -> None:
    old = house.hub.ring.signer(TOKEN, house.time.now)
    await house.hub.rotate_keys.signing_key(TOKEN)
    end = house.time.now + PUBLISHED_AHEAD + OVERLAP
    assert old.kid in house.hub.ring.trusted(end - 1)
    assert old.kid not in house.hub.ring.trusted(end)


async def test_a_first_key_signs_at_once(house: StaffedHub) -> None:
    await house.change("UPDATE signing_keys SET sealed_seed = NULL")
    await house.hub.ring.load()
    new = await house.hub.rotate_keys.signing_key(TOKEN)
    assert house.hub.ring.signer(TOKEN, house.time.now).kid == new.kid


async def test_rotating_twice_leaves_one_key_that_signs(house: StaffedHub) -> None:
    await house.hub.rotate_keys.signing_key(TOKEN)
    last = await house.hub.rotate_keys.signing_key(TOKEN)
    house.time.now += PUBLISHED_AHEAD
    assert [key.kid for key in house.hub.ring.all(TOKEN) if key.may_sign(house.time.now)] == [last.kid]


async def test_somebody_always_may_sign_while_keys_change(house: StaffedHub) -> None:
    for wait in (0, 1, PUBLISHED_AHEAD // 2, PUBLISHED_AHEAD, 3 * PUBLISHED_AHEAD):
        house.time.now += wait
        await house.hub.rotate_keys.signing_key(TOKEN)
        assert house.hub.ring.signer(TOKEN, house.time.now)


async def test_a_rotation_is_in_the_hubs_own_log(house: StaffedHub) -> None:
    old = house.hub.ring.signer(TOKEN, house.time.now)
    new = await house.hub.rotate_keys.signing_key(TOKEN)
    entry = (await house.events("key.rotated"))[-1]
    assert (entry["org_id"], entry["proof_kid"], entry["detail"]["retired"]) == ("org_hub", new.kid, [old.kid])


async def test_a_token_of_a_stolen_key_is_worth_nothing_at_once(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.rotate_keys.mark_compromised(house.hub.ring.signer(TOKEN, house.time.now).kid)
    with pytest.raises(Unauthenticated) as refused:
        await token.redeem()
    assert code_of(refused.value) == "invalid_token"


async def test_a_proof_of_a_stolen_key_counts_no_more_by_itself(house: StaffedHub) -> None:
    proof = (await (await house.bot.approved()).redeem()).proof_token
    await house.hub.rotate_keys.mark_compromised(house.hub.ring.signer(TOKEN, house.time.now).kid)
    assert not house.hub.verify_proof(proof, audience=None, action=None).valid


async def test_a_stolen_key_is_news_to_the_owners_and_admins_of_every_organisation_and_to_nobody_else(
    house: StaffedHub,
) -> None:
    admin, _ = await house.person("Dan", "admin"), await house.person("Ada")
    await house.change("INSERT INTO orgs (id, name, requirement, created_at) VALUES ('org_b', 'B', '{}', 1)")
    await house.change(
        "INSERT INTO memberships (org_id, person_id, roles, created_at) SELECT 'org_b', id, 'owner', 1"
        " FROM people WHERE name = 'Ada'"
    )
    await house.change("DELETE FROM outbox")
    kid = house.hub.ring.signer(TOKEN, house.time.now).kid
    await house.hub.rotate_keys.mark_compromised(kid)
    [notice] = await house.hub.list_notices(admin.credential, limit=1)
    assert (notice.kind, notice.subject_id, notice.by_id) == ("key_compromised", kid, None)
    told = await house.rows(
        "SELECT org_id, COUNT(*) AS people FROM outbox WHERE kind = 'admin.key_compromised' GROUP BY org_id"
    )
    assert {row["org_id"]: row["people"] for row in told} == {house.org_id: 2, "org_b": 1}


async def test_nothing_is_minted_while_the_only_key_is_compromised(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)
    await house.hub.rotate_keys.mark_compromised(house.hub.ring.signer(TOKEN, house.time.now).kid)
    with pytest.raises(Unavailable):
        await house.bot.standing(opened.escalation.id)
    await house.hub.rotate_keys.signing_key(TOKEN)
    assert (await house.bot.standing(opened.escalation.id)).approval_token is not None


async def test_a_key_is_marked_once_and_an_unknown_one_never(house: StaffedHub) -> None:
    kid = house.hub.ring.signer(TOKEN, house.time.now).kid
    await house.hub.rotate_keys.mark_compromised(kid)
    for again in (kid, "k4.pid.unknown"):
        with pytest.raises(NotFound):
            await house.hub.rotate_keys.mark_compromised(again)
    assert [entry["proof_kid"] for entry in await house.events("key.compromised")] == [kid]


async def test_a_new_key_encryption_key_replaces_the_old_one_in_the_file(house: StaffedHub) -> None:
    before = read_key_file(house.place.key_file)
    assert await house.hub.rotate_keys.key_encryption_key() >= 3
    after = read_key_file(house.place.key_file)
    assert len(after.keys) == 1
    assert after.active != before.active
    assert {row["kek_id"] for row in await house.rows("SELECT kek_id FROM data_keys")} == {after.active}


async def test_everything_still_opens_after_the_key_file_changed_and_the_hub_started_again(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.hub.rotate_keys.key_encryption_key()
    async with OpenHub(house.place, house.time.clock) as again:
        card = await again.present(house.owner.credential, opened.escalation.id)
        assert card.action["payload"] == house.bot.action()["payload"]


async def test_the_key_file_is_rotated_under_load_without_losing_anything(house: StaffedHub) -> None:
    async def invite(number: int) -> str:
        invited = await house.hub.invite_person(house.operator, Invitation(name=f"Person {number}"))
        return invited.person_id

    async def ask() -> str:
        return (await house.bot.ask()).escalation.id

    rotations = [house.hub.rotate_keys.key_encryption_key()]
    made = await asyncio.gather(*rotations, *(invite(n) for n in range(15)), *(ask() for _ in range(15)))
    async with OpenHub(house.place, house.time.clock) as again:
        for scope in made[1:16]:
            assert await again.db.run(lambda tx, scope=scope: again.vault.key_in(tx, scope))  # type: ignore[misc] # a lambda carries no types
        for escalation_id in made[16:]:
            assert (await again.present(house.owner.credential, str(escalation_id))).action["salt"]


async def test_a_second_rotation_at_the_same_time_is_refused(house: StaffedHub) -> None:
    folder = os.open(house.place.key_file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(Conflict) as refused:
            await house.hub.rotate_keys.key_encryption_key()
        assert code_of(refused.value) == "rotation_running"
    finally:
        os.close(folder)
    await house.hub.rotate_keys.key_encryption_key()


async def test_a_rotation_that_was_killed_before_its_end_is_finished_by_the_next(house: StaffedHub) -> None:
    write_key_file(house.place.key_file, with_new_active(read_key_file(house.place.key_file)))
    async with OpenHub(house.place, house.time.clock) as again:
        invited = await again.invite_person(house.operator, Invitation(name="Ada"))
        await again.rotate_keys.key_encryption_key()
    assert len(read_key_file(house.place.key_file).keys) == 1
    async with OpenHub(house.place, house.time.clock) as last:
        assert await last.db.run(lambda tx: last.vault.key_in(tx, invited.person_id))
