"""What becomes of a session whose person ties a way to themselves while the hub asks the provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from tests.flows.world import World

PREVIOUS = 91
"""Seconds after which a token from before reads no more."""


async def fixation_ends_with(
    world: World, begun: dict[str, Any], before: str, prove: Callable[[], Awaitable[Any]]
) -> None:
    """Whoever planted the session, or has its token from before the linking, has nothing once the hub heard the end.

    `before` is the owner's token before they began; `prove` ends with a look at the proven step-up.
    """
    owner = world.owner
    between = owner._token
    assert between != before
    await prove()
    path = f"/v1/step-ups/{begun['step_up_id']}"
    assert owner._token not in {before, between}
    planted, late = replace(owner, _token=before), replace(owner, _token=between)
    assert await _refused(planted, path) == "session_unknown"
    # A request that was on the way is still answered, and brings nothing of what took its token's place.
    answered = await late.call("GET", path)
    assert (answered["state"], answered["session"]) == ("proven", None)
    assert await _refused(late, "/v1/session") == "session_renewed"
    # It changes nothing any more.
    assert await _refused(late, "/v1/challenges", {"purpose": "fresh"}) == "session_renewed"
    world.time.pass_seconds(PREVIOUS)
    assert await _refused(late, path) == "session_unknown"
    # Once: the next look of the page brings no further one.
    present = owner._token
    await owner.call("GET", path)
    assert owner._token == present


async def _refused(phone: SoftwarePhone, path: str, body: dict[str, Any] | None = None) -> str:
    with pytest.raises(Refused) as refused:
        await phone.call("GET" if body is None else "POST", path, body)
    assert refused.value.status == 401
    return str(refused.value.problem["code"])
