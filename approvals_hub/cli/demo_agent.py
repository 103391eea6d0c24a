"""The demo's agent, run as its own process: asks for something dangerous, waits, hands its approval to an executor.

It speaks in JSON lines on standard output, one for each step, so that whoever started it can follow.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from approvals_hub_client import AsyncHub, NotApproved, register

DANGEROUS = {
    "statement": "DROP TABLE customers",
    "database": "prod-db",
    "rows": 128_412,
    "backup": "none since 2026-11-14",
}
"""What the demo's agent wants to do."""


def say(step: str, **facts: object) -> None:
    """One line for whoever follows."""
    sys.stdout.write(json.dumps({"step": step, **facts}) + "\n")
    sys.stdout.flush()


async def run(base_url: str, credential: Path, invite: str) -> int:
    """Register, ask, wait; hand over what an executor needs. 0 only with an approval in hand."""
    await register(base_url, invite, credential, allow_http=True)
    async with AsyncHub.from_file(credential, allow_http=True) as hub:
        say("registered", agent_id=hub.credential.agent_id)
        question = await hub.ask(
            "database.drop_table",
            DANGEROUS,
            relying_party="prod-db.example.com",
            justification="The nightly clean-up job says that this table is no longer used.",
            expires_in=900,
        )
        say("asked", escalation_id=question.escalation_id, expires_at=question.view["expires_at"])
        try:
            approved = await hub.wait(question)
        except NotApproved as refusal:
            say("refused", outcome=getattr(refusal, "outcome", type(refusal).__name__))
            return 3
        say("approved", token=approved.token, handed_over=hub.hand_over(approved, idempotency_key="demo-executor"))
    return 0


def main() -> None:
    """`python -m approvals_hub.cli.demo_agent URL CREDENTIAL`; the invite comes on standard input, never by flag."""
    base_url, credential = sys.argv[1:3]
    sys.exit(asyncio.run(run(base_url, Path(credential), sys.stdin.readline().strip())))


if __name__ == "__main__":
    main()
