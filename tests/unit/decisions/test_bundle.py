"""The parts of a bundle, made of rows."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.clock import to_text
from approvals_hub.decisions.bundle import answer_part, entry_of, of_devices, places, public_key_of
from approvals_hub.keys.key import TOKEN, SigningKey
from approvals_hub_client.canonical import dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import key_id
from approvals_hub_client.trust import plain

KEY = Ed25519SigningKey(bytes([7] * 32)).public
ROW: dict[str, Any] = {
    "id": "dec_1",
    "approver_id": "per_1",
    "device_id": "dev_1",
    "decision": "approve",
    "at": 0,
    "superseded_at": None,
    "kind": "device_key",
    "key_hash": "sha256:x",
    "jwk": dumps(KEY.jwk).decode(),
    "public_key": None,
}
SIGNED: dict[str, Any] = {
    "statement": "e30",
    "signature": "AA",
    "assertion": None,
    "reason": "secret",
    "reason_salt": "x",
}


def body(kind: str, **detail: Any) -> bytes:
    return dumps({"kind": kind, "actor_id": "per_1", "detail": detail, "more": 1})


def test_a_key_is_shown_as_the_hub_publishes_it() -> None:
    key = SigningKey(kid=key_id(KEY), purpose=TOKEN, public=KEY, created_at=0, active_from=0, compromised_at=5)
    shown = public_key_of(key)
    assert shown.key() == KEY
    assert (shown.compromised_at, shown.valid_until) == (to_text(5), None)


def test_an_answer_leaves_out_the_words_of_its_reason() -> None:
    part = answer_part(ROW, SIGNED, {"dev_1"})  # type: ignore[arg-type]  # a mapping, as a row is
    assert "secret" not in msgspec.json.encode(part).decode()
    assert (part.key.enrolled, part.key.jwk) == ("here", dict(KEY.jwk))
    assert answer_part(ROW, SIGNED, set()).key.enrolled == "elsewhere"  # type: ignore[arg-type]  # as above


def test_of_a_passkeys_answer_what_browsers_add_is_left_out() -> None:
    response = {"clientDataJSON": "a", "authenticatorData": "b", "signature": "c", "userHandle": "who"}
    row = {**ROW, "kind": "passkey", "jwk": None, "public_key": b"cose"}
    signed = {**SIGNED, "signature": None, "assertion": {"id": "x", "response": response}}
    part = answer_part(row, signed, set())  # type: ignore[arg-type]  # as above
    assert plain(part.assertion) == {"client_data": "a", "authenticator_data": "b", "signature": "c"}
    assert part.key.cose == "Y29zZQ"


def test_entries_are_found_by_device_and_answer() -> None:
    entries = [
        entry_of(0, body("device.enrolled", device_id="dev_1")),
        entry_of(1, body("device.enrolled", device_id="dev_2")),
        entry_of(2, body("decision.recorded", decision_id="dec_1")),
    ]
    assert [entry.index for entry in of_devices(entries, {"dev_2"})] == [1]
    assert places(entries) == {"dec_1": 2}
