"""An issuer's keys: kept, renewed, and never more than a few."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from identity.errors import ProviderDown
from identity.jwks import FRESH_FOR, LARGEST_COORDINATE, MOST_KEYS, REFETCH_EVERY, Jwks, UnknownKey, keys_in
from identity.jws import b64u
from tests.fakes.openid_keys import SigningKey, numbers_of, signing_key

ONE, TWO = signing_key("one"), signing_key("two")


class Issuer:
    """Publishes keys, and counts who asks."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = list(keys)
        self.fetched = 0
        self.is_down = False
        self.now = 1_789_000_000_000
        self.jwks = Jwks(self.fetch, lambda: self.now)

    async def fetch(self) -> bytes:
        self.fetched += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise ProviderDown("down")
        return document(*(key.jwk() for key in self.keys))


def document(*keys: Any) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


async def test_a_key_is_found_by_its_id() -> None:
    issuer = Issuer(ONE, TWO)
    assert (await issuer.jwks.key("two", "RS256")).public == TWO.private.public_key()


async def test_keys_are_fetched_once_for_many_tokens() -> None:
    issuer = Issuer(ONE)
    await asyncio.gather(*(issuer.jwks.key("one", "RS256") for _ in range(20)))
    assert issuer.fetched == 1


async def test_a_new_key_is_fetched_when_its_id_is_met() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.refresh()
    issuer.keys = [ONE, TWO]
    assert (await issuer.jwks.key("two", "RS256")).id == "two"


async def test_a_key_that_is_gone_counts_no_longer() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.key("one", "RS256")
    issuer.keys = [TWO]
    await issuer.jwks.key("two", "RS256")
    with pytest.raises(UnknownKey):
        await issuer.jwks.key("one", "RS256")


async def test_a_key_that_is_gone_counts_no_longer_than_an_hour_though_nobody_meets_another() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.key("one", "RS256")
    issuer.keys = [TWO]
    issuer.now += FRESH_FOR - 1
    await issuer.jwks.key("one", "RS256")
    issuer.now += 1
    with pytest.raises(UnknownKey):
        await issuer.jwks.key("one", "RS256")


async def test_made_up_key_ids_make_it_fetch_once_in_half_a_minute() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.refresh()
    for number in range(50):
        with pytest.raises(UnknownKey):
            await issuer.jwks.key(f"made-up-{number}", "RS256")
    assert issuer.fetched == 2
    issuer.now += REFETCH_EVERY
    with pytest.raises(UnknownKey):
        await issuer.jwks.key("made-up", "RS256")
    assert issuer.fetched == 3


async def test_many_made_up_ids_at_once_make_it_fetch_once() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.refresh()
    found = await asyncio.gather(*(issuer.jwks.key(f"x{n}", "RS256") for n in range(30)), return_exceptions=True)
    assert all(isinstance(error, UnknownKey) for error in found)
    assert issuer.fetched == 2


async def test_an_outage_while_keys_are_fresh_is_not_noticed() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.refresh()
    issuer.is_down = True
    assert await issuer.jwks.key("one", "RS256")


async def test_an_outage_when_keys_are_old_is_told_and_they_are_fetched_after_it() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.refresh()
    issuer.is_down = True
    issuer.now += FRESH_FOR
    with pytest.raises(ProviderDown):
        await issuer.jwks.key("one", "RS256")
    issuer.is_down = False
    assert await issuer.jwks.key("one", "RS256")


async def test_a_clock_that_was_set_back_keeps_no_keys_alive() -> None:
    issuer = Issuer(ONE)
    await issuer.jwks.refresh()
    issuer.now -= 86_400_000
    await issuer.jwks.refresh()
    assert issuer.fetched == 2


async def test_a_caller_that_gives_up_leaves_no_lock_behind() -> None:
    issuer = Issuer(ONE)
    task = asyncio.create_task(issuer.jwks.key("one", "RS256"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert await issuer.jwks.key("one", "RS256")


async def test_a_token_without_a_key_id_is_verified_where_there_is_one_key_for_its_algorithm() -> None:
    issuer = Issuer(ONE, signing_key("ec", "ES256"))
    assert (await issuer.jwks.key(None, "RS256")).id == "one"


async def test_a_token_without_a_key_id_is_refused_where_there_are_two() -> None:
    with pytest.raises(UnknownKey):
        await Issuer(ONE, TWO).jwks.key(None, "RS256")


async def test_two_keys_of_one_id_count_as_none() -> None:
    issuer = Issuer(ONE, SigningKey("one", "RS256", TWO.private))
    with pytest.raises(UnknownKey):
        await issuer.jwks.key("one", "RS256")


@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA", "HS256", "none"])
async def test_a_key_of_one_algorithm_verifies_no_other(alg: str) -> None:
    with pytest.raises(UnknownKey):
        await Issuer(ONE).jwks.key("one", alg)


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
async def test_a_key_that_names_no_algorithm_verifies_those_of_its_kind(alg: str) -> None:
    assert keys_in(document({**ONE.jwk(), "alg": None}))[0].fits(alg)


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "HS256", "none"])
async def test_a_key_that_names_no_algorithm_verifies_none_of_another_kind(alg: str) -> None:
    assert not keys_in(document({**ONE.jwk(), "alg": None}))[0].fits(alg)


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "PS256", "RS256"])
def test_keys_of_every_known_kind_are_read(alg: str) -> None:
    key = signing_key("one", alg)
    assert keys_in(document(key.jwk()))[0].public == key.private.public_key()


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
        {"kty": "OKP", "crv": "X25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "RSA", "n": "AQ", "e": "AQAB"},
        ONE.jwk(use="enc"),
        ONE.jwk(key_ops=["encrypt"]),
        ONE.jwk(n=None),
        ONE.jwk(n=7),
        ONE.jwk(n="not base64url!"),
        ONE.jwk(n="A" * (LARGEST_COORDINATE + 1)),
        ONE.jwk(e="_" * 800),
        ONE.jwk(e="AA"),
        ONE.jwk(e=b64u((2**40 + 1).to_bytes(6))),
    ],
)
def test_a_broken_key_or_one_of_another_kind_is_left_out_and_takes_no_other_away(entry: Any) -> None:
    assert [key.id for key in keys_in(document(entry, TWO.jwk()))] == ["two"]


def test_a_weak_rsa_key_is_left_out() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    assert keys_in(document({"kid": "weak", **numbers_of(weak)})) == ()


def test_a_point_that_is_not_on_the_curve_is_left_out() -> None:
    point = numbers_of(ec.generate_private_key(ec.SECP256R1()))
    assert keys_in(document({**point, "y": point["x"]})) == ()


@pytest.mark.parametrize(
    "octets", [b"", b"[]", b"{}", b'{"keys":7}', b'{"keys":{}}', b"\xff", b'{"keys":[],"keys":[]}']
)
def test_what_is_no_key_set_is_told_as_an_outage(octets: bytes) -> None:
    with pytest.raises(ProviderDown, match="no JWK Set"):
        keys_in(octets)


def test_a_key_set_that_grows_without_bound_is_not_read() -> None:
    keys_in(document(*([ONE.jwk()] * MOST_KEYS)))
    with pytest.raises(ProviderDown, match="too many"):
        keys_in(document(*([ONE.jwk()] * (MOST_KEYS + 1))))


def test_an_id_that_is_too_long_is_none() -> None:
    assert keys_in(document(ONE.jwk(kid="x" * 1000)))[0].id is None
