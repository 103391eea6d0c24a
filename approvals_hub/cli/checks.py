"""What must hold before a hub starts: the computer's clock, and the name that its passkeys belong to."""

from __future__ import annotations

from urllib.parse import urlsplit

from approvals_hub.core.clock import MINUTE, to_text
from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Tx
from approvals_hub.keys import store

_FIRST_YEAR = 1_735_689_600_000  # 2025-01-01: this software is younger, so a clock before it is wrong
_CLOCK_TOLERANCE = 2 * MINUTE  # as much as a signed request's time may be off


async def keep_rp_id_in(tx: Tx, public_url: str, *, passkeys: int) -> None:
    """Keep the host name that passkeys belong to, their rpId; it may change while there are no `passkeys`.

    Raises Invalid where it would change: none of them would work under the new name (WebAuthn, section 5.1.3).
    """
    rp_id = urlsplit(public_url).hostname or ""
    kept = await store.setting(tx, "rp_id")
    if kept == rp_id:
        return
    if kept is not None and passkeys:
        raise _wrong(
            "public_url",
            f"{passkeys} passkeys belong to {kept} and would not work under {rp_id}",
            f"Keep the host name {kept}; or revoke the passkeys first and let their owners enrol again.",
        )
    await store.put_setting(tx, "rp_id", rp_id)


def check_clock(now: int, newest: int | None) -> None:
    """Raise Invalid when the computer's clock cannot be right. Times in milliseconds; `newest` is the last event's."""
    if now < _FIRST_YEAR:
        raise _wrong("clock", f"the computer's clock says {to_text(now)}", "Set it, best by NTP, then start again.")
    if newest is not None and now < newest - _CLOCK_TOLERANCE:
        raise _wrong(
            "clock",
            f"the computer's clock says {to_text(now)}, and the newest recorded event was at {to_text(newest)}",
            "Set it, best by NTP, then start again: with it, ended questions and used nonces would open again.",
        )


def _wrong(setting: str, what: str, fix: str) -> Invalid:
    return Invalid("setting_wrong", what, next_step=fix, field=setting)
