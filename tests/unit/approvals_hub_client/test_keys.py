"""Public keys are read strictly; signatures verify with the key's own algorithm."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import (
    BadKey,
    BadSignature,
    Ed25519Key,
    Ed25519SigningKey,
    Es256SigningKey,
    SigningKey,
    ed25519_of,
    jwk_of,
    key_of,
)

ED, ES = Ed25519SigningKey(bytes(range(32))), Es256SigningKey(bytes(range(1, 33)))
BOTH = pytest.mark.parametrize("key", [ED, ES], ids=["Ed25519", "ES256"])
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


@BOTH
def test_a_signature_verifies(key: SigningKey) -> None:
    key.public.verify(b"message", key.sign(b"message"))


@BOTH
def test_a_signature_over_other_bytes_is_refused(key: SigningKey) -> None:
    with pytest.raises(BadSignature):
        key.public.verify(b"messagE", key.sign(b"message"))


@BOTH
def test_a_signature_of_another_key_is_refused(key: SigningKey) -> None:
    with pytest.raises(BadSignature):
        key.public.verify(b"message", type(key)().sign(b"message"))


@BOTH
@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(key: SigningKey, length: int) -> None:
    with pytest.raises(BadSignature):
        key.public.verify(b"message", bytes(length))


@BOTH
def test_a_signature_of_zeros_is_refused(key: SigningKey) -> None:
    with pytest.raises(BadSignature):
        key.public.verify(b"message", bytes(64))


@BOTH
def test_a_jwk_reads_back_to_the_same_key(key: SigningKey) -> None:
    assert key_of(jwk_of(key.public)) == key.public


def test_a_key_that_is_met_again_is_the_same_object() -> None:
    assert ed25519_of(ED.public.raw) is key_of(ED.public.jwk)


def test_changing_the_jwk_that_was_given_away_changes_no_key() -> None:
    jwk_of(ED.public)["x"] = "changed"
    assert key_of(jwk_of(ED.public)) == ED.public


def test_keys_of_two_algorithms_are_never_equal() -> None:
    assert {ED.public, ES.public, key_of(ED.public.jwk)} == {ED.public, ES.public}


def test_the_thumbprint_is_the_one_of_rfc_8037() -> None:
    key = key_of({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    assert key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_signature_of_rfc_8032_comes_out() -> None:
    key = Ed25519SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")


def test_a_signing_key_does_not_print_its_secret() -> None:
    assert b64u(ED.seed) not in repr(ED)
    assert ED.seed.hex() not in repr(ED)


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
OTHER_TEXT = [  # y = p, p+1 and p+4: the same points as 0, 1 and 4, written otherwise; and the identity with a sign
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
]


@pytest.mark.parametrize("attack", SMALL_ORDER)
def test_a_small_order_key_under_which_one_signature_fits_all_is_refused(attack: str) -> None:
    with pytest.raises(BadKey):
        Ed25519Key(bytes.fromhex(attack))


@pytest.mark.parametrize("attack", OTHER_TEXT)
def test_a_second_encoding_of_a_point_is_refused(attack: str) -> None:
    with pytest.raises(BadKey):
        Ed25519Key(bytes.fromhex(attack))


def test_an_ed25519_signature_with_s_beyond_the_group_order_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    signature = ED.sign(b"message")
    beyond = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(BadSignature):
        ED.public.verify(b"message", signature[:32] + beyond.to_bytes(32, "little"))


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (ORDER, 1), (1, ORDER), (2**256 - 1, 2**256 - 1)])
def test_an_es256_signature_out_of_range_is_refused(r: int, s: int) -> None:
    with pytest.raises(BadSignature):
        ES.public.verify(b"message", r.to_bytes(32, "big") + s.to_bytes(32, "big"))


EDJ: dict[str, Any] = dict(ED.public.jwk)
ESJ: dict[str, Any] = dict(ES.public.jwk)


@pytest.mark.parametrize(
    "attack",
    [
        {**EDJ, "d": b64u(ED.seed)},
        {**ESJ, "d": b64u(bytes(32))},
        {**EDJ, "kid": "chosen"},
        {**EDJ, "alg": "none"},
        {**EDJ, "y": EDJ["x"]},
        {**EDJ, "crv": "X25519"},
        {**EDJ, "crv": "Ed448"},
        {**EDJ, "kty": "EC"},
        {**EDJ, "kty": "oct"},
        {**ESJ, "crv": "P-384"},
        {**ESJ, "crv": "secp256k1"},
        {**ESJ, "crv": "Ed25519"},
        {"kty": "oct", "k": b64u(bytes(32))},
        {},
        {**EDJ, "x": EDJ["x"] + "="},
        {**EDJ, "x": EDJ["x"][:-2]},
        {**EDJ, "x": EDJ["x"] + "AAAA"},
        {**EDJ, "x": None},
        {**EDJ, "x": [EDJ["x"]]},
        {**ESJ, "y": b64u(bytes(32))},
        {**ESJ, "x": ESJ["y"], "y": ESJ["x"]},
        {**ESJ, "x": b64u(bytes(32)), "y": b64u(bytes(32))},
        {**ESJ, "x": b64u(b"\0" + bytes(32))},
        {**ESJ, "x": b64u(b"\xff" * 32)},
        None,
        [],
        "text",
    ],
)
def test_a_jwk_that_is_private_malformed_or_off_its_curve_is_refused(attack: Any) -> None:
    with pytest.raises(BadKey):
        key_of(attack)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadKey):
        Ed25519SigningKey(bytes(length))


@pytest.mark.parametrize("secret", [bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32])
def test_a_p_256_secret_out_of_range_is_refused(secret: bytes) -> None:
    with pytest.raises(BadKey):
        Es256SigningKey(secret)
