"""Proofs of counterparties that a redemption comes with: read strictly, verified against trusted keys. Pure.

A proof is evidence that another party was allowed something. Which one, and whether that is enough, is for policy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from approvals_hub.core.clock import SECOND, to_milliseconds
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Conflict, Invalid
from approvals_hub_client import paseto
from approvals_hub_client.chain import COUNTERPARTIES_LIMIT, PROOF_LIMIT, links_of
from approvals_hub_client.keys import Ed25519Key
from approvals_hub_client.paseto import BadToken
from approvals_hub_client.proof import proof_hash

SKEW = 30 * SECOND
"""How far the clocks of two hubs may differ, in milliseconds."""


class Handed(Discreet, msgspec.Struct, frozen=True):
    """A proof in its strict form; nothing of it is verified yet. `kid` is the key that it claims."""

    not_printed = ("token",)

    token: str
    kid: str
    proof_hash: str


class Believed(msgspec.Struct, frozen=True, kw_only=True):
    """A key that may vouch: whose it is, from when to when, and the names that its proofs may bear as audience."""

    key: Ed25519Key
    issuer: str
    audiences: frozenset[str]
    valid_from: int | None = None
    valid_until: int | None = None

    def at(self, moment: int) -> bool:
        """Whether it is valid at this moment."""
        early = self.valid_from is not None and moment < self.valid_from - SKEW
        return not early and (self.valid_until is None or moment < self.valid_until)


class Counterparty(Discreet, msgspec.Struct, frozen=True):
    """A verified proof."""

    not_printed = ("token",)

    issuer: str
    jti: str
    proof_hash: str
    token: str


def read_proofs(tokens: Sequence[str]) -> list[Handed]:
    """The proofs as they were handed in. Raises Invalid for too many, one that is no token, or one that came twice."""
    if len(tokens) > COUNTERPARTIES_LIMIT:
        raise Invalid(
            "counterparty_proofs_limit",
            f"a redemption takes at most {COUNTERPARTIES_LIMIT} proofs of counterparties",
            next_step="Hand in those that it relies on.",
            field="$.counterparty_proofs",
        )
    handed: list[Handed] = []
    for place, token in enumerate(tokens):
        try:
            if len(token) > PROOF_LIMIT:
                raise BadToken("malformed", f"a proof has at most {PROOF_LIMIT} characters")
            one = Handed(token, paseto.kid_of(token), proof_hash(token))
        except BadToken as error:
            raise bad_proof(place, error.reason, str(error)) from None
        if any(one.proof_hash == other.proof_hash for other in handed):
            raise bad_proof(place, "repeated", "the same proof was handed in twice")
        handed.append(one)
    return handed


def verify_proofs(
    handed: Sequence[Handed],
    keys: Mapping[str, Believed],
    *,
    mine: Collection[str],
    by: str,
    since: int,
    now: int,
) -> list[Counterparty]:
    """The verified proofs, in order. Raises Invalid with the place of the first that does not hold, and why.

    A proof lives for minutes, and people may take longer: it must have been good when the question was opened (`since`,
    milliseconds), or later. `mine` are names that stand for whoever redeems, beside those that were written down; `by`
    is the agent that relies on them: its own proof is no counterparty's.
    """
    found: list[Counterparty] = []
    links: list[list[str]] = []
    for place, one in enumerate(handed):
        claims = _claims(place, one, keys, mine=mine, by=by, since=since, now=now)
        before = links_of(claims)
        if before is None:
            raise bad_proof(place, "malformed", "its prev is no list of different hashes")
        links.append(before)
        if (claims["iss"], claims["jti"]) in {(other.issuer, other.jti) for other in found}:
            raise bad_proof(place, "repeated", "another proof of the same redemption was handed in")
        found.append(Counterparty(claims["iss"], claims["jti"], one.proof_hash, one.token))
    later: set[str] = set()
    for place in reversed(range(len(found))):
        if later.intersection(links[place]):
            raise bad_proof(place, "order", "it names a proof that was handed in after it: the oldest comes first")
        later.add(found[place].proof_hash)
    return found


def bad_proof(place: int, reason: str, detail: str) -> Invalid:
    """One of the proofs is not one that may be relied on; `reason` is one word for programs."""
    return Invalid(
        "counterparty_proof_invalid",
        f"proof {place + 1} of the counterparties: {detail}",
        next_step="Ask the counterparty for a fresh proof that names you as its audience. Nothing was redeemed.",
        field=f"$.counterparty_proofs[{place}]",
        extra={"reason": reason},
    )


def used_proof(place: int) -> Conflict:
    """A proof is relied on once: a second sale under one buyer's proof is one that nobody allowed."""
    return Conflict(
        "counterparty_proof_used",
        f"proof {place + 1} of the counterparties was relied on before",
        next_step="Ask the counterparty for a proof of its own for this. Nothing was redeemed.",
        extra={"place": place},
    )


def _claims(
    place: int, one: Handed, keys: Mapping[str, Believed], *, mine: Collection[str], by: str, since: int, now: int
) -> dict[str, Any]:
    known = keys.get(one.kid)
    if known is None or not known.at(now):
        raise bad_proof(place, "unknown_key", "its key is none that this organisation trusts now")
    age = max(0, now - since)
    try:
        claims = paseto.decode(
            {one.kid: known.key},
            one.token,
            implicit=paseto.PROOF,
            audience=None,
            now=now,
            issuer=known.issuer,
            leeway=age + SKEW,
        )
        # The leeway is for an end that has passed, never for a beginning that has not come.
        if any(to_milliseconds(claims[name]) > now + SKEW for name in ("iat", "nbf") if name in claims):
            raise BadToken("not_yet_valid", "the token is not valid yet")
    except BadToken as error:
        raise bad_proof(place, error.reason, str(error)) from None
    if by in (claims.get("sub"), claims.get("agent_id")):
        raise bad_proof(place, "own", "it is the agent's own, and no other party's")
    if claims.get("aud") not in known.audiences and claims.get("aud") not in mine:
        raise bad_proof(place, "audience", "it is meant for somebody else")
    if claims.get("decision") != "ALLOW":
        raise bad_proof(place, "decision", "it proves no permission")
    if not isinstance(claims.get("jti"), str) or not 1 <= len(claims["jti"]) <= 128 or "iat" not in claims:
        raise bad_proof(place, "malformed", "it has no jti or iat")
    return claims
