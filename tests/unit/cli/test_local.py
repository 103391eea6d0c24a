"""The local socket: one table of commands for a hub that serves, and for one that does not."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.failures import Failed
from approvals_hub.cli.local import BODY_LIMIT, call, listening
from approvals_hub.cli.opening import locked, opened
from approvals_hub.config import Settings, load
from approvals_hub.core.errors import HubError
from approvals_hub.db.folder import DataFolderLock
from approvals_hub.policies.reading import LIMITS


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[Settings]:
    async with locked(settings), opened(settings) as hub, listening(hub, settings.socket):
        yield settings


async def over(settings: Settings, command: str, **arguments: Any) -> dict[str, Any]:
    return await asyncio.to_thread(call, settings, command, arguments)


def raw(path: Path, method: str, body: bytes, media_type: str = "application/json") -> dict[str, Any]:
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    try:
        connection.request(method, "/", body, {"Content-Type": media_type})
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


async def test_a_command_reaches_the_hub_that_serves(served: Settings) -> None:
    assert (await over(served, "people.list"))["items"][0]["name"] == "Owner"


async def test_the_socket_is_for_the_hubs_user_alone(served: Settings) -> None:
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o600


async def test_a_streamed_answer_comes_in_pieces_and_whole(served: Settings) -> None:
    pieces: list[bytes] = []
    assert await asyncio.to_thread(call, served, "audit.export", {}, pieces.append) == {}
    assert b"".join(pieces).endswith(b"}\n")
    assert b"org.created" in b"".join(pieces)


async def test_a_refusal_keeps_its_code_and_its_way_out(served: Settings) -> None:
    with pytest.raises(Failed) as refusal:
        await over(served, "agents.pause", agent_id="agt_none")
    assert refusal.value.problem.code == "agent_not_found"
    assert "agents list" in refusal.value.problem.fix


@pytest.mark.parametrize(
    ("method", "body", "media_type"),
    [
        ("GET", b"", "application/json"),
        ("POST", b"{", "application/json"),
        ("POST", b"[]", "application/json"),
        ("POST", b'{"command":"people.list"}', "application/json"),
        ("POST", b'{"command":"people.list","arguments":[]}', "application/json"),
        ("POST", b'{"command":1,"arguments":{}}', "application/json"),
        ("POST", b'{"command":"people.list","arguments":{},"more":1}', "application/json"),
        ("POST", b'{"command":"people.list","arguments":{}}', "text/plain"),
    ],
)
async def test_what_is_no_command_is_refused(served: Settings, method: str, body: bytes, media_type: str) -> None:
    answer = await asyncio.to_thread(raw, served.socket, method, body, media_type)
    assert answer["error"]["code"] == "command_malformed"


async def test_the_longest_policy_is_applied_while_the_hub_serves_and_more_is_refused_with_its_limit(
    served: Settings,
) -> None:
    head = "version: 1\ndefault: deny\nrules: []\n"
    worst = ('#"' + "\\" * 200 + "\n") * LIMITS.size
    longest = (head + worst)[: LIMITS.size - 1] + "\n"
    made = await over(served, "policies.apply", name="long", yaml=longest)
    assert (made["state"], made["version"]) == ("in_force", 1)
    with pytest.raises(Failed, match=f"may have {LIMITS.size}"):
        await over(served, "policies.apply", name="longer", yaml=longest + "#")
    with pytest.raises(HubError) as refused:
        await over(served, "policies.apply", name="longest", yaml="x" * BODY_LIMIT)
    assert (refused.value.code, f"{BODY_LIMIT // 1024} KiB" in refused.value.detail) == ("command_too_long", True)


async def test_a_client_of_its_own_that_sends_more_than_a_command_has_is_told_so(served: Settings) -> None:
    answer = await asyncio.to_thread(raw, served.socket, "POST", b" " * (BODY_LIMIT + 1))
    assert (answer["error"]["code"], bool(answer["error"]["next_step"])) == ("command_too_long", True)


async def test_an_unexpected_failure_names_a_request_for_the_log(served: Settings) -> None:
    body = b'{"command":"keys.rotate_kek","arguments":{}}'
    served.key_file.with_name("kek.new").mkdir()  # the new file cannot be written
    answer = await asyncio.to_thread(raw, served.socket, "POST", body)
    assert answer["error"]["request_id"].startswith("req_")


async def test_the_socket_goes_with_the_hub(settings: Settings) -> None:
    async with locked(settings), opened(settings) as hub:
        async with listening(hub, settings.socket):
            assert settings.socket.is_socket()
        assert not settings.socket.exists()


async def test_a_socket_that_a_killed_hub_left_is_replaced(settings: Settings) -> None:
    settings.socket.touch()
    async with locked(settings), opened(settings) as hub, listening(hub, settings.socket):
        assert settings.socket.is_socket()


def test_without_a_hub_the_command_opens_the_data_itself(settings: Settings) -> None:
    assert call(settings, "people.list", {})["items"][0]["name"] == "Owner"


def test_without_a_hub_a_streamed_answer_comes_too(settings: Settings) -> None:
    pieces: list[bytes] = []
    call(settings, "audit.export", {}, pieces.append)
    assert b"org.created" in b"".join(pieces)


def test_a_folder_that_is_held_by_something_silent_is_a_message(settings: Settings) -> None:
    with DataFolderLock(settings.data), pytest.raises(Failed, match="in use by process") as refusal:
        call(settings, "people.list", {})
    assert refusal.value.status == Exit.UNREACHABLE


def test_a_hub_that_does_not_answer_is_a_message(settings: Settings) -> None:
    with DataFolderLock(settings.data), socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(settings.socket))
        with pytest.raises(Failed, match="does not answer"):
            call(settings, "people.list", {})


def test_a_folder_without_a_hub_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="there is no hub"):
        call(load(None, {}, {"data": tmp_path / "none"}), "people.list", {})
    assert not (tmp_path / "none").exists()
