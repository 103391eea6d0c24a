"""Nonces: the hub recognises its own without having written them down."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.escalations.nonce import LIFE, Nonces
from approvals_hub.keys.epoch import Epoch
from approvals_hub_client.canonical import b64u, unb64u

NOW = 1_800_000_000_000
FOR = ("esc_1", "per_1", "dev_1")


def nonces(key: bytes = bytes(32), epoch: str = "epo_1") -> Nonces:
    return Nonces(key, lambda: Epoch(epoch, NOW))


def issued() -> str:
    return nonces().issue(*FOR, NOW)[0]


def test_a_nonce_is_recognised_with_its_end() -> None:
    nonce, until = nonces().issue(*FOR, NOW)
    assert nonces().check(nonce, *FOR) == (unb64u(nonce), until)
    assert until == NOW + LIFE


def test_a_nonce_lives_as_long_as_the_slowest_step_up() -> None:
    assert LIFE >= 10 * MINUTE


def test_two_nonces_of_one_millisecond_differ() -> None:
    assert issued() != issued()


@pytest.mark.parametrize(
    "bound", [("esc_2", "per_1", "dev_1"), ("esc_1", "per_2", "dev_1"), ("esc_1", "per_1", "dev_2")]
)
def test_a_nonce_of_another_escalation_person_or_device_is_refused(bound: tuple[str, str, str]) -> None:
    assert nonces().check(issued(), *bound) is None


def test_a_nonce_cannot_be_moved_by_shifting_the_names_it_is_bound_to() -> None:
    nonce, _ = nonces().issue("esc_1", "per_1", "dev_1", NOW)
    assert nonces().check(nonce, "esc_1\0per_1", "dev_1", "") is None


def test_a_nonce_whose_end_an_attacker_moved_is_refused() -> None:
    raw = bytearray(unb64u(issued()))
    raw[16:24] = (NOW + 100 * LIFE).to_bytes(8, "big")
    assert nonces().check(b64u(bytes(raw)), *FOR) is None


def test_every_bit_of_a_nonce_counts() -> None:
    raw = unb64u(issued())
    for place in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        assert nonces().check(b64u(bytes(flipped)), *FOR) is None


def test_a_nonce_from_before_a_restore_is_refused() -> None:
    assert nonces(epoch="epo_2").check(issued(), *FOR) is None


def test_a_nonce_of_another_hub_is_refused() -> None:
    assert nonces(key=bytes([1]) * 32).check(issued(), *FOR) is None


@pytest.mark.parametrize("forged", ["", "AAAA", "not base64!", b64u(bytes(56)), b64u(bytes(57))])
def test_what_is_no_nonce_at_all_is_refused(forged: str) -> None:
    assert nonces().check(forged, *FOR) is None


def test_a_second_spelling_of_the_same_nonce_is_refused() -> None:
    # 56 bytes leave two spare bits at the end of base64url: a lenient reader would see another text, the same nonce.
    nonce = issued()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    respelled = nonce[:-1] + alphabet[alphabet.index(nonce[-1]) ^ 1]
    assert nonces().check(respelled, *FOR) is None
    assert nonces().check(nonce + "=", *FOR) is None
