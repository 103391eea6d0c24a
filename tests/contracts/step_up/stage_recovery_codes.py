"""A paper with recovery codes on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from identity.proof import Factor
from identity.recovery_codes import RecoveryCodes, kept, new_code
from tests.contracts.step_up.stage import Stage
from tests.contracts.step_up.typed_stage import TypedStage

TEXTS = ("", "7XK2", "7XK2-7XK2-7XK2-7XK2-7XK2", "UUUU-UUUU-UUUU-UUUU", "７XK2-7XK2-7XK2-7XK2", "\ud800" * 16)


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    mine, theirs = ([new_code() for _ in range(10)] for _ in range(2))
    yield TypedStage(
        RecoveryCodes(),
        Factor(kept(mine)),
        lambda now: mine[3],
        lambda now: theirs[3],
        [*({"code": text} for text in TEXTS), {"code": 7}, {"code": None}],
        [*mine, *theirs],
    )
