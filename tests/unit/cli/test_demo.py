"""The demo, played without a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.cli.demo import Demo, demo, free_port, jti_of
from approvals_hub_client import paseto
from approvals_hub_client.keys import Ed25519SigningKey

HELD = {"outcome": "approved", "redeemed": True, "second_redemption": 409, "audit_verified": True}


async def test_the_whole_main_job_holds_with_real_parts() -> None:
    told: list[str] = []
    result, held = await demo(auto=True, tell=told.append)
    assert held, result
    assert {name: result[name] for name in HELD} == HELD
    assert all(step["milliseconds"] >= 0 for step in result["steps"])
    assert told


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


def test_the_id_inside_a_token_is_read() -> None:
    key = Ed25519SigningKey()
    token = paseto.sign(key, paseto.key_id(key.public), b'{"jti":"jti_1"}', implicit=paseto.APPROVAL)
    assert jti_of(token) == "jti_1"


def test_a_free_port_is_one() -> None:
    assert 0 < free_port() < 65536
