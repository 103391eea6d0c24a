"""Tokens over HTTP: an executor redeems one, reports what came of it; anybody asks whether a proof is valid."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Base64, Form, Line, Time, Token
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import Pop, Redemption
from approvals_hub_client.assurance import Proven

Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(min_length=1, max_length=20)]


class PopForm(Form, frozen=True):
    """The agent key's signature over {jti, audience, action_hash, idempotency_key, iat}."""

    iat: Time
    signature: Base64


class RedeemForm(Discreet, Form, frozen=True):
    """A token, the action with its salt exactly as approved, and who executes it."""

    not_printed = ("token", "counterparty_proofs")

    token: Token
    action: dict[str, Any]
    audience: Line
    idempotency_key: Annotated[str, Meta(pattern="^[!-~]{1,128}$(?!\n)")]
    pop: PopForm | None = None
    counterparty_proofs: Annotated[tuple[Token, ...], Meta(max_length=8)] = ()
    """Proof tokens of the other parties, the oldest first; each is taken once."""


class RedeemedView(Discreet, msgspec.Struct, frozen=True):
    """The token is spent; `proof_token` is the permission to act, verifiable without the hub."""

    not_printed = ("proof_token",)

    jti: str
    escalation_id: str
    redeemed_at: str
    proof_token: str
    proof_expires_at: str
    repeated: bool


class ReportForm(Discreet, Form, frozen=True):
    """What came of the action."""

    not_printed = ("proof_token",)

    status: Literal["done", "failed", "unknown"]
    proof_token: Token
    detail: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None


class ReportedView(msgspec.Struct, frozen=True):
    """The report as it stands."""

    jti: str
    status: str
    reported_at: str


class VerifyForm(Discreet, Form, frozen=True):
    """A proof token, what it should be for, and what everybody who approved should have proven: a level (`min_acr`),
    one of these `methods`, all of the words `amr`, the provider's reference `auth_ref`."""

    not_printed = ("token",)

    token: Token
    audience: Line | None = None
    action: dict[str, Any] | None = None
    min_acr: Literal["LOW", "SUBSTANTIAL", "HIGH"] | None = None
    methods: Names | None = None
    amr: Names | None = None
    auth_ref: Line | None = None


class VerifiedView(msgspec.Struct, frozen=True):
    """Whether the proof holds, and the claims of one that does; `code` says in one word why it does not."""

    valid: bool
    code: str | None
    reason: str | None
    claims: dict[str, Any] | None


async def redeem(call: Call[RedeemForm]) -> RedeemedView:
    """Spend an approval token, once."""
    form = call.asked
    pop = None if form.pop is None else Pop(form.pop.iat, form.pop.signature)
    done = await call.hub.redeem(
        Redemption(form.token, form.action, form.audience, form.idempotency_key, pop, form.counterparty_proofs)
    )
    return RedeemedView(
        jti=done.jti,
        escalation_id=done.escalation_id,
        redeemed_at=to_text(done.redeemed_at),
        proof_token=done.proof_token,
        proof_expires_at=to_text(done.proof_expires_at),
        repeated=done.repeated,
    )


async def report(call: Call[ReportForm]) -> ReportedView:
    """Tell what came of a redeemed action."""
    form = call.asked
    done = await call.hub.report(call.part("jti"), status=form.status, detail=form.detail, proof_token=form.proof_token)
    return ReportedView(done.jti, done.status, to_text(done.reported_at))


async def verify(call: Call[VerifyForm]) -> VerifiedView:
    """Say whether a proof token is valid; writes nothing."""
    form = call.asked
    proven = Proven(form.min_acr, form.methods, form.amr, form.auth_ref)
    said = call.hub.verify_proof(form.token, audience=form.audience, action=form.action, proven=proven)
    return VerifiedView(said.valid, said.code, said.reason, said.claims)
