"""The plain proof of the vectors, and how others are made from it: keys, claims, payloads and footers of every kind."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pyseto

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps, loads, sha256_text, unb64u
from approvals_hub_client.keys import Ed25519SigningKey

Case = dict[str, Any]


def _seed(name: str) -> bytes:
    return sha256(b"approvals-hub test vector: " + name.encode()).digest()


HUB, OLD, LOST, OTHER = (Ed25519SigningKey(_seed(name)) for name in ("hub", "old hub", "lost", "other hub"))
KID = paseto.key_id(HUB.public)
NAMED = KID.encode()
ISSUER = "https://hub.example.com"
NOW, LATER = "2026-11-21T01:42:00.000Z", "2026-11-21T01:42:00.001Z"
ACTION = {
    "action_type": "payment.execute",
    "payload": {
        "amount_minor": 125000,
        "note": 'Hyra "åtta rum" 🏠\n\u0001\\ €',
        "numbers": [0.25, 1e21, 1e-7, 1.5e-9, 9007199254740991, -9007199254740991, 333333333.3333333, 1e-6, 5e-324],
        "\ufb33": 1,  # after the next one by UTF-16 units, before it by code points
        "😀": 2,
        "__proto__": {"decision": "ALLOW"},
        "": None,
    },
    "salt": "AAECAwQFBgcICQoLDA0ODw",
}
WRITTEN = dumps(ACTION).decode()
CLAIMS = {
    "iss": ISSUER,
    "aud": "bank.example.com",
    "iat": "2026-11-21T01:41:00.000Z",
    "exp": "2026-11-21T01:46:00.000Z",
    "kid": KID,
    "action_hash": sha256_text(dumps(ACTION)),
    "decision": "ALLOW",
}
PLAIN = dumps(CLAIMS)


def published(*entries: object) -> Case:
    """What is asked of a case with other keys."""
    return {"keys": {"keys": list(entries)}}


def entry(raw: bytes = HUB.public.raw, **changes: Any) -> Case:
    """A key, or what is none, as `/v1/public-keys` shows it; a member that is `...` is left out."""
    members = {
        "kid": paseto.key_id(raw),
        "purpose": "token",
        "public_key": b64u(raw),
        "paserk": paseto.paserk(raw),
        "active_from": "2026-01-01T00:00:00.000Z",
        "retired_at": None,
        "valid_until": None,
        "compromised_at": None,
        **changes,
    }
    return {name: value for name, value in members.items() if value is not ...}


def text(payload: bytes = PLAIN, *, key: Ed25519SigningKey = HUB, kid: str = KID, implicit: bytes = b"") -> str:
    """The token of a payload."""
    return paseto.sign(key, kid, payload, implicit=implicit)


def says(**changes: Any) -> str:
    """A token with these claims; what is `...` is left out."""
    return text(dumps({name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}))


def raw(value: bytes) -> str:
    """A token whose payload has this text for its last member's value."""
    return text(PLAIN[:-1] + b',"x":' + value + b"}")


def under(key: Ed25519SigningKey) -> str:
    """The plain token by another key, under that key's id."""
    kid = paseto.key_id(key.public)
    return text(dumps({**CLAIMS, "kid": kid}), key=key, kid=kid)


def footed(footer: bytes) -> str:
    """A token with another footer, signed with it."""
    return str(pyseto.encode(pyseto.Key.from_asymmetric_key_params(4, d=HUB.seed), PLAIN, footer), "ascii")


def signed(token: str, signature: bytes, footer: bytes | None = None) -> str:
    """The token with another signature, maybe footer."""
    _, _, body, foot = token.split(".")
    return f"v4.public.{b64u(unb64u(body)[:-64] + signature)}.{foot if footer is None else b64u(footer)}"


def claims_of(token: str) -> str:
    """The canonical text of what a token says."""
    return dumps(loads(paseto.unverified(token))).decode()
