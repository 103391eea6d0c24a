"""Registering with an invite, and replacing a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub_client import AsyncHub, Credential, register, rotate_key
from approvals_hub_client.canonical import b64u
from approvals_hub_client.errors import BadAnswer, BadCredential, NotAuthorised, Unreachable
from tests.fakes.line import Line
from tests.unit.desk import Desk


async def test_an_invite_makes_an_agent_that_can_ask(desk: Desk, tmp_path: Path) -> None:
    made = await register(desk.url, await desk.invite(), tmp_path / "agent.json", name="builder")
    assert (made.org_id, made.issuer) == (desk.world.org_id, desk.url)
    async with AsyncHub.from_file(tmp_path / "agent.json") as hub:
        assert (await hub.ask("payment.execute", {})).is_open


async def test_the_private_key_never_leaves(desk: Desk, line: Line, tmp_path: Path) -> None:
    made = await register(desk.url, await desk.invite(), tmp_path / "agent.json")
    assert made.seed is not None
    sent = b"".join(line.bodies)
    assert made.seed not in sent
    assert b64u(made.seed).encode() not in sent
    assert made.seed.hex().encode() not in sent


async def test_a_spent_invite_is_refused(desk: Desk, tmp_path: Path) -> None:
    invite = await desk.invite()
    await register(desk.url, invite, tmp_path / "one.json")
    with pytest.raises(NotAuthorised):
        await register(desk.url, invite, tmp_path / "two.json")


async def test_a_lost_answer_does_not_lose_the_invite(desk: Desk, line: Line, tmp_path: Path) -> None:
    line.drop_after = 1
    assert await register(desk.url, await desk.invite(), tmp_path / "agent.json")


async def test_after_a_crash_the_same_key_goes_on(desk: Desk, tmp_path: Path) -> None:
    draft = Credential(desk.url, seed=bytes(range(32)))
    draft.save(tmp_path / "agent.json")
    made = await register(desk.url, await desk.invite(), tmp_path / "agent.json")
    assert made.seed == draft.seed


async def test_a_registered_agent_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    made = await register(desk.url, await desk.invite(), tmp_path / "agent.json")
    with pytest.raises(BadCredential):
        await register(desk.url, await desk.invite(), tmp_path / "agent.json")
    assert Credential.load(tmp_path / "agent.json") == made


async def test_a_hub_with_another_public_address_spends_no_invite(desk: Desk, line: Line, tmp_path: Path) -> None:
    line.alter = lambda answer: {**answer, "audience": "https://hub.example.com"}
    invite = await desk.invite()
    with pytest.raises(BadAnswer, match=r"https://hub\.example\.com"):
        await register(desk.url, invite, tmp_path / "agent.json")
    line.alter = None
    assert await register(desk.url, invite, tmp_path / "elsewhere.json")


async def test_a_new_key_takes_the_old_one_s_place(credential: Credential, tmp_path: Path) -> None:
    path = tmp_path / "credentials" / "agent.json"
    credential.save(path)
    async with AsyncHub(credential) as hub:
        made = await rotate_key(hub, path)
    assert made.seed != credential.seed
    assert Credential.load(path) == made
    async with AsyncHub(made) as hub:
        assert (await hub.ask("payment.execute", {})).is_open
    assert [file.name for file in path.parent.iterdir()] == ["agent.json"]


async def test_a_rotation_without_answer_leaves_both_keys_on_disk(
    line: Line, credential: Credential, tmp_path: Path
) -> None:
    path = tmp_path / "agent.json"
    credential.save(path)
    line.alter = lambda answer: {}
    async with AsyncHub(credential) as hub:
        with pytest.raises((BadAnswer, Unreachable)):
            await rotate_key(hub, path)
    assert Credential.load(path) == credential
    assert Credential.load(tmp_path / "agent.json.next").seed != credential.seed
