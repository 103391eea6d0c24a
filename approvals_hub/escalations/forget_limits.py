"""Keeps the tables of limits small: what is over says nothing any more."""

from __future__ import annotations

from typing import Final

from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Tx
from approvals_hub.domain.allowance import FORGOTTEN_AFTER
from approvals_hub.escalations import allowance_store as store

DAYS_KEPT: Final = 91
"""Days for which it is known how many questions came to whom: the longest that measures look back, and the present."""


async def forget_limits_in(tx: Tx, now: int, limit: int) -> int:
    """Drop what counts no more at an instant, in milliseconds, at most `limit` rows of each kind; returns how many."""
    return await store.forget(
        tx, at=now, denied_before=now - FORGOTTEN_AFTER, before_day=now // DAY - DAYS_KEPT + 1, limit=limit
    )
