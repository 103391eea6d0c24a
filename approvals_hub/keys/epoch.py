"""Which copy of the database this is: a restored copy starts a new epoch, and nothing unredeemed crosses it."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.keys import store


@dataclass(frozen=True, slots=True)
class Epoch:
    """The id stands on every escalation; a token of another epoch is void."""

    epoch_id: str
    started: int
    """Milliseconds. Requests signed before are refused: this copy may have lost their nonces."""


async def read_epoch_in(tx: Tx) -> Epoch | None:
    """The present epoch; None in a database that was never initialised."""
    value = await store.setting(tx, "epoch")
    if value is None:
        return None
    epoch_id, _, started = value.partition(" ")
    return Epoch(epoch_id, int(started))


async def begin_epoch_in(tx: Tx, now: int) -> Epoch:
    """The present epoch; a first one where this database is new. Processes that start at once get the same."""
    first = Epoch(new_id("epo"), now)
    await store.add_setting(tx, "epoch", f"{first.epoch_id} {first.started}")
    return await read_epoch_in(tx) or first


async def start_epoch_in(tx: Tx, now: int) -> Epoch:
    """Begin another epoch, after a restore."""
    epoch = Epoch(new_id("epo"), now)
    await store.put_setting(tx, "epoch", f"{epoch.epoch_id} {epoch.started}")
    return epoch
