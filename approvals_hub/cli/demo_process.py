"""The demo's agent, followed from outside, and the small things that the demo reads and finds."""

from __future__ import annotations

import asyncio
import json
import socket
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from time import perf_counter
from typing import Any


class DemoFailed(Exception):
    """A step did not hold; the message names it."""


@dataclass(slots=True)
class AgentProcess:
    """The running agent, followed line by line."""

    process: asyncio.subprocess.Process
    waited: float = 0.0

    async def expect(self, *steps: str) -> dict[str, Any]:
        """The agent's next line, which must be one of these steps. Raises DemoFailed."""
        started = perf_counter()
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        self.waited = round((perf_counter() - started) * 1000, 1)
        said = json.loads(line) if line else {"step": "ended"}
        if said["step"] not in steps:
            raise DemoFailed(f"the agent said {said['step']} and not {' or '.join(steps)}")
        return dict(said)


def jti_of(token: str) -> str:
    """The `jti` inside a token; nothing is verified, it is the agent's own."""
    body = token.split(".")[2]
    return str(json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))[:-64])["jti"])


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
