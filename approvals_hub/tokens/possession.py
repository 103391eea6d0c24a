"""What an executor sends to redeem, and whether it shows that the agent handed the token over for this very purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from approvals_hub.core.clock import MINUTE, to_milliseconds
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.db.database import Row, Tx
from approvals_hub.tokens import store
from approvals_hub_client.canonical import CanonicalError, unb64u
from approvals_hub_client.keys import BadSignature, ed25519_of
from approvals_hub_client.statement import redeem_pop_bytes

POP_WINDOW = 2 * MINUTE
"""How far the proof of possession's `iat` may lie from the hub's clock, in milliseconds."""


class Pop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The agent key's signature over this very redemption, made by the agent and handed over with the token."""

    iat: str
    signature: str


@dataclass(frozen=True, slots=True)
class Redemption:
    """What the executor sends."""

    token: str = field(repr=False)
    action: dict[str, Any]
    audience: str
    idempotency_key: str
    pop: Pop | None
    counterparty_proofs: tuple[str, ...] = ()
    """Proof tokens of the other parties, the oldest first."""
    signed_by: str | None = None
    """Thumbprint of the key that signed the agent's own request for it, which stands in the place of a `pop`."""


async def refuse_unproven_in(
    tx: Tx, row: Row, claims: dict[str, Any], redemption: Redemption, at: int
) -> Unauthenticated | None:
    """Why the caller has not shown that the agent handed this token over for this very redemption at that time."""
    cnf = claims["cnf"]
    if cnf is None:
        return None
    refusal = Unauthenticated(
        "invalid_pop",
        "the token is bound to the agent's key, and pop is not that key's signature over this redemption",
        next_step="The agent signs {jti, audience, action_hash, idempotency_key, iat} and hands it over.",
    )
    if redemption.signed_by is not None:
        return None if redemption.signed_by == cnf["jkt"] else refusal
    key = await store.key_of_thumbprint(tx, row["agent_id"], cnf["jkt"])
    if redemption.pop is None or key is None or (key["valid_until"] is not None and at >= key["valid_until"]):
        return refusal
    message = redeem_pop_bytes(
        jti=claims["jti"],
        audience=redemption.audience,
        action_hash=claims["action_hash"],
        idempotency_key=redemption.idempotency_key,
        iat=redemption.pop.iat,
    )
    try:
        ed25519_of(key["public_key"]).verify(message, unb64u(redemption.pop.signature))
        made = to_milliseconds(redemption.pop.iat)
    except (BadSignature, CanonicalError, ValueError):
        return refusal
    return None if abs(at - made) <= POP_WINDOW else refusal
