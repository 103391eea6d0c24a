"""Receipts for the person who answered: with their own words, and with the names of those in whose places it was."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from approvals_hub.db.database import Row, Tx
from approvals_hub.decisions.reason import reason_in
from approvals_hub.decisions.receipt import Receipt, receipt_of
from approvals_hub.escalations.stood_in import stood_in_for_in
from approvals_hub.keys.vault import Vault
from approvals_hub.routing.stand_in import read_stand_ins


class Words(NamedTuple):
    """Why somebody answered, in their own words, where that is known without opening what is stored."""

    text: str | None


async def receipt_in(
    tx: Tx,
    vault: Vault,
    row: Row,
    now: int,
    *,
    repeated: bool = False,
    stepped_up: bool = False,
    reason: Words | None = None,
) -> Receipt:
    """The receipt of one answer; `row` is one of `store.find`, of the person who reads it."""
    stands_in = await stood_in_for_in(tx, read_stand_ins(row["stands_in"]))
    words = await reason_in(tx, vault, row) if reason is None else reason.text
    return receipt_of(row, now, repeated=repeated, stepped_up=stepped_up, reason=words, stands_in=stands_in)


async def receipts_in(tx: Tx, vault: Vault, rows: list[Row], now: int) -> list[Receipt]:
    """One for each of these answers, in order; all names are read at once."""
    given = [read_stand_ins(row["stands_in"]) for row in rows]
    stood = iter(await stood_in_for_in(tx, [each for found in given for each in found]))
    return [
        receipt_of(row, now, reason=await reason_in(tx, vault, row), stands_in=tuple(islice(stood, len(found))))
        for row, found in zip(rows, given, strict=True)
    ]
