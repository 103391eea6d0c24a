"""Receipts say how things stand now."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.decisions.receipt import receipt_of

NOW = 1_800_000_000_000
ROW: dict[str, Any] = {
    "id": "dec_1",
    "escalation_id": "esc_1",
    "revision": 1,
    "decision": "approve",
    "reason_code": None,
    "at": NOW,
    "device_id": "dev_1",
    "key_hash": "sha256:1",
    "statement_hash": "sha256:2",
    "acr": "SUBSTANTIAL",
    "amr": "mfa pop user",
    "methods": "passkey",
    "binding": "signed",
    "action_type": "db.drop_table",
    "action_hash": "sha256:3",
    "agent_id": "agt_1",
    "agent_name": "bot",
    "handed_over_by": "per_2",
    "state": "approved",
    "token_state": "ready",
    "valid_until": NOW + 600_000,
}


def test_a_receipt_holds_what_was_stored() -> None:
    receipt = receipt_of(ROW, NOW)
    assert (receipt.decision_id, receipt.amr, receipt.methods) == ("dec_1", ["mfa", "pop", "user"], ["passkey"])
    assert (receipt.status, receipt.token_state, receipt.repeated, receipt.inclusion) == (
        "approved",
        "ready",
        False,
        None,
    )


@pytest.mark.parametrize(
    ("stored", "later", "shown"),
    [("ready", 599_999, "ready"), ("ready", 600_000, "expired"), ("redeemed", 600_000, "redeemed"), (None, 0, None)],
)
def test_a_token_that_is_over_shows_as_expired(stored: str | None, later: int, shown: str | None) -> None:
    row = {**ROW, "token_state": stored, "valid_until": None if stored is None else ROW["valid_until"]}
    assert receipt_of(row, NOW + later).token_state == shown


def test_a_question_without_a_token_needs_no_end_of_one() -> None:
    assert receipt_of({**ROW, "state": "denied", "token_state": None, "valid_until": None}, NOW).status == "denied"
