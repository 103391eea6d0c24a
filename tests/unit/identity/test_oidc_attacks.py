"""Attacks on a sign-in with OpenID Connect (RFC 9700, RFC 8725), each over the wire against the whole provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from identity.errors import Misconfigured, NotProven, OtherIntent, ProviderDown, Refused, TooWeak, WrongAnswer
from identity.jws import b64u
from identity.proof import Challenge, Pending, Proof, StepUp
from tests.fakes.openid_keys import confused, signing_key, unsigned
from tests.fakes.openid_scene import ANNA, BO, Scene, openid_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with openid_scene() as found:
        yield found


async def begun(scene: Scene) -> tuple[StepUp, Challenge]:
    step_up = scene.step_up()
    return step_up, await scene.begun(step_up)


async def refused(scene: Scene, kind: type[NotProven] = Refused) -> NotProven:
    """The sign-in of the right person with what the knobs do to it."""
    with pytest.raises(kind) as refusal:
        await scene.proven()
    return refusal.value


async def test_a_mix_up_of_identity_providers_is_refused(scene: Scene) -> None:
    # A dishonest provider sent the person on to an honest one, whose answer names its own issuer.
    async with openid_scene() as honest:
        scene.op.knobs.returns["iss"] = honest.op.issuer
        assert (await refused(scene)).hint == "mix_up"
    assert scene.op.redeemed == [], "the code was handed over"


async def test_a_mix_up_that_leaves_its_issuer_out_is_refused(scene: Scene) -> None:
    scene.op.knobs.returns["iss"] = None
    assert (await refused(scene)).hint == "mix_up"
    assert scene.op.redeemed == []


async def test_algorithm_confusion_with_the_public_key_as_pem_is_refused(scene: Scene) -> None:
    key = scene.op.keys[0]
    scene.op.knobs.token = lambda claims: confused(claims, key.pem(), kid=key.id)
    await refused(scene)


async def test_algorithm_confusion_with_the_modulus_of_the_public_key_is_refused(scene: Scene) -> None:
    key = scene.op.keys[0]
    scene.op.knobs.token = lambda claims: confused(claims, key.jwk()["n"].encode(), kid=key.id)
    await refused(scene)


async def test_algorithm_confusion_with_a_shared_secret_in_the_key_set_is_refused(scene: Scene) -> None:
    secret = b"x" * 32
    document = {"keys": [{"kty": "oct", "kid": "shared", "alg": "HS256", "k": b64u(secret)}]}
    scene.op.knobs.documents["/jwks"] = lambda: web.json_response(document)
    scene.op.knobs.token = lambda claims: confused(claims, secret, kid="shared")
    await refused(scene)


async def test_algorithm_confusion_with_the_hubs_own_client_secret_is_refused(scene: Scene) -> None:
    # OpenID Connect allows HS256 with the client's secret; whoever has the secret could then sign anybody in.
    secret = scene.settings.client_secret
    assert secret is not None
    scene.op.knobs.token = lambda claims: confused(claims, secret.encode())
    await refused(scene)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
async def test_a_token_with_alg_none_is_refused(scene: Scene, alg: str) -> None:
    scene.op.knobs.token = lambda claims: unsigned(claims, alg=alg)
    await refused(scene)


async def test_a_token_without_a_signature_is_refused(scene: Scene) -> None:
    scene.op.knobs.token = lambda claims: scene.op.keys[0].signed(claims).rpartition(".")[0] + "."
    await refused(scene)


async def test_a_nonce_of_another_step_up_spliced_in_is_another_intent(scene: Scene) -> None:
    other = scene.step_up(b"pay 9000 USD")
    scene.op.knobs.claims["nonce"] = b64u(other.challenge)
    await refused(scene, OtherIntent)


async def test_a_token_without_a_nonce_is_another_intent(scene: Scene) -> None:
    scene.op.knobs.claims["nonce"] = None
    await refused(scene, OtherIntent)


async def test_a_code_of_somebody_elses_sign_in_injected_with_this_state_is_refused(scene: Scene) -> None:
    # The attacker takes their own browser's state and the victim's code: PKCE's verifier is none for it.
    step_up, mine = await begun(scene)
    _, theirs = await begun(scene)
    stolen, own = await scene.came_back(theirs, BO), await scene.came_back(mine)
    with pytest.raises(Refused) as refusal:
        await scene.completed(step_up, mine.state, {**own, "code": stolen["code"]})
    assert refusal.value.hint == "invalid_grant"


async def test_an_injected_code_is_refused_by_its_nonce_where_the_provider_forgets_pkce(scene: Scene) -> None:
    scene.op.knobs.checks_pkce = False
    step_up, mine = await begun(scene)
    _, theirs = await begun(scene)
    stolen, own = await scene.came_back(theirs), await scene.came_back(mine)
    with pytest.raises(OtherIntent):
        await scene.completed(step_up, mine.state, {**own, "code": stolen["code"]})


async def test_an_answer_with_another_state_is_refused_and_ends_nothing(scene: Scene) -> None:
    step_up, mine = await begun(scene)
    _, theirs = await begun(scene)
    forged = await scene.came_back(theirs, BO)
    with pytest.raises(WrongAnswer):
        await scene.completed(step_up, mine.state, forged)
    assert isinstance(await scene.completed(step_up, mine.state, await scene.came_back(mine)), Proof)


async def test_an_answer_to_a_challenge_that_was_begun_again_is_refused(scene: Scene) -> None:
    step_up, first = await begun(scene)
    second = await scene.begun(step_up)
    with pytest.raises(WrongAnswer):
        await scene.completed(step_up, second.state, await scene.came_back(first))


async def test_a_code_that_the_provider_takes_twice_is_named_as_used(scene: Scene) -> None:
    scene.op.knobs.forgets_codes = False
    step_up, challenge = await begun(scene)
    answer = await scene.came_back(challenge)
    found: list[Proof | Pending] = [await scene.completed(step_up, challenge.state, answer) for _ in range(2)]
    assert isinstance(found[0], Proof)
    assert isinstance(found[1], Proof)
    assert found[0].once == found[1].once


@pytest.mark.parametrize("audience", ["another-client", ["hub:client", "another-client"], ["another-client"]])
async def test_a_token_for_a_wrong_audience_is_refused(scene: Scene, audience: Any) -> None:
    scene.op.knobs.claims["aud"] = audience
    await refused(scene)


async def test_an_expired_token_is_refused(scene: Scene) -> None:
    scene.op.knobs.claims["exp"] = scene.now // 1000 - 61
    await refused(scene)


async def test_a_token_from_the_future_is_refused(scene: Scene) -> None:
    scene.op.knobs.claims["iat"] = scene.now // 1000 + 61
    await refused(scene)


async def test_a_sign_in_of_an_hour_ago_is_too_weak(scene: Scene) -> None:
    scene.op.knobs.claims["auth_time"] = scene.now // 1000 - 3600
    await refused(scene, TooWeak)


async def test_a_lower_acr_than_was_asked_for_is_too_weak(scene: Scene) -> None:
    scene.provider = scene.provider_with(acr_values=("urn:example:strong",))
    assert await scene.proven()
    scene.op.acr = "urn:example:weak"
    await refused(scene, TooWeak)


async def test_a_token_by_an_unknown_key_is_refused(scene: Scene) -> None:
    scene.op.knobs.token = lambda claims: signing_key("attacker").signed(claims)
    await refused(scene)


async def test_a_token_by_an_unknown_key_under_a_known_id_is_refused(scene: Scene) -> None:
    scene.op.knobs.token = lambda claims: signing_key("attacker").signed(claims, kid="one")
    await refused(scene)


async def test_a_token_by_a_key_of_yesterday_is_refused(scene: Scene) -> None:
    old = scene.op.keys[0]
    await scene.proven()
    scene.op.rotate("two")
    await scene.proven()
    scene.op.knobs.token = lambda claims: old.signed(claims)
    await refused(scene)


async def test_a_token_that_brings_its_own_key_is_refused(scene: Scene) -> None:
    attacker = signing_key("attacker")
    scene.op.knobs.token = lambda claims: attacker.signed(claims, jwk=attacker.jwk(), jku="https://evil.example/jwks")
    await refused(scene)


async def test_made_up_key_ids_do_not_make_the_hub_ask_for_keys_again_and_again(scene: Scene) -> None:
    await scene.proven()
    for number in range(10):
        scene.op.knobs.header["kid"] = f"made-up-{number}"
        await refused(scene)
    assert scene.op.paths().count("/jwks") == 2


async def test_a_key_set_that_grows_without_bound_is_not_read(scene: Scene) -> None:
    document = {"keys": [scene.op.keys[0].jwk(kid=str(number)) for number in range(400)]}
    scene.op.knobs.documents["/jwks"] = lambda: web.json_response(document)
    await refused(scene, ProviderDown)


async def test_a_huge_key_set_is_not_read(scene: Scene) -> None:
    scene.op.knobs.documents["/jwks"] = lambda: web.json_response({"keys": [], "more": "x" * 1_000_000})
    await refused(scene, ProviderDown)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
async def test_a_redirect_to_the_inside_is_not_followed(scene: Scene, path: str) -> None:
    inside = {"Location": "http://169.254.169.254/latest/meta-data/"}
    scene.op.knobs.documents[path] = lambda: web.Response(status=307, headers=inside)
    await refused(scene, Misconfigured)


async def test_an_issuer_with_a_slash_at_its_end_is_another_one(scene: Scene) -> None:
    scene.op.knobs.discovery["issuer"] = scene.op.issuer + "/"
    await refused(scene, Misconfigured)


async def test_a_token_of_an_issuer_with_a_slash_at_its_end_is_refused(scene: Scene) -> None:
    scene.op.knobs.claims["iss"] = scene.op.issuer + "/"
    await refused(scene)


async def test_a_description_that_sends_people_to_a_page_without_tls_is_refused(scene: Scene) -> None:
    scene.op.knobs.discovery["authorization_endpoint"] = "http://evil.example/authorize"
    await refused(scene, Misconfigured)


@pytest.mark.parametrize("answer", [{"return_url": "https://evil.example"}, {"redirect_uri": "https://evil.example"}])
async def test_an_open_redirect_asked_for_by_the_client_changes_nothing(scene: Scene, answer: dict[str, str]) -> None:
    step_up, challenge = await begun(scene)
    found = await scene.completed(step_up, challenge.state, {**await scene.came_back(challenge), **answer})
    assert isinstance(found, Proof)
    assert scene.op.redeemed[-1]["redirect_uri"] == step_up.return_url


async def test_an_access_token_of_another_answer_is_refused(scene: Scene) -> None:
    scene.op.knobs.answer["access_token"] = "an access token of somebody else"
    await refused(scene)


async def test_two_claims_of_one_name_are_refused(scene: Scene) -> None:
    def twice(claims: dict[str, Any]) -> str:
        import json

        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        key = scene.op.keys[0]
        assert isinstance(key.private, rsa.RSAPrivateKey)
        payload = json.dumps(claims)[:-1] + f',"sub":"{ANNA["sub"]}"}}'
        signed = f"{b64u(json.dumps({'alg': 'RS256', 'kid': key.id}).encode())}.{b64u(payload.encode())}"
        return f"{signed}.{b64u(key.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    scene.op.knobs.token = twice
    await refused(scene)


async def test_another_person_behind_the_same_e_mail_address_is_the_wrong_one(scene: Scene) -> None:
    # Providers that let people write any address would make it a way into anybody's account.
    with pytest.raises(NotProven):
        await scene.proven(person={**BO, "email": ANNA["email"], "preferred_username": ANNA["sub"]})
