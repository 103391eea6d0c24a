"""An attempt to sign in with an identity provider, as a noun: whoever holds its secret, and how far it has come."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Conflict, NotFound, Unauthenticated, Unavailable
from approvals_hub.domain.assurance import Evidence
from approvals_hub.stepup.step_up import BEGINNING, ENDED, PROVEN, RUNNING, is_leased
from approvals_hub_client.canonical import dumps, sha256_text
from approvals_hub_client.statement import step_up_challenge
from identity.proof import Client, Proof, Purpose, StepUp

DONE: Final = "done"

LIFE: Final = 10 * MINUTE
"""The longest that an attempt may take, in milliseconds."""
PROVEN_LIFE: Final = 120 * SECOND
"""How long a proof waits for the page that began it, in milliseconds."""
SOURCE_LIMIT: Final = 30
"""Attempts from one address within the life of one: each may cost an order at a vendor."""
EVERYBODY_LIMIT: Final = 2000
"""Attempts in all within that time."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One stored attempt; times in milliseconds."""

    id: str
    secret_hash: bytes
    method: str
    wanted_org: str | None
    state: str
    version: int
    sealed: bytes | None
    tries: int
    collect_at: int | None
    began_at: int
    expires_at: int

    def state_at(self, now: int) -> str:
        """The state, where one whose time is over has ended though nobody wrote that down yet."""
        return ENDED if self.state in (BEGINNING, RUNNING, PROVEN) and now >= self.expires_at else self.state

    def leased_at(self, now: int) -> bool:
        """Whether the provider is being asked at this moment."""
        return is_leased(self.collect_at, now)


COLUMNS: Final = ", ".join(Attempt.__struct_fields__)


def of(row: Any) -> Attempt:
    """The attempt of a stored row."""
    values = {name: row[name] for name in Attempt.__struct_fields__}
    sealed = values["sealed"]
    values["secret_hash"] = bytes(values["secret_hash"])
    return Attempt(**{**values, "sealed": None if sealed is None else bytes(sealed)})


class Proven(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """What a provider proved. Personal data: it lies sealed until the page that began takes it."""

    not_printed = ("subject", "email", "name")

    subject: str
    amr: tuple[str, ...]
    binding: str
    reported: str | None
    auth_ref: str | None
    once: tuple[str, ...] = ()
    email: str | None = None
    """Only one that the provider vouches for: any other is what somebody typed."""
    name: str | None = None
    groups: tuple[str, ...] | None = ()
    """None where the provider has some and did not tell which."""

    def evidence(self, method: str) -> Evidence:
        """What it is worth, for `domain.assurance`."""
        return Evidence(method, self.amr, self.binding, self.reported)


def proven_of(proof: Proof) -> Proven | None:
    """What is kept of a proof; None for one that names nobody."""
    if proof.subject is None:
        return None
    claims: dict[str, Any] = dict((proof.data or {}).get("claims") or {})
    groups = claims.get("groups", ())
    return Proven(
        subject=proof.subject,
        amr=proof.amr,
        binding=proof.binding.value,
        reported=proof.acr_reported,
        auth_ref=proof.auth_ref,
        once=proof.once,
        email=claims.get("email") if claims.get("email_verified") is True else None,
        name=claims.get("name"),
        groups=None if groups is None else tuple(groups),
    )


class ShownAttempt(msgspec.Struct, frozen=True):
    """An attempt as the page that began it sees it."""

    attempt: Attempt
    shown: dict[str, Any]
    now: int


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def asked_with(attempt: Attempt, asked: dict[str, Any]) -> StepUp:
    """What a provider is asked with; `asked` is what was kept when the attempt began."""
    hashed = sha256_text(b"approvals-hub.sign-in.v1\0" + dumps({"sign_in_id": attempt.id, "method": attempt.method}))
    return StepUp(
        id=attempt.id,
        intent_hash=hashed,
        challenge=step_up_challenge(attempt.id, hashed),
        purpose=Purpose.SIGN_IN,
        visible=asked["visible"],
        language=asked["language"],
        client=Client(asked["address"], asked["user_agent"], asked["same_device"]),
        began_at=attempt.began_at,
        expires_at=attempt.expires_at,
        return_url=asked["return_url"],
    )


def unknown_attempt() -> NotFound:
    """No such one, or without its secret: the same answer."""
    return NotFound("sign_in_unknown", "there is no such attempt to sign in of yours", next_step="Begin a new one.")


def attempt_busy() -> Unavailable:
    """The provider is being asked about it at this moment."""
    return Unavailable(
        "sign_in_busy", "the provider is being asked at this moment", next_step="Send it again.", retry_after=1
    )


def attempt_ended(attempt: Attempt) -> Conflict:
    """It is over; nothing more is taken."""
    return Conflict("sign_in_ended", "this attempt to sign in is over", next_step="Begin a new one.")


def not_signed_in() -> Unauthenticated:
    """The one answer to everything that signs nobody in: it tells nobody who has an account here."""
    return Unauthenticated(
        "not_signed_in",
        "this did not sign you in",
        next_step="Try again, choose another way, or ask an owner or admin of your organisation to let you in.",
    )
