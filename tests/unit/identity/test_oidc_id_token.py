"""What an id_token must say, claim by claim. Attacks on the whole flow are in test_oidc_attacks.py."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256, sha512
from typing import Any

import pytest

from identity.errors import NotProven, OtherIntent, Refused, TooWeak
from identity.jws import b64u
from identity.oidc_id_token import verify
from identity.oidc_token import Tokens
from tests.fakes.openid_keys import signing_key
from tests.unit.identity.id_token_desk import EXPECTED, ISSUER, NOW, ONE, keys_of, read, settings_of


async def test_a_good_token_tells_who_when_and_how() -> None:
    found = await read()
    assert (found.issuer, found.subject, found.at, found.acr) == (ISSUER, "anna", (NOW - 5) * 1000, "strong")


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "PS256", "RS256"])
async def test_every_allowed_algorithm_verifies(alg: str) -> None:
    assert await read(key=signing_key("one", alg))


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "PS256", "RS256"])
async def test_an_algorithm_that_is_not_allowed_is_refused(alg: str) -> None:
    others = tuple(one for one in EXPECTED.algorithms if one != alg)
    with pytest.raises(Refused, match="not allowed"):
        await read(replace(EXPECTED, algorithms=others), key=signing_key("one", alg))


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "secevent+jwt", 7, None])
async def test_another_kind_of_token_of_the_same_issuer_is_refused(typ: Any) -> None:
    with pytest.raises(Refused, match="another kind"):
        await read(header={"typ": typ})


@pytest.mark.parametrize("kid", [7, None, ["one"], {}])
async def test_a_key_id_that_is_none_is_refused(kid: Any) -> None:
    if kid is None:
        assert await read(header={"kid": None})  # null is as good as none: there is one key
        return
    with pytest.raises(Refused):
        await read(header={"kid": kid})


@pytest.mark.parametrize("issuer", [ISSUER + "/", "https://evil.example", ..., None, 7, [ISSUER]])
async def test_a_token_of_another_issuer_is_refused(issuer: Any) -> None:
    with pytest.raises(Refused, match="another issuer"):
        await read(iss=issuer)


async def test_an_issuer_without_its_scheme_is_the_same_one_where_the_settings_say_so() -> None:
    bare, google = ISSUER.removeprefix("https://"), settings_of(bare_issuer=True)
    assert (await read(settings=google, iss=bare)).issuer == (await read(settings=google)).issuer == ISSUER
    for other in ("http://" + bare, "//" + bare, bare + "/", "evil.example", ""):
        with pytest.raises(Refused, match="another issuer"):
            await read(settings=google, iss=other)
    with pytest.raises(Refused, match="another issuer"):
        await read(iss=bare)


@pytest.mark.parametrize("audience", ["other", ["other"], ["hub", "other"], [], ..., None, "HUB", {"hub": 1}])
async def test_a_token_for_a_wrong_audience_is_refused(audience: Any) -> None:
    with pytest.raises(Refused, match="audience"):
        await read(aud=audience)


async def test_a_token_for_the_hub_alone_in_a_list_is_good() -> None:
    assert await read(aud=["hub"], azp="hub")


@pytest.mark.parametrize("party", ["other", None, 7])
async def test_a_token_that_was_issued_to_another_client_is_refused(party: Any) -> None:
    with pytest.raises(Refused, match="another client"):
        await read(azp=party)


# Seconds; now is 0, the step-up began at -30, and clocks may differ by 60.
@pytest.mark.parametrize(
    ("claim", "at", "refused"),
    [
        ("exp", -59, None),
        ("exp", -60, "expired"),
        ("exp", -1000, "expired"),
        ("iat", 60, None),
        ("iat", 61, "future"),
        ("iat", -90, None),
        ("iat", -91, "older"),
        ("nbf", 60, None),
        ("nbf", 61, "not valid yet"),
        ("auth_time", -90, None),
        ("auth_time", -91, "before the step-up"),
        ("auth_time", 60, None),
        ("auth_time", 61, "future"),
    ],
)
async def test_times_are_held_to_the_second(claim: str, at: int, refused: str | None) -> None:
    if refused is None:
        assert await read(**{claim: NOW + at})
        return
    with pytest.raises(Refused, match=refused):
        await read(**{claim: NOW + at})


@pytest.mark.parametrize("claim", ["exp", "iat", "auth_time", "nbf"])
@pytest.mark.parametrize("value", [None, "1789000000", True, -1, 1 << 60, [NOW], 1e300])
async def test_what_is_no_time_is_refused(claim: str, value: Any) -> None:
    with pytest.raises(NotProven):
        await read(**{claim: value})


@pytest.mark.parametrize("claim", ["exp", "iat"])
async def test_a_token_without_its_times_is_refused(claim: str) -> None:
    with pytest.raises(Refused, match="no time"):
        await read(**{claim: ...})


async def test_a_person_who_signed_in_long_ago_is_too_weak() -> None:
    with pytest.raises(TooWeak) as refusal:
        await read(auth_time=NOW - 3600)
    assert refusal.value.hint == "auth_time"


async def test_a_provider_that_does_not_tell_when_is_too_weak() -> None:
    with pytest.raises(TooWeak) as refusal:
        await read(auth_time=...)
    assert refusal.value.hint == "auth_time"


async def test_a_provider_without_sessions_is_believed_by_the_tokens_own_time() -> None:
    settings = settings_of(freshness="issued_at")
    found = await read(settings=settings, auth_time=..., iat=NOW - 3)
    assert (found.auth_time, found.at) == (None, (NOW - 3) * 1000)
    with pytest.raises(TooWeak):
        await read(settings=settings, auth_time=NOW - 3600)


@pytest.mark.parametrize("nonce", ["another", "", ..., None, 7, ["a-nonce"], "A-NONCE", "\ud800"])
async def test_a_nonce_of_another_step_up_is_another_intent(nonce: Any) -> None:
    with pytest.raises(OtherIntent):
        await read(nonce=nonce)


@pytest.mark.parametrize("acr", ["weak", "Strong", "strong ", ..., None, 7, ["strong"]])
async def test_a_lower_or_another_acr_is_too_weak(acr: Any) -> None:
    with pytest.raises(TooWeak) as refusal:
        await read(replace(EXPECTED, acr=("strong", "stronger")), acr=acr)
    assert refusal.value.hint == "acr"


async def test_any_acr_will_do_where_none_is_asked_for() -> None:
    assert (await read(acr=...)).acr is None
    assert (await read(acr="\u202eweird")).acr is None


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("claim", ["at_hash", "c_hash"])
async def test_a_hash_of_the_access_token_and_of_the_code_is_held_to(alg: str, claim: str) -> None:
    of = {"at_hash": "an-access-token", "c_hash": "a-code"}[claim]
    digest = (sha512 if alg == "EdDSA" else sha256)(of.encode()).digest()
    assert await read(key=signing_key("one", alg), **{claim: b64u(digest[: len(digest) // 2])})
    for wrong in (b64u(digest), b64u(sha256(b"another").digest()[:16]), "", None, 7, "\ud800"):
        with pytest.raises(Refused, match=claim):
            await read(key=signing_key("one", alg), **{claim: wrong})


@pytest.mark.parametrize("subject", ["", ..., None, 7, "x" * 256, "a\nb", "a\u202eb", ["anna"]])
async def test_a_token_that_names_nobody_is_refused(subject: Any) -> None:
    with pytest.raises(Refused, match="nobody"):
        await read(sub=subject)


@pytest.mark.parametrize(
    ("required", "told", "good"),
    [
        ({"idp": ["sbid"]}, "sbid", True),
        ({"idp": ["sbid", "nbid"]}, "nbid", True),
        ({"idp": ["sbid"]}, "nbid", False),
        ({"idp": ["sbid"]}, ["sbid"], False),
        ({"idp": ["sbid"]}, ..., False),
        ({"idp": [True]}, True, True),
        ({"idp": [True]}, 1, False),
        ({"idp": [True]}, "true", False),
    ],
)
async def test_claims_that_the_settings_require_are_held_to(required: Any, told: Any, good: bool) -> None:
    settings = settings_of(required_claims=required)
    if good:
        assert await read(settings=settings, idp=told)
        return
    with pytest.raises(TooWeak):
        await read(settings=settings, idp=told)


async def test_claims_are_not_shown() -> None:
    assert "anna@example.se" not in repr(await read(email="anna@example.se"))


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.b.c.d.e", "e30.e30.AA", "x" * 100_000])
async def test_what_is_no_token_is_refused_without_quoting_it(token: str) -> None:
    with pytest.raises(Refused) as refusal:
        await verify(Tokens(token, None), keys_of(ONE.jwk()), settings_of(), EXPECTED)
    assert token == "" or f" {token}" not in str(refusal.value)
