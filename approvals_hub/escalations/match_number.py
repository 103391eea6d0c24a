"""The number that only the asker's own screen shows, and what becomes of a wrong one.

Who starts a question sees the number; who is asked out of the blue does not, and cannot approve by habit. It adds no
assurance: it says that the approver and the asker's screen are looking at the same question.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Tx
from approvals_hub.escalations import number_store as store
from approvals_hub.escalations.escalation import HUB, Escalation
from approvals_hub.escalations.guessing import number_guessed_in
from approvals_hub.escalations.refusals import nonce_refused
from approvals_hub.keys.vault import Vault

TRIES = 3
"""Wrong numbers that bar somebody's approval of one question."""


async def match_code_in(tx: Tx, vault: Vault, escalation: Escalation) -> str | None:
    """The number of a question, for the agent that asked it; None where none is asked for.

    Its digits are those of a keyed hash of the question's id, so it lies nowhere: neither in a row nor in a backup.
    """
    digits = escalation.asked().number_match
    if digits is None or escalation.agent_id == HUB:
        return None
    mac = await vault.keyed_in(tx, escalation.org_id, "match-code", escalation.id.encode())
    # 128 bits over at most a million: no number is noticeably likelier than another.
    return str(int.from_bytes(mac[:16]) % 10**digits).zfill(digits)


async def with_code_in(tx: Tx, vault: Vault, escalation: Escalation) -> Escalation:
    """An open question with its number, for the agent that asked it."""
    if not escalation.open:
        return escalation
    return msgspec.structs.replace(escalation, match_code=await match_code_in(tx, vault, escalation))


async def tries_left_in(tx: Tx, escalation: Escalation, person_id: str) -> int | None:
    """How many wrong numbers somebody may still type; None where none is asked for, or the question has ended."""
    if escalation.asked().number_match is None or not escalation.open:
        return None
    return max(TRIES - await store.wrong(tx, escalation_id=escalation.id, person_id=person_id), 0)


async def refuse_number_in(
    tx: Tx,
    vault: Vault,
    recorder: Recorder,
    escalation: Escalation,
    intent: Mapping[str, Any],
    nonce: bytes,
    now: int,
) -> HubError | None:
    """Why this approval's number is not taken, or None. The caller holds the question's row, so that many tries at once
    are counted one after another.

    A nonce that came with a wrong number is spent before any other number is compared with it. Who is barred is told
    so whatever they type, so that it says nothing of the number; and admins are told when somebody is barred.
    """
    person_id = intent["approver_id"]
    left = await tries_left_in(tx, escalation, person_id)
    if left is None or intent["decision"] != "approve":
        return None
    if left == 0:
        return number_barred()
    if await store.burnt(tx, nonce):
        return nonce_refused("nonce_invalid", "the nonce was not issued for this, or was used before")
    code = await match_code_in(tx, vault, escalation)
    if code is not None and hmac.compare_digest(code, intent["match_code"]):
        return None
    await store.burn(tx, nonce, org_id=escalation.org_id, escalation_id=escalation.id, person_id=person_id, at=now)
    if left == 1:
        await number_guessed_in(tx, recorder, escalation, person_id, now)
    return number_wrong(left - 1)


def number_wrong(left: int) -> Forbidden:
    """It is another number than the asker was given."""
    return Forbidden(
        "number_wrong",
        "this is not the number that the asker's screen shows",
        next_step="Open the question again and type the number shown where the request was started. If you did not"
        " start it, deny it."
        if left
        else "Deny it, or leave it to others: your approval of this question is not taken any more.",
        field="$.statement.match_code",
        extra={"tries_left": left},
    )


def number_barred() -> Forbidden:
    """They have tried too often; denying stays possible."""
    return Forbidden(
        "number_barred",
        f"{TRIES} wrong numbers came from you: your approval of this question is not taken any more",
        next_step="Deny it, or leave it to others. Denying needs no number.",
        field="$.statement.match_code",
        extra={"tries_left": 0},
    )
