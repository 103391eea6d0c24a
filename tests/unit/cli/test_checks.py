"""What must hold before a hub starts."""

from __future__ import annotations

import pytest

from approvals_hub.cli.checks import check_clock, keep_rp_id_in
from approvals_hub.core.clock import HOUR, SECOND
from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Database, Tx

NOW = 1_795_000_000_000


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (NOW, None),
        (NOW, NOW),
        (NOW, NOW + 119 * SECOND),  # within what a signed request may be off
        (NOW + HOUR, NOW),
    ],
)
def test_a_clock_that_can_be_right_is_accepted(now: int, newest: int | None) -> None:
    check_clock(now, newest)


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (0, None),  # a computer without a battery starts in 1970
        (1_735_689_599_999, None),  # the last millisecond of 2024
        (NOW, NOW + 121 * SECOND),  # ended questions would open again
    ],
)
def test_a_clock_that_cannot_be_right_is_refused(now: int, newest: int | None) -> None:
    with pytest.raises(Invalid, match="clock"):
        check_clock(now, newest)


async def keep(database: Database, public_url: str, passkeys: int) -> None:
    async def work(tx: Tx) -> None:
        await keep_rp_id_in(tx, public_url, passkeys=passkeys)

    await database.run(work)


async def test_the_host_name_may_change_while_there_is_no_passkey(database: Database) -> None:
    await keep(database, "http://localhost:8420", 0)
    await keep(database, "https://hub.example.com", 0)
    await keep(database, "https://hub.example.com:8443", 1)


async def test_a_host_name_under_which_no_passkey_would_work_is_refused(database: Database) -> None:
    await keep(database, "https://hub.example.com", 0)
    with pytest.raises(Invalid, match=r"2 passkeys belong to hub\.example\.com"):
        await keep(database, "https://other.example.com", 2)
    await keep(database, "https://hub.example.com", 2)
