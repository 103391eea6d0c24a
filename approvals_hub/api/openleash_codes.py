"""What OpenLeash calls a refusal: the codes that its clients know, and where it has none, ours in its form."""

from __future__ import annotations

from typing import Final

_CODES: Final = {
    # Who is calling.
    "credentials_missing": "MISSING_HEADERS",
    "signature_headers_missing": "MISSING_HEADERS",
    "header_not_signed": "INVALID_SIGNATURE",
    "signature_malformed": "INVALID_SIGNATURE",
    "invalid_signature": "INVALID_SIGNATURE",
    "signature_outside_window": "TIMESTAMP_SKEW",
    "nonce_replayed": "NONCE_REPLAY",
    "signature_digest": "BODY_HASH_MISMATCH",
    "agent_unknown": "AGENT_NOT_FOUND",
    "agent_paused": "AGENT_INACTIVE",
    "agent_revoked": "AGENT_INACTIVE",
    "key_expired": "AGENT_INACTIVE",
    # An agent joins.
    "invite_invalid": "INVALID_INVITE_TOKEN",
    "public_key_invalid": "INVALID_KEY",
    "key_taken": "INVALID_KEY",
    "challenge_unknown": "CHALLENGE_NOT_FOUND",
    "challenge_expired": "CHALLENGE_EXPIRED",
    # An action, its approval.
    "invalid_action": "INVALID_ACTION_REQUEST",
    "action_too_large": "INVALID_ACTION_REQUEST",
    "requested_at_out_of_range": "INVALID_ACTION_REQUEST",
    "reserved_action": "INVALID_ACTION_REQUEST",
    "principal_mismatch": "AGENT_MISMATCH",
    "token_of_another": "AGENT_MISMATCH",
    "invalid_token": "INVALID_APPROVAL_TOKEN",
    "invalid_pop": "INVALID_APPROVAL_TOKEN",
    "action_mismatch": "ACTION_HASH_MISMATCH",
    "already_redeemed": "APPROVAL_TOKEN_CONSUMED",
    "token_revoked": "INVALID_APPROVAL_STATUS",
    "token_expired": "INVALID_APPROVAL_STATUS",
    "approver_gone": "INVALID_APPROVAL_STATUS",
    "restored_copy": "INVALID_APPROVAL_STATUS",
    "decision_unknown": "NOT_FOUND",
    "escalation_not_found": "NOT_FOUND",
    "not_found": "NOT_FOUND",
    # A request of no good form.
    "body_not_expected": "INVALID_REQUEST",
    "malformed_json": "INVALID_REQUEST",
    "invalid_request": "INVALID_REQUEST",
    "not_json": "INVALID_REQUEST",
    # A draft of a policy.
    "policy_invalid": "INVALID_POLICY",
    "policy_too_long": "INVALID_POLICY",
    "draft_reaches_others": "INVALID_AGENT",
    "policy_draft_unknown": "NOT_FOUND",
}


def openleash_code(code: str, status: int) -> str:
    """The code for an OpenLeash client. Statuses stay ours, as a client of its looks at 400 and above alone."""
    found = _CODES.get(code)
    if found is not None:
        return found
    return "NOT_FOUND" if status == 404 else code.upper()
