"""The signing keys in memory: the newest one signs, and nobody slips in another."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.core.sealing import SealBroken
from approvals_hub.keys.key import LOG, TOKEN
from approvals_hub.keys.rotate import PUBLISHED_AHEAD
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import key_id
from tests.unit.hub_fixture import StaffedHub


async def test_a_new_hub_has_one_key_for_tokens_and_one_for_logs(house: StaffedHub) -> None:
    ring = house.hub.ring
    assert [len(ring.all(TOKEN)), len(ring.all(LOG))] == [1, 1]
    assert ring.signer(TOKEN, house.time.now).purpose == TOKEN


async def test_the_key_of_a_log_verifies_no_token(house: StaffedHub) -> None:
    trusted = house.hub.ring.trusted(house.time.now)
    assert set(trusted) == {key.kid for key in house.hub.ring.all(TOKEN)}


async def test_the_id_of_a_key_is_made_of_the_key_so_that_nobody_can_choose_it(house: StaffedHub) -> None:
    for key in house.hub.ring.all(TOKEN):
        assert key.kid == key_id(key.public)
        assert house.hub.ring.find(key.kid) == key
    assert house.hub.ring.find("k4.pid.other") is None


async def test_a_hub_without_a_key_that_may_sign_answers_nothing(house: StaffedHub) -> None:
    await house.change("UPDATE signing_keys SET retired_at = 1")
    await house.hub.ring.load()
    with pytest.raises(Unavailable):
        house.hub.ring.signer(TOKEN, house.time.now)


async def test_a_copy_without_private_keys_still_verifies_and_signs_nothing(house: StaffedHub) -> None:
    await house.change("UPDATE signing_keys SET sealed_seed = NULL")
    await house.hub.ring.load()
    assert house.hub.ring.trusted(house.time.now)
    with pytest.raises(Unavailable):
        house.hub.ring.signer(TOKEN, house.time.now)


async def test_a_public_key_exchanged_in_the_database_is_refused(house: StaffedHub) -> None:
    forged = Ed25519SigningKey().public.raw
    await house.change("UPDATE signing_keys SET public_key = :key", key=forged)
    with pytest.raises(SealBroken):
        await house.hub.ring.load()


async def test_a_public_key_exchanged_in_a_copy_without_private_keys_is_refused(house: StaffedHub) -> None:
    forged = Ed25519SigningKey().public.raw
    await house.change("UPDATE signing_keys SET public_key = :key, sealed_seed = NULL", key=forged)
    with pytest.raises(SealBroken):
        await house.hub.ring.load()


async def test_a_private_key_moved_to_another_key_id_does_not_open(house: StaffedHub) -> None:
    token, log = house.hub.ring.all(TOKEN)[0], house.hub.ring.all(LOG)[0]
    await house.change(
        "UPDATE signing_keys SET sealed_seed = (SELECT o.sealed_seed FROM signing_keys o WHERE o.kid = :other)"
        " WHERE kid = :kid",
        other=log.kid,
        kid=token.kid,
    )
    with pytest.raises(SealBroken):
        await house.hub.ring.load()


async def test_a_ring_that_cannot_be_read_again_keeps_what_it_has(house: StaffedHub) -> None:
    before = house.hub.ring.signer(TOKEN, house.time.now)
    await house.change("UPDATE signing_keys SET public_key = :key", key=bytes(32))
    with pytest.raises(ValueError, match="public key"):
        await house.hub.ring.load()
    assert house.hub.ring.signer(TOKEN, house.time.now) == before


async def test_no_private_key_lies_in_the_clear(house: StaffedHub) -> None:
    seeds = [key.seed for key in house.hub.ring.all(TOKEN) + house.hub.ring.all(LOG)]
    rows = await house.rows("SELECT sealed_seed FROM signing_keys")
    assert all(seed is not None and seed not in row["sealed_seed"] for seed in seeds for row in rows)


async def test_another_process_knows_a_new_key_before_anything_is_signed_with_it(house: StaffedHub) -> None:
    old = house.hub.ring.signer(TOKEN, house.time.now)
    new = await house.hub.rotate_keys.signing_key(TOKEN)
    assert house.hub.ring.signer(TOKEN, house.time.now).kid == old.kid
    assert new.kid in house.hub.ring.trusted(house.time.now)
    house.time.now += PUBLISHED_AHEAD
    assert house.hub.ring.signer(TOKEN, house.time.now).kid == new.kid
