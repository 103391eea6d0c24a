"""An authenticator app on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pyotp

from identity.proof import Factor
from identity.totp import Totp
from tests.contracts.step_up.stage import Stage
from tests.contracts.step_up.typed_stage import TypedStage

TEXTS = ("", "12345", "1234567", "12345a", "１２３４５６", "١٢٣٤٥٦", "123\u2009456", "\ud800", "1e5", "0x1234")


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    mine, theirs = (pyotp.TOTP(pyotp.random_base32()) for _ in range(2))
    yield TypedStage(
        Totp(),
        Factor({"secret": mine.secret}),
        lambda now: mine.at(now // 1000),
        lambda now: theirs.at(now // 1000),
        [*({"code": text} for text in TEXTS), {"code": 123456}, {"code": None}],
        [mine.secret, theirs.secret],
    )
