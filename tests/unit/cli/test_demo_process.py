"""What the demo reads and finds."""

from __future__ import annotations

import asyncio
import sys

import pytest

from approvals_hub.cli.demo_process import AgentProcess, DemoFailed, free_port, jti_of
from approvals_hub_client import paseto
from approvals_hub_client.keys import Ed25519SigningKey


async def saying(line: str) -> AgentProcess:
    """A process that prints this and ends."""
    command = [sys.executable, "-c", f"print({line!r}, end='')"]
    return AgentProcess(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))


async def test_the_step_that_was_expected_is_given() -> None:
    agent = await saying('{"step": "asked", "escalation_id": "esc_1"}\n')
    assert (await agent.expect("asked"))["escalation_id"] == "esc_1"
    await agent.process.wait()


@pytest.mark.parametrize("line", ['{"step": "refused"}\n', ""])
async def test_another_step_or_an_end_fails_the_demo(line: str) -> None:
    agent = await saying(line)
    with pytest.raises(DemoFailed):
        await agent.expect("asked")
    await agent.process.wait()


def test_the_id_inside_a_token_is_read() -> None:
    key = Ed25519SigningKey()
    token = paseto.sign(key, paseto.key_id(key.public), b'{"jti":"jti_1"}', implicit=paseto.APPROVAL)
    assert jti_of(token) == "jti_1"


def test_a_free_port_is_one() -> None:
    assert 0 < free_port() < 65536
