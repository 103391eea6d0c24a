"""Addresses that are JSON objects: which are read, and that a refusal quotes nothing."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import msgspec
import pytest

from notify.address import LONGEST, BadAddress, octets, read


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    key: str


class Place(msgspec.Struct, forbid_unknown_fields=True):
    at: str
    inner: Inner


SOUND = {"at": "secret-place", "inner": {"key": "secret-key"}}


def test_an_address_is_read_as_its_members() -> None:
    assert read(json.dumps(SOUND), Place) == Place("secret-place", Inner("secret-key"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (json.dumps({**SOUND, "secret-place": 1}), "its members"),
        (json.dumps({**SOUND, "at": 7}), "$.at"),
        (json.dumps({**SOUND, "inner": {"key": "secret-key", "secret-member": 1}}), "$.inner"),
        (json.dumps({**SOUND, "inner": {"key": ["secret-key"]}}), "$.inner.key"),
        ("secret-place", "no JSON"),
        (json.dumps(SOUND) + "secret", "no JSON"),
        ("", "no JSON"),
        ("\ud800", "no JSON"),
        ("[" * 5000, "no JSON|its members"),
        (json.dumps({**SOUND, "at": "s" * LONGEST}), "too long"),
    ],
)
def test_what_is_no_address_is_refused_with_its_place_and_without_its_words(text: str, told: str) -> None:
    with pytest.raises(BadAddress, match=told.replace("$", r"\$")) as refusal:
        read(text, Place)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("length", [16, 32, 65])
def test_octets_are_read_from_base64url_of_their_length(length: int) -> None:
    raw = bytes(range(length))
    text = urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert octets(text, length=length) == raw
    for wrong in (text[:-1], text + "A", text + "=", "+" + text[1:], "/" + text[1:], " " + text[1:], "å" + text[1:]):
        with pytest.raises(ValueError, match="base64url without padding"):
            octets(wrong, length=length)
