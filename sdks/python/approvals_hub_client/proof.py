"""Proof tokens, checked without a network: who may rely on what, from the hub's published keys alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from approvals_hub_client import paseto
from approvals_hub_client.assurance import NOTHING, Proven
from approvals_hub_client.canonical import CanonicalError, sha256_text, unb64u
from approvals_hub_client.keys import BadKey, Ed25519Key
from approvals_hub_client.statement import action_hash
from approvals_hub_client.times import present, to_milliseconds


class BadProof(ValueError):
    """The token proves nothing here.

    `reason` is one word for programs: BadToken's, or `action`, `decision`, `acr`, `methods`, `amr`, `auth_ref`.
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep the word for programs beside the sentence for people."""
        super().__init__(message)
        self.reason = reason


def trusted_keys(published: Mapping[str, Any], now: int) -> dict[str, Ed25519Key]:
    """The token keys of `/v1/public-keys` that may be relied on at `now` (milliseconds), by kid.

    Left out: keys past `valid_until`, keys marked compromised (a proof of such a key counts only with an inclusion
    proof, which is not checked here), and entries whose kid is not the key's own PASERK id.
    """
    keys = {}
    for entry in published["keys"]:
        try:
            key = Ed25519Key(unb64u(entry["public_key"]))
            until = entry["valid_until"]
            alive = until is None or now < to_milliseconds(until)
        except (BadKey, CanonicalError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if alive and entry.get("compromised_at") is None and entry.get("kid") == paseto.key_id(key):
            keys[entry["kid"]] = key
    return keys


def verify_proof_offline(
    token: str,
    keys: Mapping[str, Any],
    audience: str,
    action: Mapping[str, Any] | None = None,
    *,
    issuer: str | None = None,
    now: int | None = None,
    leeway: int = 0,
    proven: Proven = NOTHING,
) -> dict[str, Any]:
    """The claims of a proof token that is good at `now` (milliseconds; the present unless given). Opens no socket.

    `keys` is what `/v1/public-keys` answered, or keys by kid; `audience` is the verifier's own name; with `action`
    (salt included) the proof must be for exactly that action. `proven` says how surely everybody who approved must have
    proven who they are: without it a proof of an action that no person saw is good too. A proof is evidence, never
    permission.

    Raises BadProof; TypeError for an audience that is no name (None, empty), and for times that are no numbers.
    """
    if not isinstance(audience, str) or not audience:
        raise TypeError("audience is the name of who verifies: without it a proof for anybody would do")
    moment = present() if now is None else now
    # Compared with anything else a token would never expire.
    if not all(isinstance(each, int | float) and isfinite(each) for each in (moment, leeway)):
        raise TypeError("now and leeway are milliseconds")
    by_kid = trusted_keys(keys, moment) if "keys" in keys else keys
    try:
        claims = paseto.decode(
            by_kid, token, implicit=paseto.PROOF, audience=audience, now=moment, issuer=issuer, leeway=leeway
        )
    except paseto.BadToken as error:
        raise BadProof(error.reason, str(error)) from None
    if claims.get("decision") != "ALLOW":
        raise BadProof("decision", "the token proves no permission")
    try:
        if action is not None and action_hash(action) != claims.get("action_hash"):
            raise BadProof("action", "the proof is for another action")
    except CanonicalError as error:
        raise BadProof("action", f"the action has no canonical form: {error}") from None
    lacking = proven.lacking(claims)
    if lacking is not None:
        raise BadProof(lacking.reason, lacking.message)
    return claims


def proof_hash(token: str) -> str:
    """How a later proof names this one in `prev`: the hash of its only text. Raises BadToken for what is no token."""
    paseto.kid_of(token)
    return sha256_text(token.encode())
