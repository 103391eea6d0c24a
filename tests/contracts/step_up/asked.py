"""What the hub asks a provider for, and where the person is, as the stages of providers need it."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from typing import Any

from identity.proof import Client, Purpose, StepUp

START = 1_789_000_000_000
"""A time step of 30 seconds begins 10 seconds before it."""
FIVE_MINUTES = 5 * 60_000


def step_up(now: int, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
    """A new step-up for an intent, from `now` on, five minutes long; `changes` replace members."""
    step_up_id = f"stp_{os.urandom(8).hex()}"
    intent_hash = f"sha256:{sha256(intent).hexdigest()}"
    asked = StepUp(
        id=step_up_id,
        intent_hash=intent_hash,
        challenge=sha256(b"approvals-hub.step-up.v1\0" + step_up_id.encode() + intent_hash.encode()).digest(),
        purpose=Purpose.DECISION,
        visible=intent.decode(),
        language="en",
        client=Client("203.0.113.7", "a browser"),
        began_at=now,
        expires_at=now + FIVE_MINUTES,
        return_url="https://hub.example/back",
        organisation="Acme AB",
    )
    return replace(asked, **changes)
