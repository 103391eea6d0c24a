"""The bytes of an entry and the MAC beside them."""

from __future__ import annotations

import hmac
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.audit.entry import Chain, Entry, encode
from approvals_hub.audit.event import Detail

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)
values = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts | st.lists(texts)


@given(text=texts, detail=st.dictionaries(names, values))
def test_whatever_an_entry_holds_its_bytes_are_rfc_8785(text: str, detail: Detail) -> None:
    entry = Entry(
        text, None, text, "hub", None, None, detail, None, "e", "k", "o", None, None, 0, True, None, "t", 1, "w"
    )
    body = encode(entry)
    assert rfc8785.dumps(json.loads(body)) == body


def test_the_members_of_an_entry_are_declared_in_sorted_order() -> None:
    assert list(Entry.__struct_fields__) == sorted(Entry.__struct_fields__)


@given(key=st.binary(min_size=32, max_size=32), previous=st.binary(min_size=32, max_size=32), body=st.binary())
def test_the_chain_is_hmac_sha256(key: bytes, previous: bytes, body: bytes) -> None:
    assert Chain(key).next(previous, body) == hmac.digest(key, previous + body, "sha256")


def test_a_mac_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Chain(b"short")
