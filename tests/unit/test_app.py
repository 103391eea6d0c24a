"""A hub opens whole or not at all, and finds itself again when it is opened anew."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from approvals_hub.app import OpenHub, Place
from approvals_hub.audit.compare import LogCutBack
from approvals_hub.core.errors import Unavailable
from approvals_hub.core.sealing import KeyFileError, SealBroken, create_key_file
from approvals_hub.keys.key import LOG, TOKEN
from tests.house.tree import ROOT
from tests.unit.hub_fixture import StaffedHub


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


WITHOUT_A_NETWORK = """
import asyncio, sys
from pathlib import Path

reached = []
LEAVES = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
def refuse(event, args):
    if event in LEAVES:
        reached.append(event)
        raise OSError(f"there is no network: {event}")
sys.addaudithook(refuse)

from approvals_hub.db.sqlite_schema import migrate_sqlite
from approvals_hub.workers import Workers
from tests.unit.hub_fixture import staffed_hub
from tests.unit.policies.kept_policies import publish, rules

async def main(folder):
    await migrate_sqlite(folder / "hub.db")
    async with staffed_hub(folder / "hub.db", folder) as house:
        workers = Workers(house.hub)
        workers.start()
        await publish(house, rules("id: a, effect: allow, action: pay", default="require_approval"))
        bot = house.bot
        allowed = await house.hub.authorize(bot.credential(), bot.action(action_type="pay"))
        asked = await house.hub.authorize(bot.credential(), bot.action(action_type="buy"))
        await house.owner.answer(asked.escalation.id)
        await workers.stop()
        print(allowed.told.decision.decision, (await bot.standing(asked.escalation.id)).escalation.state, reached)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_hub_starts_decides_and_has_a_question_answered_without_reaching_for_a_network(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WITHOUT_A_NETWORK, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "ALLOW approved []\n"
