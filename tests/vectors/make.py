"""Writes tests/vectors/approvals_hub: what every language must produce and refuse, from fixed keys and times.

Run `python -m tests.vectors.make`; a test holds the files equal to what this writes.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from approvals_hub_client import paseto, statement
from approvals_hub_client.canonical import b64u, dumps, sha256_text
from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey
from approvals_hub_client.request_signature import parse, sign
from tests.vectors.make_chain import chains
from tests.vectors.make_proofs import proofs

FOLDER = Path(__file__).parent / "approvals_hub"


def _seed(name: str) -> bytes:
    return sha256(b"approvals-hub test vector: " + name.encode()).digest()


DEVICE, AGENT, HUB = (Ed25519SigningKey(_seed(name)) for name in ("device", "agent", "hub"))
ES256_SECRET = _seed("es256 device")
ES256 = Es256SigningKey(ES256_SECRET)
KID = paseto.key_id(HUB.public)
ACTION = {
    "action_id": "5b1f9d2e-93ab-4b0e-8d5f-0b3b2c9b7a11",
    "action_type": "payment.execute",
    "payload": {"amount_minor": 125000, "currency": "SEK", "note": "Hyra för åtta rum 🏠", "rate": 0.25},
    "principal": {"agent_id": "agt_0d9q3m1k5p7r9t1v3x5z7b9d1f"},
    "relying_party": {"domain": "bank.example.com", "trust_profile": "REGULATED"},
    "requested_at": "2026-11-21T01:40:28.123Z",
    "salt": "AAECAwQFBgcICQoLDA0ODw",
    "subject": {"principal_id": "per_0d9q3m1k5p7r9t1v3x5z7b9d1f"},
}
APPROVE = {
    "profile": statement.PROFILE,
    "audience": "https://hub.example.com",
    "org_id": "org_0d9q3m1k5p7r9t1v3x5z7b9d1f",
    "escalation_id": "esc_0d9q3m1k5p7r9t1v3x5z7b9d1f",
    "revision": 1,
    "action_hash": statement.action_hash(ACTION),
    "presentation_hash": sha256_text(b"presentation"),
    "requirement_hash": sha256_text(b"requirement"),
    "decision": "approve",
    "reason_code": None,
    "reason_commitment": None,
    "match_code": "42",
    "approver_id": "per_1d9q3m1k5p7r9t1v3x5z7b9d1f",
    "device_id": "dev_0d9q3m1k5p7r9t1v3x5z7b9d1f",
    "nonce": "b64url-nonce",
    "issued_at": "2026-11-21T01:40:30.000Z",
    "expires_at": "2026-11-21T01:50:30.000Z",
    "approval_valid_for": 600,
}
REASON, SALT = "Fel mottagare: fråga först", bytes(range(16))
DENY = {
    **APPROVE,
    "decision": "deny",
    "reason_code": "wrong_target",
    "reason_commitment": statement.reason_commitment(REASON, SALT),
    "match_code": None,
}


def _es256_signature(message: bytes) -> str:
    """Deterministic (RFC 6979), so that the file does not change at every run."""
    key = ec.derive_private_key(int.from_bytes(ES256_SECRET, "big"), ec.SECP256R1())
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
    return b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def statements() -> dict[str, Any]:
    """Intents, statements and everything else that people's and agents' keys sign."""
    signed = []
    for intent, step_up in ((APPROVE, []), (APPROVE, ["stp_1", "stp_2"]), (DENY, [])):
        whole = {**intent, "step_up": step_up}
        message = statement.signed_bytes(whole)
        signed.append(
            {
                "intent": intent,
                "intent_hash": statement.intent_hash(intent),
                "statement": whole,
                "statement_jcs": dumps(whole).decode(),
                "signed_bytes": b64u(message),
                "ed25519_signature": b64u(DEVICE.sign(message)),
                "es256_signature": _es256_signature(message),
                "passkey_challenge": b64u(statement.passkey_challenge(whole)),
                "step_up_id": "stp_1",
                "step_up_challenge": b64u(statement.step_up_challenge("stp_1", statement.intent_hash(intent))),
            }
        )
    good = dumps({**APPROVE, "step_up": []}).decode()
    refused = {
        "a member is missing": good.replace('"match_code":"42",', ""),
        "a member too many": good[:-1] + ',"zone":1}',
        "a duplicate key": good.replace('"revision":1', '"revision":1,"revision":1'),
        "members in another order": "{" + good[1:-1].split(",", 1)[1] + "," + good[1:].split(",", 1)[0] + "}",
        "a space": good.replace(":", ": ", 1),
        "an integer written as a float": good.replace('"revision":1', '"revision":1.0'),
        "an integer written as a text": good.replace('"revision":1', '"revision":"1"'),
        "true for an integer": good.replace('"revision":1', '"revision":true'),
        "a negative duration": good.replace('"approval_valid_for":600', '"approval_valid_for":-600'),
        "an unknown decision": good.replace('"approve"', '"APPROVE"'),
        "another profile": good.replace("decision.v1", "decision.v2"),
        "a hash in upper case": good.replace(APPROVE["action_hash"], APPROVE["action_hash"].upper()),
        "an empty text for null": good.replace('"reason_code":null', '"reason_code":""'),
        "an escaped letter": good.replace("hub.example", "\\u0068ub.example"),
        "a time with an offset": good.replace("01:40:30.000Z", "01:40:30.000+00:00"),
        "a time without decimals": good.replace("01:40:30.000Z", "01:40:30Z"),
        "a step-up twice": good.replace('"step_up":[]', '"step_up":["stp_1","stp_1"]'),
        "the prefix left in": "approvals-hub.decision.v1\0" + good,
    }
    person, thumb = "per_1d9q3m1k5p7r9t1v3x5z7b9d1f", DEVICE.public.thumbprint
    proofs = {"challenge": "c2NvcGU", "key_thumbprint": thumb, "person_id": person}
    pop = {
        "jti": "jti_1",
        "audience": "bank.example.com",
        "action_hash": APPROVE["action_hash"],
        "idempotency_key": "k-1",
        "iat": "2026-11-21T01:41:00.000Z",
    }
    sign_in = {"challenge": "c2NvcGU", "device_id": "dev_1", "audience": "https://hub.example.com"}
    seal_key = {"seal_key": b64u(SALT + SALT), "device_id": "dev_1", "audience": "https://hub.example.com"}
    register = {"invite": "inv_secret", "public_key": b64u(AGENT.public.raw)}
    rotate = {"agent_id": "agt_1", "public_key": b64u(AGENT.public.raw)}
    other = {
        "redeem_pop": (pop, statement.redeem_pop_bytes(**pop)),
        "enrol": (proofs, statement.enrol_bytes(**proofs)),
        "further_key": (proofs, statement.further_key_bytes(**proofs)),
        "sign_in": (sign_in, statement.sign_in_bytes(**sign_in)),
        "seal_key": (seal_key, statement.seal_key_bytes(**seal_key)),
        "register": (register, statement.register_bytes(**register)),
        "rotate": (rotate, statement.rotate_bytes(**rotate)),
    }
    return {
        "ed25519": {"seed": b64u(DEVICE.seed), "jwk": DEVICE.public.jwk, "thumbprint": thumb},
        "es256": {"secret": b64u(ES256_SECRET), "jwk": ES256.public.jwk, "thumbprint": ES256.public.thumbprint},
        "action": ACTION,
        "action_jcs": dumps(ACTION).decode(),
        "action_hash": statement.action_hash(ACTION),
        "similarity_hash": statement.similarity_hash(ACTION),
        "reason": {"text": REASON, "salt": b64u(SALT), "commitment": DENY["reason_commitment"]},
        "signed": signed,
        "refused_statements": refused,
        "other": {name: {"members": members, "bytes": b64u(raw)} for name, (members, raw) in other.items()},
    }


def tokens() -> dict[str, Any]:
    """One good proof token, and tokens that a reader refuses, each with the word for why."""
    claims = {
        "iss": "https://hub.example.com",
        "aud": "bank.example.com",
        "iat": "2026-11-21T01:41:00.000Z",
        "exp": "2026-11-21T01:46:00.000Z",
        "kid": KID,
        "action_hash": APPROVE["action_hash"],
        "decision": "ALLOW",
    }

    def token(changes: dict[str, Any] | bytes | None = None, *, kid: str = KID, implicit: bytes = paseto.PROOF) -> str:
        payload = changes if isinstance(changes, bytes) else dumps({**claims, **(changes or {})})
        return paseto.sign(HUB, kid, payload, implicit=implicit)

    good = token()
    head, body, footer = good.rsplit(".", 2)
    twisted = body[:-1] + chr(ord(body[-1]) + 1)  # 12 spare bits: the same bytes for a lenient decoder
    refused = [
        ("malformed", "padding", good + "="),
        ("malformed", "spare bits", f"{head}.{twisted}.{footer}"),
        ("malformed", "another alphabet", f"{head}.{body.replace('-', '+').replace('_', '/')}.{footer}"),
        ("malformed", "a line feed", good + "\n"),
        ("malformed", "no footer", f"{head}.{body}"),
        ("malformed", "another version", good.replace("v4", "v3", 1)),
        ("bad_signature", "an approval token", token(implicit=paseto.APPROVAL)),
        ("bad_signature", "a changed byte", f"{head}.{'A' + body[1:]}.{footer}"),
        ("unknown_key", "another key id", token(kid="k2")),
        ("kid", "claim and footer differ", token({"kid": "k2"})),
        ("malformed", "a duplicate claim", token(dumps(claims)[:-1] + b',"aud":"bank.example.com"}')),
        ("malformed", "NaN", token(dumps(claims)[:-1] + b',"x":NaN}')),
        ("purpose", "another purpose", token({"purpose": "approval"})),
        ("purpose", "a purpose that is null", token({"purpose": None})),
        ("audience", "another audience", token({"aud": "evil.example.com"})),
        ("audience", "a list of audiences", token({"aud": ["bank.example.com"]})),
        ("expired", "expired this very millisecond", token({"exp": "2026-11-21T01:42:00.000Z"})),
        ("not_yet_valid", "issued in the future", token({"iat": "2026-11-21T01:42:00.001Z"})),
        ("not_yet_valid", "not before later", token({"nbf": "2026-11-21T01:42:00.001Z"})),
        ("malformed", "a naive date", token({"exp": "2026-11-21T01:46:00"})),
        ("malformed", "a year alone", token({"exp": "2099"})),
        ("malformed", "a number for a date", token({"exp": 4_000_000_000})),
        ("malformed", "no end", token({"exp": None})),
    ]
    return {
        "seed": b64u(HUB.seed),
        "public_key": b64u(HUB.public.raw),
        "paserk": paseto.paserk(HUB.public),
        "kid": KID,
        "audience": "bank.example.com",
        "now": "2026-11-21T01:42:00.000Z",
        "good": {"token": good, "claims": claims},
        "refused": [{"reason": reason, "name": name, "token": text} for reason, name, text in refused],
    }


def requests() -> dict[str, Any]:
    """A signed request of the profile, with its signature base."""
    from approvals_hub_client.request_signature import base

    uri, body = "https://hub.example.com/v1/escalations?x=1", dumps({"action": ACTION})
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k-1"}
    added = sign(AGENT, "key_1", "POST", uri, headers=headers, body=body, created=1_795_225_228, nonce="nonce-1")
    return {
        "seed": b64u(AGENT.seed),
        "public_key": b64u(AGENT.public.raw),
        "method": "POST",
        "target_uri": uri,
        "body": body.decode(),
        "headers": {**headers, **added},
        "signature_base": base(parse({**headers, **added}), "POST", uri).decode(),
    }


def files() -> dict[str, str]:
    """Every file's name and text."""
    made = {
        "statement.json": statements(),
        "tokens.json": tokens(),
        "request_signature.json": requests(),
        "chain.json": chains(),
        "proofs.json": proofs(),
    }
    return {name: json.dumps(value, indent=1, ensure_ascii=False) + "\n" for name, value in made.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
