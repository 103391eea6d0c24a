"""Whether an intent says about a question what is true of it. The same for a statement that is signed and for a step-up
that is begun for one, so that nobody proves themselves for something that could not be decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import HubError
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.nonce import LIFE, Nonces
from approvals_hub.escalations.refusals import mismatch, nonce_refused, number_missing, reason_missing


def untrue(intent: Mapping[str, Any], escalation: Escalation, person_id: str) -> HubError | None:
    """The first member that is not this question's, or that an approval of it lacks; None where it says what is so.

    Whether a number is the right one is not said here: who may try that is counted.
    """
    expected = {
        "org_id": escalation.org_id,
        "escalation_id": escalation.id,
        "revision": escalation.revision,
        "action_hash": escalation.action_hash,
        "presentation_hash": escalation.presentation_hash,
        "requirement_hash": escalation.requirement_hash,
        "approval_valid_for": escalation.asked().approval_valid_for,
        "approver_id": person_id,
    }
    asked = escalation.asked()
    approves = intent["decision"] == "approve"
    if not approves or asked.number_match is None:
        expected["match_code"] = None
    wrong = next((mismatch(field) for field, value in expected.items() if intent[field] != value), None)
    if wrong is not None or not approves:
        return wrong
    if asked.number_match is not None and not _is_number(intent["match_code"], asked.number_match):
        return number_missing(asked.number_match)
    return reason_missing() if asked.reason == "required" and intent["reason_commitment"] is None else None


def _is_number(typed: str | None, digits: int) -> bool:
    return typed is not None and re.fullmatch(f"[0-9]{{{digits}}}", typed) is not None


def check_nonce(nonces: Nonces, intent: Mapping[str, Any], now: int) -> bytes | HubError:
    """The nonce's bytes, where it was issued for exactly this person, device and question, and is still good."""
    checked = nonces.check(intent["nonce"], intent["escalation_id"], intent["approver_id"], intent["device_id"])
    if checked is None:
        return nonce_refused("nonce_invalid", "the nonce was not issued for this, or was used before")
    raw, until = checked
    if intent["expires_at"] != to_text(until) or intent["issued_at"] != to_text(until - LIFE):
        return mismatch("expires_at")
    if now >= until:
        return nonce_refused("nonce_expired", "the signing window is over")
    return raw
