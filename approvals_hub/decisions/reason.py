"""Why somebody answered as they did, in their own words: it lies sealed with their answer."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub_client.canonical import loads


async def reason_in(tx: Tx, vault: Vault, row: Row) -> str | None:
    """The words of one's own answer; `row` is one of `store.find`. None where none were sent.

    The log holds what they were committed to by the signature, so whoever is shown them can check that they are these.
    """
    plain = await vault.unseal_in(tx, row["approver_id"], row["sealed"], f"decision:{row['id']}")
    reason = loads(plain, max_depth=40)["reason"]
    return None if reason is None else str(reason)
