"""Chains of proofs: each names in `prev` the proofs that its hub had seen and verified. Verified offline. Pure.

```
{"format": "approvals-hub.chain.v1",
 "hops": [{"token": "v4.public.…", "action": {…} or null}, …],     the oldest first
 "hubs": [what /v1/public-keys of each hub answered, …]}           believed only where no key is named from elsewhere
```
A proof lives for minutes, a chain is looked at for years: a hop is good when its key was valid as it signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from approvals_hub_client import paseto
from approvals_hub_client.canonical import CanonicalError, dumps, loads
from approvals_hub_client.proof import proof_hash
from approvals_hub_client.statement import action_hash
from approvals_hub_client.times import to_milliseconds
from approvals_hub_client.trust import SKEW, TOKEN, Published, Trust, Untrusted, as_published, choose, plain, read_trust

FORMAT = "approvals-hub.chain.v1"
MAXIMUM_BYTES = 4 * 1024 * 1024
"""The longest chain that is read, in bytes."""
MAXIMUM_HOPS = 64
COUNTERPARTIES_LIMIT = 8
"""How many proofs of counterparties one redemption takes."""
PROOF_LIMIT = 16 * 1024
"""The longest proof of a counterparty that a hub takes, in characters."""


class Hop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One proof, and the action (salt included) that it is for, where whoever shows the chain shows that too."""

    token: str
    action: dict[str, Any] | None = None


class Chain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    format: str
    hops: list[Hop]
    hubs: list[Published] = []


class BadHop(msgspec.Struct, frozen=True):
    """The first thing that does not hold: which hop (the first is 1; 0 is the file), its part, and why."""

    hop: int
    part: str
    why: str


class VerifiedHop(msgspec.Struct, frozen=True, kw_only=True):
    """What one proof says. `action_shown`: its action was there. `pinned`: its key came from elsewhere, and as a
    key of this very issuer; otherwise who the issuer is, is the file's word."""

    proof_hash: str
    kid: str
    pinned: bool
    action_shown: bool
    claims: dict[str, Any]


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """The hops that hold, the oldest first, and the first thing that does not."""

    ok: bool
    hops: list[VerifiedHop]
    first_bad: BadHop | None


class _Broken(Exception):
    def __init__(self, part: str, why: str) -> None:
        super().__init__(why)
        self.part = part


def write_chain(hops: Iterable[tuple[str, dict[str, Any] | None]], hubs: Iterable[dict[str, Any]] = ()) -> bytes:
    """A chain's file: proof tokens with their actions, the oldest first, and what their hubs published.

    Raises ValueError where one of `hubs` is not what `/v1/public-keys` answers.
    """
    told = [as_published(hub) for hub in hubs]
    chain = Chain(format=FORMAT, hops=[Hop(token=token, action=action) for token, action in hops], hubs=told)
    return dumps(plain(chain))


def verify_chain(data: bytes, *, trust: Trust | Iterable[bytes | str] = ()) -> ChainReport:
    """Walk a chain; opens no socket and no file. `trust` as in `verify_bundle`. Raises ValueError for no key."""
    believed = trust if isinstance(trust, Trust) else read_trust(trust)
    hops: list[VerifiedHop] = []
    try:
        chain = _read(data)
    except _Broken as broken:
        return ChainReport(ok=False, hops=[], first_bad=BadHop(0, broken.part, str(broken)))
    try:
        for hop in chain.hops:
            hops.append(_verify_hop(chain, hop, hops, believed))
        _check_whole(hops)
    except _Broken as broken:
        return ChainReport(ok=False, hops=hops, first_bad=BadHop(len(hops) + 1, broken.part, str(broken)))
    return ChainReport(ok=True, hops=hops, first_bad=None)


def _read(data: bytes) -> Chain:
    if len(data) > MAXIMUM_BYTES:
        raise _Broken("format", f"a chain has at most {MAXIMUM_BYTES} bytes")
    try:
        value = loads(data, max_depth=40)
    except CanonicalError as error:
        raise _Broken("format", f"not strict JSON: {error}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _Broken("format", f"this is no {FORMAT} file")
    try:
        chain = msgspec.convert(value, Chain)
    except msgspec.ValidationError as error:
        raise _Broken("format", str(error)) from None
    if not 1 <= len(chain.hops) <= MAXIMUM_HOPS or len(chain.hubs) > MAXIMUM_HOPS:
        raise _Broken("format", f"a chain has 1 to {MAXIMUM_HOPS} hops and as many hubs at most")
    return chain


def _verify_hop(chain: Chain, hop: Hop, before: list[VerifiedHop], trust: Trust) -> VerifiedHop:
    try:
        kid, digest = paseto.kid_of(hop.token), proof_hash(hop.token)
    except paseto.BadToken as error:
        raise _Broken("token", str(error)) from None
    if any(earlier.proof_hash == digest for earlier in before):
        raise _Broken("token", "the same proof stands in the chain twice")
    claims, pinned = _open(chain, hop.token, kid, trust)
    shown = hop.action is not None
    try:
        if hop.action is not None and action_hash(hop.action) != claims.get("action_hash"):
            raise _Broken("action", "the action is not the one that the proof is for")
    except CanonicalError as error:
        raise _Broken("action", f"it has no canonical form: {error}") from None
    _check_links(claims, before)
    return VerifiedHop(proof_hash=digest, kid=kid, pinned=pinned, action_shown=shown, claims=claims)


def _open(chain: Chain, token: str, kid: str, trust: Trust) -> tuple[dict[str, Any], bool]:
    """The claims of a proof whose key was its own issuer's, and good when it signed."""
    issuer = _unverified_issuer(token)
    declared = [key for hub in chain.hubs if hub.issuer == issuer for key in hub.keys]
    try:
        key, published = choose(kid, TOKEN, issuer=issuer, declared=declared, trust=trust)
    except Untrusted as error:
        raise _Broken("key", str(error)) from None
    if trust and not trust.has(key):
        raise _Broken("key", f"{kid} is not one of the keys that you trust")
    try:
        claims = loads(paseto.verify(key, token, implicit=paseto.PROOF))
        made = to_milliseconds(str(claims["iat"]))
    except paseto.BadToken as error:
        raise _Broken("signature", str(error)) from None
    except (CanonicalError, ValueError, KeyError, TypeError):
        raise _Broken("token", "the payload is not that of a proof") from None
    if claims.get("kid") != kid or claims.get("decision") != "ALLOW" or "purpose" in claims:
        raise _Broken("token", "the token is no proof that something was allowed")
    try:
        published.check_at(made)
    except Untrusted as error:
        raise _Broken("key", str(error)) from None
    if published.compromised_at is not None:
        raise _Broken("key", f"{kid} was marked compromised: its proofs count only in a bundle, with the log")
    return claims, trust.is_of(key, issuer)


def _unverified_issuer(token: str) -> str:
    """Whose token it says it is: good for looking up the keys of that hub, with which it is verified then."""
    try:
        claims = loads(paseto.unverified(token))
    except (paseto.BadToken, CanonicalError):
        raise _Broken("token", "the payload is not that of a proof") from None
    if not isinstance(claims, dict) or not isinstance(claims.get("iss"), str):
        raise _Broken("token", "the proof names no issuer")
    return str(claims["iss"])


def _check_links(claims: dict[str, Any], before: list[VerifiedHop]) -> None:
    """Every proof that it names stands before it, and was made before it."""
    links = links_of(claims)
    if links is None:
        raise _Broken("prev", "prev is a list of different hashes of proofs")
    known = {earlier.proof_hash: earlier for earlier in before}
    for link in links:
        if link not in known:
            raise _Broken("prev", f"it names a proof that does not stand before it: {link}")
        if to_milliseconds(known[link].claims["iat"]) > to_milliseconds(claims["iat"]) + SKEW:
            raise _Broken("prev", "it names a proof that is younger than itself")


def links_of(claims: dict[str, Any]) -> list[str] | None:
    """The hashes in `prev`; None where it is not a list of different texts."""
    links = claims.get("prev")
    if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
        return None
    return links if len(set(links)) == len(links) <= COUNTERPARTIES_LIMIT else None


def _check_whole(hops: list[VerifiedHop]) -> None:
    """Every hop but the last is named by a later one: a proof that nobody relied on is no part of the chain."""
    named = {link for hop in hops for link in hop.claims["prev"]}
    for place, hop in enumerate(hops[:-1]):
        if hop.proof_hash not in named:
            del hops[place:]
            raise _Broken("prev", "no later proof names this one: they are not one chain")
