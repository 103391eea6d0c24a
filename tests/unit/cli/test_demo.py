"""The demo, played without a person."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from aiohttp import ClientSession

from approvals_hub.cli.demo import Demo, demo

HELD = {"outcome": "approved", "redeemed": True, "second_redemption": 409, "audit_verified": True}


async def test_the_whole_main_job_holds_with_real_parts() -> None:
    told: list[str] = []
    seen: list[int] = []

    async def look_around(address: str) -> None:
        async with ClientSession() as http, http.get(f"{address}/app/") as page:
            seen.append(page.status)

    result, held = await demo(auto=True, tell=told.append, look_around=look_around)
    assert seen == [200], "whoever looks around at the end finds the hub there"
    assert held, result
    assert {name: result[name] for name in HELD} == HELD
    assert all(step["milliseconds"] >= 0 for step in result["steps"])
    assert told


async def test_a_pretend_bankid_proves_it_too_and_the_token_names_it() -> None:
    result, held = await demo(auto=True, tell=str, with_bankid=True)
    assert held, result
    claims = json.loads(b64decode_part(result["proof_token"]))
    assert (claims["acr"], claims["approvers"][0]["step_up"][0]["method"]) == ("SUBSTANTIAL", "bankid")


@pytest.mark.parametrize(
    "broken", [{"outcome": "denied"}, {"redeemed": False}, {"second_redemption": 200}, {"audit_verified": False}]
)
def test_one_thing_that_does_not_hold_is_enough(tmp_path: Path, broken: dict[str, object]) -> None:
    run = Demo(auto=True, tell=str, folder=tmp_path, port=1)
    assert not run.held()
    run.facts = {**HELD, **broken}
    assert not run.held()
    run.facts = dict(HELD)
    assert run.held()


def b64decode_part(token: str) -> bytes:
    """What a PASETO v4.public says, without its signature."""
    body = token.split(".")[2]
    return urlsafe_b64decode(body + "=" * (-len(body) % 4))[:-64]
