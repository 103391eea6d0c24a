"""Envelope encryption, and the file that holds the keys of all keys."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.sealing import (
    KeyEncryptionKeys,
    KeyFileError,
    Mac,
    SealBroken,
    create_key_file,
    derive,
    new_key,
    read_key_file,
    seal,
    unseal,
    with_new_active,
    write_key_file,
)

KEY = bytes(range(32))


@given(st.binary(), st.text())
def test_what_was_sealed_opens_with_the_same_key_and_context(plain: bytes, context: str) -> None:
    assert unseal(KEY, seal(KEY, plain, context), context) == plain


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    assert seal(KEY, b"x", "a") != seal(KEY, b"x", "a")


def test_a_row_moved_to_another_record_does_not_open() -> None:
    sealed = seal(KEY, b"secret", "escalation:esc_1")
    with pytest.raises(SealBroken):
        unseal(KEY, sealed, "escalation:esc_2")


def test_another_tenants_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        unseal(bytes(32), seal(KEY, b"secret", "a"), "a")


@pytest.mark.parametrize("place", range(1 + 24 + 6 + 16))
def test_a_changed_byte_anywhere_does_not_open(place: int) -> None:
    sealed = bytearray(seal(KEY, b"secret", "a"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), "a")


@pytest.mark.parametrize("length", [0, 1, 24, 40])
def test_a_cut_value_does_not_open(length: int) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"secret", "a")[:length], "a")


def test_a_wrapped_key_opens_for_its_own_scope_alone() -> None:
    keks = KeyEncryptionKeys({"kek_a": KEY})
    kek_id, wrapped = keks.wrap(b"d" * 32, "org_1")
    assert keks.unwrap(kek_id, wrapped, "org_1") == b"d" * 32
    with pytest.raises(SealBroken):
        keks.unwrap(kek_id, wrapped, "org_2")


def test_a_key_that_is_not_in_the_file_opens_nothing() -> None:
    _, wrapped = KeyEncryptionKeys({"kek_a": KEY}).wrap(b"d" * 32, "org_1")
    with pytest.raises(SealBroken, match="kek_a is not in the key file"):
        KeyEncryptionKeys({"kek_b": KEY}).unwrap("kek_a", wrapped, "org_1")


def test_the_first_key_wraps_and_all_of_them_unwrap() -> None:
    old = KeyEncryptionKeys({"kek_a": KEY})
    both = with_new_active(old)
    assert both.active != "kek_a"
    assert both.wrap(b"d" * 32, "org_1")[0] == both.active
    assert both.unwrap(*old.wrap(b"d" * 32, "org_1"), "org_1") == b"d" * 32


def test_a_new_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    create_key_file(tmp_path / "kek")
    assert stat.S_IMODE((tmp_path / "kek").stat().st_mode) == 0o600


def test_a_new_key_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_key_file(tmp_path / "kek")
        write_key_file(tmp_path / "kek", with_new_active(read_key_file(tmp_path / "kek")))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "kek").stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten_by_a_new_one(tmp_path: Path) -> None:
    made = create_key_file(tmp_path / "kek")
    with pytest.raises(FileExistsError):
        create_key_file(tmp_path / "kek")
    assert read_key_file(tmp_path / "kek") == made


def test_replacing_the_file_keeps_the_order_of_its_keys(tmp_path: Path) -> None:
    both = with_new_active(create_key_file(tmp_path / "kek"))
    write_key_file(tmp_path / "kek", both)
    assert list(read_key_file(tmp_path / "kek").keys.items()) == list(both.keys.items())


def test_a_file_that_a_killed_rotation_left_behind_is_no_obstacle(tmp_path: Path) -> None:
    keks = create_key_file(tmp_path / "kek")
    (tmp_path / "kek.new").write_text("half a li")
    write_key_file(tmp_path / "kek", keks)
    assert [path.name for path in tmp_path.iterdir()] == ["kek"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o660])
def test_a_key_file_that_others_can_touch_is_refused_with_the_fix(tmp_path: Path, mode: int) -> None:
    create_key_file(tmp_path / "kek")
    (tmp_path / "kek").chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_key_file(tmp_path / "kek")


def test_a_missing_key_file_is_refused_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="init"):
        read_key_file(tmp_path / "kek")


GOOD = f"kek_a {b64encode(KEY).decode()}\n"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"kek_a\n",
        b"kek_a AAAA\n",
        b"kek_a not base64 at all\n",
        GOOD.replace("kek_", "key_").encode(),
        (GOOD + GOOD).encode(),
        (GOOD + "\n").encode(),
        GOOD.encode() + b"\xff\xfe\n",
        b"\xff" * 64,
        f"kek_a  {b64encode(KEY).decode()}\n".encode(),
    ],
)
def test_a_malformed_key_file_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "kek"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        read_key_file(path)


def test_the_message_about_a_malformed_file_shows_no_key(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    path.write_text(GOOD + GOOD)
    path.chmod(0o600)
    with pytest.raises(KeyFileError) as refused:
        read_key_file(path)
    assert b64encode(KEY).decode() not in str(refused.value)


def test_new_keys_differ() -> None:
    assert len({new_key() for _ in range(100)}) == 100


def test_keys_that_are_printed_by_accident_show_nothing() -> None:
    assert repr(KEY) not in repr(KeyEncryptionKeys({"kek_a": KEY}))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.binary(max_size=200))
def test_a_mac_is_hmac_sha256_of_both_parts(key: bytes, first: bytes, second: bytes) -> None:
    mac = Mac(key)
    for _ in range(2):
        assert mac.of(first, second) == hmac.digest(key, first + second, "sha256")


def test_a_mac_with_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Mac(b"short")


def test_a_derived_key_is_one_block_of_hkdf_expand() -> None:
    assert derive(b"k" * 32, "nonces") == hmac.digest(b"k" * 32, b"nonces\x01", hashlib.sha256)


def test_keys_for_two_uses_differ() -> None:
    assert derive(bytes(32), "nonces") != derive(bytes(32), "audit-mac")
