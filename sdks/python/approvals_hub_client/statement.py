"""What an approver signs, byte for byte, and the other bytes that devices and agents sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from approvals_hub_client.canonical import MAX_INTEGER, CanonicalError, dumps, loads, sha256_text
from approvals_hub_client.times import to_milliseconds

PROFILE = "approvals-hub.decision.v1"
"""The profile of intents and statements, and the prefix of the signed bytes."""

DECISIONS = ("approve", "deny", "not_me")
"""What an approver may answer."""

_hash = re.compile(r"sha256:[0-9a-f]{64}")


class BadStatement(ValueError):
    """The bytes or members are no statement (or intent) of this profile; `field` is the member, where it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        """Name the fault and the member."""
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


def _is_text(value: Any) -> bool:
    return type(value) is str and value != ""


def _is_text_or_null(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_hash(value: Any) -> bool:
    return type(value) is str and _hash.fullmatch(value) is not None


def _is_hash_or_null(value: Any) -> bool:
    return value is None or _is_hash(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value <= MAX_INTEGER


def _is_time(value: Any) -> bool:
    if type(value) is not str or len(value) != len("2026-11-21T01:40:28.123Z"):
        return False
    try:
        to_milliseconds(value)
    except ValueError:
        return False
    return True


def _is_list_of_texts(value: Any) -> bool:
    return type(value) is list and all(map(_is_text, value)) and len(set(value)) == len(value)


_intent: dict[str, Callable[[Any], bool]] = {
    "profile": PROFILE.__eq__,
    "audience": _is_text,
    "org_id": _is_text,
    "escalation_id": _is_text,
    "revision": _is_count,
    "action_hash": _is_hash,
    "presentation_hash": _is_hash,
    "requirement_hash": _is_hash,
    "decision": DECISIONS.__contains__,
    "reason_code": _is_text_or_null,
    "reason_commitment": _is_hash_or_null,
    "match_code": _is_text_or_null,
    "approver_id": _is_text,
    "device_id": _is_text,
    "nonce": _is_text,
    "issued_at": _is_time,
    "expires_at": _is_time,
    "approval_valid_for": _is_count,
}
_statement = {**_intent, "step_up": _is_list_of_texts}

INTENT_MEMBERS = tuple(_intent)
"""The members of an intent: all present, none extra."""

STATEMENT_MEMBERS = tuple(_statement)
"""The members of a statement: an intent's and `step_up`, the ids of the proofs used."""


def intent_hash(intent: Mapping[str, Any]) -> str:
    """`sha256:` text of "approvals-hub.intent.v1" ‖ 0x00 ‖ JCS(intent): what every step-up is bound to.

    Raises BadStatement for members that are not exactly an intent's.
    """
    _require(intent, _intent)
    return sha256_text(b"approvals-hub.intent.v1\0" + dumps(dict(intent)))


def intent_of(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The intent inside a statement: the same members but `step_up`."""
    return {name: statement[name] for name in INTENT_MEMBERS}


def statement_of(received: bytes) -> dict[str, Any]:
    """The statement that these bytes are.

    Raises BadStatement unless they equal the JCS of their own parse and hold every member with a value of its
    type, and none else. Whether the values are the right ones is for the hub to compare.
    """
    try:
        statement = loads(received, max_depth=2)
        if dumps(statement) != received:
            raise BadStatement("the bytes are not the canonical form of what they say")
    except CanonicalError as error:
        raise BadStatement(str(error)) from None
    _require(statement, _statement)
    return dict(statement)


def signed_bytes(statement: Mapping[str, Any] | bytes) -> bytes:
    """What a device key signs: "approvals-hub.decision.v1" ‖ 0x00 ‖ JCS(statement), or ‖ the received bytes."""
    return b"approvals-hub.decision.v1\0" + (statement if isinstance(statement, bytes) else dumps(dict(statement)))


def passkey_challenge(statement: Mapping[str, Any] | bytes) -> bytes:
    """What a passkey signs: the SHA-256 of the signed bytes, 32 bytes."""
    return sha256(signed_bytes(statement)).digest()


def step_up_challenge(step_up_id: str, intent_hash: str) -> bytes:
    """32 bytes: SHA-256("approvals-hub.step-up.v1" ‖ 0x00 ‖ step_up_id ‖ intent_hash), both as their UTF-8 texts.

    The hash text has a fixed length, so no two pairs give the same bytes. Raises BadStatement for another form.
    """
    if not _is_hash(intent_hash):
        raise BadStatement("not a hash text", "intent_hash")
    return sha256(b"approvals-hub.step-up.v1\0" + step_up_id.encode() + intent_hash.encode()).digest()


def reason_commitment(reason: str, salt: bytes) -> str:
    """Commit to a free-text reason: SHA-256("approvals-hub.reason.v1" ‖ 0x00 ‖ salt ‖ UTF-8), salt of 16 bytes."""
    if len(salt) != 16:
        raise BadStatement("the salt has 16 bytes", "reason_commitment")
    return sha256_text(b"approvals-hub.reason.v1\0" + salt + reason.encode())


def action_hash(action: Mapping[str, Any]) -> str:
    """The hash of an action's canonical bytes (salt included). Raises CanonicalError when it has none."""
    return sha256_text(dumps(dict(action)))


def similarity_hash(action: Mapping[str, Any]) -> str:
    """The same for actions that differ only in id and time: hashes `action_type, subject, relying_party, payload`.

    A member that the action lacks is left out.
    """
    alike = ("action_type", "subject", "relying_party", "payload")
    return sha256_text(dumps({name: action[name] for name in alike if name in action}))


def redeem_pop_bytes(*, jti: str, audience: str, action_hash: str, idempotency_key: str, iat: str) -> bytes:
    """What an agent signs to redeem its approval token once; `iat` is an RFC 3339 text."""
    members = {"jti": jti, "audience": audience, "action_hash": action_hash, "idempotency_key": idempotency_key}
    return b"approvals-hub.redeem.v1\0" + dumps({**members, "iat": iat})


def register_bytes(*, invite: str, public_key: str) -> bytes:
    """What a new agent key signs with its invite; `public_key` is base64url. The invite itself enters as a hash."""
    members = {"invite_hash": sha256_text(invite.encode()), "public_key": public_key}
    return b"approvals-hub.register.v1\0" + dumps(members)


def rotate_bytes(*, agent_id: str, public_key: str) -> bytes:
    """What an agent's new key signs to follow the old one; `public_key` is base64url."""
    return b"approvals-hub.rotate.v1\0" + dumps({"agent_id": agent_id, "public_key": public_key})


def enrol_bytes(*, challenge: str, key_thumbprint: str, person_id: str) -> bytes:
    """What a new key signs to prove that it is there (proof of possession)."""
    members = {"challenge": challenge, "key_thumbprint": key_thumbprint, "person_id": person_id}
    return b"approvals-hub.enrol.v1\0" + dumps(members)


def further_key_bytes(*, challenge: str, key_thumbprint: str, person_id: str) -> bytes:
    """What an existing key signs to let a further one in; `key_thumbprint` is the new key's."""
    members = {"challenge": challenge, "key_thumbprint": key_thumbprint, "person_id": person_id}
    return b"approvals-hub.further-key.v1\0" + dumps(members)


def sign_in_bytes(*, challenge: str, device_id: str, audience: str) -> bytes:
    """What a device key signs to open a session; `audience` is the hub's public URL."""
    members = {"challenge": challenge, "device_id": device_id, "audience": audience}
    return b"approvals-hub.sign-in.v1\0" + dumps(members)


def seal_key_bytes(*, seal_key: str, device_id: str, audience: str) -> bytes:
    """What a device key signs to have words sealed to `seal_key`: X25519, in base64url; `audience` is the hub's URL."""
    members = {"seal_key": seal_key, "device_id": device_id, "audience": audience}
    return b"approvals-hub.seal-key.v1\0" + dumps(members)


def _require(members: Any, checks: Mapping[str, Callable[[Any], bool]]) -> None:
    if not isinstance(members, Mapping):
        raise BadStatement("not an object")
    if members.keys() != checks.keys():
        odd = sorted(members.keys() ^ checks.keys())[0]
        raise BadStatement("extra" if odd in members else "missing", odd)
    for name, check in checks.items():
        # `__eq__` and `__contains__` answer NotImplemented or compare equal for foreign types; True alone is yes.
        if check(members[name]) is not True:
            raise BadStatement("not a value of this member", name)
