"""After a crash the same call goes on with the same action: decided, counted, asked about and spent once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from approvals_hub_client import AsyncHub, BadNote, Changed, Credential, NotAllowed, PeopleAsked, Unreachable
from approvals_hub_client.canonical import loads
from approvals_hub_client.noting import Note
from tests.fakes.line import Line
from tests.unit.desk import Desk

POLICY = """
version: 1
default: deny
rules:
  - {id: small, effect: allow, action: pay, constraints: {amount_max: 100}, proof: {required: true},
     spend: {limit: 150, currency: EUR, window: day, above: deny}}
  - {id: large, effect: allow, action: pay, approval: {quorum: 1}}
"""
SMALL: dict[str, Any] = {"amount_minor": 100, "currency": "EUR"}
LARGE: dict[str, Any] = {"amount_minor": 101, "currency": "EUR"}


@pytest.fixture
async def hub(desk: Desk, credential: Credential) -> Any:
    """The agent's client, where these policies hold."""
    await desk.world.hub.policies.keep.publish(desk.world.operator, "main", POLICY)
    async with AsyncHub(credential) as client:
        yield client


async def test_an_agent_that_died_is_allowed_once_and_counted_once(line: Line, hub: AsyncHub, tmp_path: Path) -> None:
    note = tmp_path / "pay.note"
    # It dies while it waits for the answer, which has taken effect.
    line.drop_after = 1_000
    call = asyncio.create_task(hub.authorize("pay", SMALL, note=note))
    await line.called("POST", "/v1/authorize", times=2)
    call.cancel()
    with pytest.raises((asyncio.CancelledError, Unreachable)):
        await call
    line.drop_after = 0
    async with AsyncHub(hub.credential) as restarted:
        allowed = await restarted.authorize("pay", SMALL, note=note)
        assert (allowed.allowed, allowed.repeated) == (True, True)
        with pytest.raises(NotAllowed):
            await restarted.authorize("pay", SMALL)
        # Once it is done and the note is gone, the same is another action.
        note.unlink()
        with pytest.raises(NotAllowed):
            await restarted.authorize("pay", SMALL, note=note)


async def test_an_agent_that_died_while_it_waited_or_spent_goes_on_with_the_same_question_and_proof(
    desk: Desk, line: Line, hub: AsyncHub, tmp_path: Path
) -> None:
    note = tmp_path / "pay.note"
    with pytest.raises(PeopleAsked) as asked:
        await hub.authorize("pay", LARGE, note=note)
    with pytest.raises(PeopleAsked) as again:
        await hub.authorize("pay", LARGE, note=note)
    assert again.value.question.escalation_id == asked.value.question.escalation_id
    await desk.end(asked.value.question.escalation_id, "approved")
    spent = await hub.authorize("pay", LARGE, wait=True, note=note)
    # The answer to the spending was lost: the token is noted, and spent no second time.
    async with AsyncHub(hub.credential) as restarted:
        same = await restarted.authorize("pay", LARGE, wait=True, note=note)
    assert (same.repeated, same.proof_token, same.action) == (True, spent.proof_token, spent.action)
    assert (note.stat().st_mode & 0o077, loads(note.read_bytes())["body"]["action"]["payload"]) == (0, LARGE)


async def test_a_note_of_another_action_asks_nothing(line: Line, hub: AsyncHub, tmp_path: Path) -> None:
    note = tmp_path / "pay.note"
    await hub.authorize("pay", SMALL, note=note)
    line.forget()
    for kind, payload, about in (
        ("pay", LARGE, {}),
        ("refund", SMALL, {}),
        ("pay", SMALL, {"relying_party": "b.example"}),
    ):
        with pytest.raises(Changed):
            await hub.authorize(kind, payload, note=note, **about)
    assert line.calls == []


async def test_who_stops_waiting_has_taken_the_question_back_and_its_note_is_gone(
    desk: Desk, line: Line, hub: AsyncHub, tmp_path: Path
) -> None:
    note = tmp_path / "pay.note"
    call = asyncio.create_task(hub.authorize("pay", LARGE, wait=True, note=note))
    escalation_id = await desk.waiting()
    await line.called("GET", f"/v1/escalations/{escalation_id}")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (note.exists(), (await hub.question(escalation_id)).status) == (False, "withdrawn")


def test_a_note_that_is_damaged_or_open_to_others_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "note"
    for content in (b"", b"[]", b"{}", b'{"body":1,"approval_token":null}', b'{"body":{}'):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(BadNote):
            Note(path)
    path.write_bytes(b'{"body":{"action":{}},"approval_token":null}')
    path.chmod(0o644)
    with pytest.raises(BadNote, match="chmod 600"):
        Note(path)
    with pytest.raises(BadNote, match="cannot be read"):
        Note(tmp_path / "note" / "below")
    (tmp_path / "folder").mkdir(mode=0o700)
    gone = Note(tmp_path / "folder" / "note")
    (tmp_path / "folder").rmdir()
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(BadNote, match="cannot be written"):
        gone.begin({"action": {}}, {})


def test_what_the_caller_chose_of_the_action_must_be_the_same(tmp_path: Path) -> None:
    first = {"action": {"action_id": "a", "requested_at": "t1", "payload": {}}}
    other = {"action": {"action_id": "b", "requested_at": "t2", "payload": {}}}
    Note(tmp_path / "note").begin(first, {})
    assert Note(tmp_path / "note").begin(other, {}) == first
    with pytest.raises(Changed):
        Note(tmp_path / "note").begin(other, {"action_id": "b"})
