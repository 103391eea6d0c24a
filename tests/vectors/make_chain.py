"""The vectors of chains of proofs, from fixed keys and times; `make.py` writes them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from approvals_hub_client import paseto, statement
from approvals_hub_client.canonical import b64u, dumps, loads
from approvals_hub_client.chain import write_chain
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.proof import proof_hash


def _seed(name: str) -> bytes:
    return sha256(b"approvals-hub test vector: " + name.encode()).digest()


def chains() -> dict[str, Any]:
    """A chain of two proofs, of a buyer and a seller at hubs of their own, and what breaks it at each hop."""
    keys = {name: Ed25519SigningKey(_seed(name)) for name in ("buyer", "seller")}
    times = {
        "buyer": ("2026-11-21T01:41:00.000Z", "2026-11-21T01:46:00.000Z"),
        "seller": ("2026-11-21T01:42:00.000Z", "2026-11-21T01:47:00.000Z"),
    }

    def action(name: str, **changes: Any) -> dict[str, Any]:
        kind = {"buyer": "commerce.purchase", "seller": "commerce.sell"}[name]
        return {
            "action_id": f"{name}-1",
            "action_type": kind,
            "payload": {"amount_minor": 8500, "currency": "USD"},
            "salt": "AAECAwQFBgcICQoLDA0ODw",
            **changes,
        }

    def proof(name: str, before: list[str], **changes: Any) -> str:
        key, (iat, exp) = keys[name], times[name]
        claims = {
            "iss": f"https://{name}.example.com",
            "aud": "other.example.com",
            "iat": iat,
            "exp": exp,
            "kid": paseto.key_id(key.public),
            "jti": f"prf_{name}",
            "decision": "ALLOW",
            "action_type": action(name)["action_type"],
            "action_hash": statement.action_hash(action(name)),
            "prev": [proof_hash(token) for token in before],
        }
        return paseto.sign(key, claims["kid"], dumps({**claims, **changes}), implicit=paseto.PROOF)

    bought = proof("buyer", [])
    sold = proof("seller", [bought])
    hops: list[tuple[str, dict[str, Any] | None]] = [(bought, action("buyer")), (sold, action("seller"))]
    hubs = [
        {
            "issuer": f"https://{name}.example.com",
            "keys": [
                {
                    "kid": paseto.key_id(key.public),
                    "purpose": "token",
                    "public_key": b64u(key.public.raw),
                    "paserk": paseto.paserk(key.public),
                    "active_from": "2026-01-01T00:00:00.000Z",
                    "retired_at": None,
                    "valid_until": None,
                    "compromised_at": None,
                }
            ],
            "log_keys": [],
        }
        for name, key in keys.items()
    ]
    dearer = {"amount_minor": 8501, "currency": "USD"}
    refused = [
        (1, "action", "the buyer's action is dearer", [(bought, action("buyer", payload=dearer)), hops[1]]),
        (2, "action", "the seller's action is dearer", [hops[0], (sold, action("seller", payload=dearer))]),
        (
            2,
            "prev",
            "the seller relied on another proof",
            [(proof("buyer", [], jti="prf_2"), action("buyer")), hops[1]],
        ),
        (1, "prev", "the buyer's proof is left out", [hops[1]]),
        (1, "token", "the buyer was denied", [(proof("buyer", [], decision="DENY"), action("buyer")), hops[1]]),
    ]
    return {
        "good": loads(write_chain(hops, hubs)),
        "proof_hashes": [proof_hash(bought), proof_hash(sold)],
        "refused": [
            {"hop": hop, "part": part, "name": name, "chain": loads(write_chain(wrong, hubs))}
            for hop, part, name, wrong in refused
        ],
    }
