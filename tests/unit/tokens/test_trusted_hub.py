"""What can be written down as a hub that is trusted."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.tokens.trusted_hub import (
    AUDIENCES_LIMIT,
    KEYS_LIMIT,
    OfferedKey,
    check_hub,
    key_known,
    kid_of,
    read_keys,
    taken,
    too_many,
    unknown,
)
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import key_id, paserk

KEY = Ed25519SigningKey(bytes([7] * 32)).public


def test_a_hub_with_a_name_an_issuer_and_our_names_is_one() -> None:
    check_hub("Alice's hub", "https://a.example", ["us.example"])


@pytest.mark.parametrize(
    ("name", "issuer", "audiences", "code"),
    [
        ("", "https://a.example", [], "name_invalid"),
        (" ", "https://a.example", [], "name_invalid"),
        ("x" * 81, "https://a.example", [], "name_invalid"),
        ("a\u202eb", "https://a.example", [], "name_invalid"),
        ("A", "", [], "issuer_invalid"),
        ("A", "https://a example", [], "issuer_invalid"),
        ("A", "https://ä.example", [], "issuer_invalid"),
        ("A", "x" * 256, [], "issuer_invalid"),
        ("A", "https://a.example", [""], "audiences_invalid"),
        ("A", "https://a.example", ["a b"], "audiences_invalid"),
        ("A", "https://a.example", [str(n) for n in range(AUDIENCES_LIMIT + 1)], "audiences_invalid"),
    ],
)
def test_what_cannot_be_one_is_refused_with_its_field(name: str, issuer: str, audiences: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_hub(name, issuer, audiences)
    assert refused.value.code == code
    assert refused.value.field == "$." + code.removesuffix("_invalid")


def test_keys_are_read_from_paserk_texts() -> None:
    [(key, offered)] = read_keys([OfferedKey(paserk=paserk(KEY), valid_until=5)], own=False)
    assert (kid_of(key), offered.valid_until) == (key_id(KEY), 5)
    assert read_keys([], own=True) == []


@pytest.mark.parametrize(
    ("keys", "own", "code"),
    [
        ([], False, "keys_count"),
        ([OfferedKey(paserk=paserk(KEY))] * (KEYS_LIMIT + 1), False, "keys_count"),
        ([OfferedKey(paserk=paserk(KEY))], True, "keys_of_own_hub"),
        ([OfferedKey(paserk=paserk(KEY))] * 2, False, "key_repeated"),
        ([OfferedKey(paserk="k4.public.")], False, "key_invalid"),
        ([OfferedKey(paserk="k4.public." + "A" * 43)], False, "key_invalid"),
        ([OfferedKey(paserk="k4.secret." + "A" * 86)], False, "key_invalid"),
        ([OfferedKey(paserk=paserk(KEY), valid_from=2, valid_until=2)], False, "key_never_valid"),
    ],
)
def test_keys_that_are_none_or_of_nobody_are_refused(keys: Any, own: bool, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_keys(keys, own=own)
    assert refused.value.code == code


def test_refusals_say_what_to_do_next() -> None:
    for refusal in (unknown(), taken("x"), too_many(), key_known("x", revoked=True), key_known("x", revoked=False)):
        assert refusal.next_step
