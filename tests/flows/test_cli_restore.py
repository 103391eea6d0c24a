"""The restore drill: a copy that is older than what happened must not let anything happen twice."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub, register
from approvals_hub_client.errors import Conflict
from tests.flows.commands import Commands


async def approved_by_somebody(commands: Commands, folder: Path) -> tuple[dict[str, Any], SoftwarePhone]:
    """An approval that nobody has redeemed, as an executor gets it; and the phone that gave it."""
    async with SoftwarePhone(commands.url) as phone:
        await phone.enrol(commands.json("init")["token"])
        invite = commands.json("agents", "invite", "bot")["invite"]
        await register(commands.url, invite, folder / "agent.json")
        async with AsyncHub.from_file(folder / "agent.json") as agent:
            question = await agent.ask("db.drop", {"database": "orders"}, expires_in=600)
            await phone.answer(question.escalation_id, "approve")
            approved = await agent.wait(question)
            return agent.hand_over(approved, idempotency_key="executor"), phone


async def redeem(commands: Commands, handed_over: dict[str, Any]) -> None:
    from approvals_hub_client import AsyncExecutor, Transport

    async with Transport(commands.url, None) as transport:
        await AsyncExecutor(transport, handed_over["audience"]).redeem(handed_over)


async def test_a_token_that_was_redeemed_after_the_copy_is_refused_by_the_restored_copy(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    with commands.serving():
        handed_over, phone = await approved_by_somebody(commands, tmp_path)
        copied = commands.json("db", "backup", str(tmp_path / "copy.db"))
        await redeem(commands, handed_over)
        commands.json("agents", "api-key", "made after the copy")
        commands.json("audit", "checkpoint")
        assert "in use by process" in commands.run("db", "restore", str(tmp_path / "copy.db")).err
    assert copied["key_file"] is None
    kids = {key["kid"] for key in commands.json("keys", "list")["items"]}
    restored = commands.json("db", "restore", str(tmp_path / "copy.db"))
    assert sum(restored["lost"].values()) > 0
    assert Path(restored["kept"]).exists()
    with commands.serving():
        with pytest.raises(Conflict) as refusal:
            await redeem(commands, handed_over)
        assert refusal.value.code == "restored_copy"
        async with phone:
            with pytest.raises(Refused) as signed_out:
                await phone.inbox()
        assert signed_out.value.status == 401
        async with AsyncHub.from_file(tmp_path / "agent.json") as agent:
            again = await agent.ask("db.drop", {"database": "customers"})
        assert again.is_open
        states = {key["kid"]: key["state"] for key in commands.json("keys", "list")["items"]}
        assert commands.json("agents", "list")["items"][0]["name"] == "bot"
        commands.json("audit", "export", "-o", str(tmp_path / "log.jsonl"))
    assert all(states[kid] == "retired" for kid in kids)
    assert "active" in states.values()
    assert commands.json("audit", "verify", str(tmp_path / "log.jsonl"))["ok"] is True


async def test_a_copy_that_was_put_back_by_hand_is_refused_until_it_is_declared(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    commands.json("init")
    shutil.copyfile(commands.data / "hub.db", tmp_path / "snapshot.db")
    commands.json("agents", "api-key", "made after the copy")
    shutil.copyfile(tmp_path / "snapshot.db", commands.data / "hub.db")
    refused = commands.run("serve")
    assert refused.status == 1
    assert "approvals-hub db restore" in refused.err
    kids = set(kids_of(commands.data / "hub.db"))
    assert commands.json("db", "restore")["restored"] is None
    active = {key["kid"] for key in commands.json("keys", "list")["items"] if key["state"] == "active"}
    assert not active & kids
    with commands.serving():
        assert commands.get("/healthz/ready")[0] == 200


def test_a_backup_holds_no_signing_key_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    commands.json("init")
    commands.json("db", "backup", str(tmp_path / "copy.db"))
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT DISTINCT sealed_seed FROM signing_keys").fetchall() == [(None,)]
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert commands.json("db", "check", str(tmp_path / "copy.db"))["sound"] is True
    again = commands.run("db", "backup", str(tmp_path / "copy.db"))
    assert again.status == 1
    assert "already there" in again.err or "File exists" in again.err


def test_a_backup_with_its_keys_makes_the_hub_again_on_another_computer(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    commands.json("init")
    commands.json("people", "invite", "Eva")
    made = commands.json("db", "backup", str(tmp_path / "copy.db"), "--with-encryption-keys")
    assert stat.S_IMODE(Path(made["key_file"]).stat().st_mode) == 0o600
    other = Commands(tmp_path / "other")
    assert other.json("db", "restore", str(tmp_path / "copy.db"))["kept"] is None
    assert [person["name"] for person in other.json("people", "list")["items"]] == ["Owner", "Eva"]


def test_a_backup_without_its_key_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    commands.json("init")
    commands.json("db", "backup", str(tmp_path / "copy.db"))
    other = Commands(tmp_path / "other")
    other.json("init")
    before = (other.data / "hub.db").read_bytes()
    done = other.run("db", "restore", str(tmp_path / "copy.db"))
    assert done.status == 1
    assert "Put back the key file" in done.err
    assert (other.data / "hub.db").read_bytes() == before


@pytest.mark.parametrize("damage", ["not a database", "torn", "another program's"])
def test_a_file_that_is_no_sound_copy_changes_nothing(tmp_path: Path, damage: str) -> None:
    commands = Commands(tmp_path / "data")
    commands.json("init")
    commands.json("db", "backup", str(tmp_path / "copy.db"))
    before = (commands.data / "hub.db").read_bytes()
    bad = tmp_path / "copy.db"
    if damage == "not a database":
        bad.write_text("hello " * 1000)
    elif damage == "torn":
        raw = bad.read_bytes()
        bad.write_bytes(raw[: len(raw) // 2])
    else:
        bad.unlink()
        with closing(sqlite3.connect(bad)) as other:
            other.execute("CREATE TABLE notes (text TEXT)")
    done = commands.run("db", "restore", str(bad), "--json")
    assert done.status == 1
    assert done.json["error"]["code"] == "restore_refused"
    assert (commands.data / "hub.db").read_bytes() == before


def test_a_restore_is_written_into_the_hubs_own_log(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    commands.json("init")
    commands.json("db", "backup", str(tmp_path / "copy.db"))
    epoch = commands.json("db", "restore", str(tmp_path / "copy.db"))["epoch"]
    with closing(sqlite3.connect(commands.data / "hub.db")) as database:
        [(body,)] = database.execute("SELECT body FROM audit_entries WHERE kind = 'hub.restored'").fetchall()
    assert json.loads(body)["detail"]["epoch"] == epoch


def kids_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [kid for (kid,) in database.execute("SELECT kid FROM signing_keys")]
