"""A hub opens whole or not at all, and finds itself again when it is opened anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from approvals_hub.app import OpenHub, Place, log_origin
from approvals_hub.audit.compare import LogCutBack
from approvals_hub.core.errors import Unavailable
from approvals_hub.core.sealing import KeyFileError, SealBroken, create_key_file
from approvals_hub.keys.key import LOG, TOKEN
from tests.unit.hub_fixture import StaffedHub


def test_a_log_is_named_by_the_hub_and_the_organisation() -> None:
    assert log_origin("hub.example:8443", "org_1") == "hub.example:8443/org_1"


async def test_a_hub_opened_again_is_the_same_hub(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    async with OpenHub(house.place, house.time.clock) as again:
        assert again.epoch == house.hub.epoch
        for purpose in (TOKEN, LOG):
            assert [key.kid for key in again.ring.all(purpose)] == [key.kid for key in house.hub.ring.all(purpose)]
        card = await again.present(house.owner.credential, opened.escalation.id)
        assert card.escalation.id == opened.escalation.id


async def test_a_nonce_of_a_view_is_good_at_the_hub_opened_again(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    signed = house.owner.signs(await house.owner.statement(opened.escalation.id))
    async with OpenHub(house.place, house.time.clock) as again:
        await again.decide(house.owner.credential, opened.escalation.id, signed)


async def test_a_log_keeps_its_name_when_the_public_url_changes(house: StaffedHub) -> None:
    before = [str(key) for key in house.hub.read_audit.export.keys(house.org_id)]
    moved = replace(house.place, public_url="https://moved.example")
    async with OpenHub(moved, house.time.clock) as again:
        assert [str(key) for key in again.read_audit.export.keys(house.org_id)] == before
        assert again.mint.issuer == "https://moved.example"


async def test_without_its_key_file_it_does_not_open(house: StaffedHub) -> None:
    house.place.key_file.unlink()
    with pytest.raises(KeyFileError):
        await OpenHub(house.place, house.time.clock).__aenter__()


async def test_with_another_hubs_key_file_it_does_not_open(house: StaffedHub, tmp_path: Path) -> None:
    create_key_file(tmp_path / "other")
    with pytest.raises(SealBroken):
        await OpenHub(replace(house.place, key_file=tmp_path / "other"), house.time.clock).__aenter__()


async def test_a_log_that_was_cut_while_the_hub_was_down_stops_its_start(house: StaffedHub) -> None:
    while await house.hub.sealer.seal_all():
        pass
    await house.change("DELETE FROM audit_checkpoints WHERE org_id = :org", org=house.org_id)
    with pytest.raises(LogCutBack):
        await OpenHub(house.place, house.time.clock).__aenter__()


async def test_a_copy_without_signing_keys_makes_new_ones_and_still_verifies_the_old_proofs(
    house: StaffedHub,
) -> None:
    proof = (await (await house.bot.approved()).redeem()).proof_token
    await house.change("UPDATE signing_keys SET sealed_seed = NULL")
    async with OpenHub(house.place, house.time.clock) as restored:
        assert restored.ring.signer(TOKEN, house.time.now).kid != house.hub.ring.signer(TOKEN, house.time.now).kid
        assert restored.verify_proof(proof, audience=None, action=None).valid


async def test_a_hub_that_could_not_open_leaves_nothing_open(house: StaffedHub) -> None:
    before = asyncio.all_tasks()
    await house.change("UPDATE data_keys SET wrapped = :bytes", bytes=bytes(80))
    with pytest.raises(SealBroken):
        await OpenHub(house.place, house.time.clock).__aenter__()
    assert asyncio.all_tasks() == before


async def test_a_database_that_does_not_answer_is_a_refusal(tmp_path: Path) -> None:
    create_key_file(tmp_path / "kek")
    place = Place(
        public_url="https://hub.example",
        key_file=tmp_path / "kek",
        checkpoints=tmp_path / "checkpoints",
        database="postgresql://nobody@127.0.0.1:1/none",
    )
    with pytest.raises((Unavailable, OSError)):
        await OpenHub(place).__aenter__()


async def test_processes_that_start_at_once_on_a_new_database_are_one_hub(postgres_uri: str, tmp_path: Path) -> None:
    create_key_file(tmp_path / "kek")
    place = Place(
        public_url="https://hub.example",
        key_file=tmp_path / "kek",
        checkpoints=tmp_path / "checkpoints",
        database=postgres_uri,
    )
    hubs = [OpenHub(place) for _ in range(3)]
    try:
        opened = await asyncio.gather(*(hub.__aenter__() for hub in hubs))
        assert len({hub.epoch for hub in opened}) == 1
        for hub in opened:
            await hub.ring.load()
        assert len({hub.ring.signer(TOKEN, hub.clock.now()).kid for hub in opened}) == 1
    finally:
        for hub in hubs:
            await hub.__aexit__(None, None, None)
