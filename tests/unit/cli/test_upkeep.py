"""Keys, log and state, as the operator looks after them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from approvals_hub.cli.opening import locked, opened
from approvals_hub.cli.operate import carry_out
from approvals_hub.cli.upkeep import seal
from approvals_hub.config import Settings
from approvals_hub.core.errors import NotFound
from approvals_hub.core.sealing import read_key_file
from approvals_hub.hub import Hub


@pytest.fixture
async def hub(settings: Settings) -> AsyncIterator[Hub]:
    async with locked(settings), opened(settings) as hub:
        yield hub


async def told(hub: Hub, command: str, **arguments: Any) -> dict[str, Any]:
    answer = await carry_out(hub, command, arguments)
    assert isinstance(answer, dict)
    return answer


async def read(hub: Hub, **arguments: Any) -> bytes:
    answer = await carry_out(hub, "audit.export", arguments)
    assert not isinstance(answer, dict)
    return b"".join([piece async for piece in answer])


async def test_a_new_key_is_published_before_it_takes_over(hub: Hub) -> None:
    old = (await told(hub, "keys.list"))["items"][0]
    new = await told(hub, "keys.rotate")
    states = {key["kid"]: key["state"] for key in (await told(hub, "keys.list"))["items"]}
    assert (states[old["kid"]], states[new["kid"]]) == ("active", "published")
    assert new["active_from"] > old["active_from"]


async def test_after_a_compromise_another_key_signs_at_once(hub: Hub) -> None:
    old = (await told(hub, "keys.list"))["items"][0]
    await told(hub, "keys.compromised", kid=old["kid"])
    tokens = [key for key in (await told(hub, "keys.list"))["items"] if key["purpose"] == "token"]
    assert [key["state"] for key in tokens] == ["compromised", "active"]
    with pytest.raises(NotFound):
        await told(hub, "keys.compromised", kid=old["kid"])


async def test_a_rotated_key_file_opens_everything_and_the_old_key_is_gone(hub: Hub, settings: Settings) -> None:
    [before] = read_key_file(settings.key_file).keys
    assert (await told(hub, "keys.rotate_kek"))["rewrapped"] >= 3
    [after] = read_key_file(settings.key_file).keys
    assert before != after


async def test_an_export_holds_what_happened_just_now_itself_included(hub: Hub) -> None:
    await told(hub, "agents.invite", name="bot")
    lines = await read(hub)
    assert b'"agent.invited"' in lines
    assert b'"audit.exported"' in lines


async def test_an_export_can_be_a_table_or_a_part(hub: Hub) -> None:
    await told(hub, "agents.invite", name="bot")
    assert b"agent.invited" in await read(hub, format="csv")
    part = await read(hub, filter={"kind": "agent.invited"})
    assert b'"kind":"agent.invited"' in part
    assert b'"kind":"org.created"' not in part


async def test_a_checkpoint_comes_with_the_keys_that_verify_it(hub: Hub) -> None:
    newest = await told(hub, "audit.checkpoint")
    assert newest["checkpoint"].startswith(newest["keys"][0].split("+")[0])


async def test_nothing_waits_after_sealing(hub: Hub) -> None:
    await told(hub, "agents.invite", name="bot")
    await seal(hub)
    state = await told(hub, "hub.state")
    assert (state["sealing_lag"], state["logs_refused"]) == (0, [])
    assert state["signing"] == {"token": True, "log": True}
