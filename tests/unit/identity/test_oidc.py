"""OpenID Connect as a step-up: the whole way there and back, over the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from identity.errors import Cancelled, ProviderDown, Refused, TimedOut, TooWeak, WrongPerson
from identity.jws import b64u, read, verify
from identity.proof import Binding, Pending, Proof, Purpose
from tests.fakes.openid_keys import signing_key
from tests.fakes.openid_scene import ANNA, BO, Scene, openid_scene
from tests.fakes.trouble import Trouble


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with openid_scene() as found:
        yield found


async def test_a_person_who_signed_in_is_proven_by_what_the_provider_signed(scene: Scene) -> None:
    step_up = scene.step_up()
    proof = await scene.proven(step_up)
    assert (proof.method, proof.binding, proof.identified) == ("oidc", Binding.NONCE, "idp")
    assert proof.subject == f"{scene.op.issuer}|{ANNA['sub']}"
    assert proof.at == step_up.began_at
    assert proof.facts["auth_time"] == step_up.began_at // 1000


async def test_the_evidence_verifies_years_later_with_the_key_beside_it(scene: Scene) -> None:
    step_up = scene.step_up()
    proof = await scene.proven(step_up)
    scene.op.rotate("another")
    jws = read(proof.evidence["id_token"].decode(), largest=10_000)
    verify(jws, load_pem_public_key(proof.evidence["key"]), alg="RS256")  # type: ignore[arg-type]  # an RSA key
    claims = json.loads(jws.payload)
    assert claims["nonce"] == b64u(step_up.challenge)
    assert proof.auth_ref == f"sha256:{sha256(proof.evidence['id_token']).hexdigest()}"


async def test_a_code_and_a_nonce_are_used_up(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    proof = await scene.completed(step_up, challenge.state, answer)
    assert isinstance(proof, Proof)
    code = sha256(answer["code"].encode()).hexdigest()
    assert proof.once == (f"code:{code}", f"nonce:{b64u(step_up.challenge)}")


async def test_its_name_is_that_of_the_settings(scene: Scene) -> None:
    scene.provider = scene.provider_with(name="bankid_by_criipto", identified="eid", amr=("pop", "mfa"))
    proof = await scene.proven()
    assert (proof.method, proof.identified, proof.amr) == ("bankid_by_criipto", "eid", ("pop", "mfa"))


async def test_how_the_person_signed_in_is_what_the_provider_reports(scene: Scene) -> None:
    scene.op.knobs.claims["amr"] = ["pwd", "otp", "telepathy"]
    assert (await scene.proven()).amr == ("pwd", "otp")


@pytest.mark.parametrize(
    ("levels", "acr", "reported"),
    [
        ({"http://eidas.europa.eu/LoA/high": "HIGH"}, "http://eidas.europa.eu/LoA/high", "HIGH"),
        ({"http://eidas.europa.eu/LoA/high": "HIGH"}, "http://eidas.europa.eu/LoA/HIGH", None),
        ({}, "HIGH", None),
        ({"urn:x": "LOW"}, None, None),
    ],
)
async def test_a_level_is_what_the_settings_say_that_it_means(
    scene: Scene, levels: dict[str, str], acr: str | None, reported: str | None
) -> None:
    scene.op.acr = acr
    scene.provider = scene.provider_with(levels=levels)
    assert (await scene.proven()).acr_reported == reported


@pytest.mark.parametrize(("told", "reported"), [("sbid", "SUBSTANTIAL"), ("ftn", None), (["sbid"], None), (None, None)])
async def test_a_level_may_be_of_the_eid_that_a_broker_names_in_another_claim(
    scene: Scene, told: Any, reported: str | None
) -> None:
    scene.provider = scene.provider_with(level_claim="idp", levels={"sbid": "SUBSTANTIAL", "urn:x": "HIGH"})
    scene.op.acr, scene.op.knobs.claims = "urn:x", {"idp": told}
    assert (await scene.proven()).acr_reported == reported


async def test_a_policys_own_wish_is_asked_for_and_held_to(scene: Scene) -> None:
    scene.op.acr = "urn:high"
    strict = scene.step_up(acr_wanted=("urn:high",))
    assert await scene.proven(strict)
    assert scene.op.sent_here[-1]["acr_values"] == "urn:high"
    scene.op.acr = "urn:low"
    with pytest.raises(TooWeak):
        await scene.proven(scene.step_up(acr_wanted=("urn:high",)))


async def test_another_person_is_the_wrong_one(scene: Scene) -> None:
    with pytest.raises(WrongPerson):
        await scene.proven(person=BO)


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.LINK])
async def test_a_sign_in_tells_who_it_is_and_their_groups(scene: Scene, purpose: Purpose) -> None:
    scene.op.knobs.claims["groups"] = ["approvers"]
    proof = await scene.proven(scene.step_up(purpose=purpose))
    assert proof.data == {
        "claims": {
            "email": ANNA["email"],
            "email_verified": True,
            "name": ANNA["name"],
            "groups": ["approvers"],
        }
    }


async def test_a_decision_changes_nothing_of_what_is_kept(scene: Scene) -> None:
    assert (await scene.proven()).data is None


async def test_a_provider_for_signing_in_alone_proves_no_decision(scene: Scene) -> None:
    scene.provider = scene.provider_with(decisions=False)
    assert await scene.proven(scene.step_up(purpose=Purpose.SIGN_IN))
    with pytest.raises(Refused, match="not for decisions"):
        await scene.begun(scene.step_up())


async def test_what_is_shown_is_where_to_go_and_nothing_else(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up())
    assert set(challenge.shown) == {"redirect"}
    assert challenge.shown["redirect"].startswith(f"{scene.op.issuer}/authorize?")
    query = dict(parse_qsl(urlsplit(challenge.shown["redirect"]).query))
    assert challenge.state["verifier"] not in query.values()


async def test_the_key_set_and_the_description_are_fetched_once_for_many_sign_ins(scene: Scene) -> None:
    for _ in range(3):
        await scene.proven()
    paths = scene.op.paths()
    assert (paths.count("/jwks"), paths.count("/.well-known/openid-configuration")) == (1, 1)


async def test_a_provider_may_change_its_key_at_any_time(scene: Scene) -> None:
    await scene.proven()
    scene.op.rotate("two")
    assert await scene.proven()
    scene.now += 60_000
    scene.op.rotate("three", "ES256")
    assert await scene.proven()


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "PS256", "RS256"])
async def test_every_algorithm_goes_all_the_way(scene: Scene, alg: str) -> None:
    scene.op.keys = [signing_key(f"key-{alg}", alg)]
    assert await scene.proven()


async def test_a_code_is_not_spent_while_the_keys_cannot_be_fetched(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    scene.op.knobs.documents["/jwks"] = scene.op.throttled
    with pytest.raises(ProviderDown):
        await scene.completed(step_up, challenge.state, answer)
    assert scene.op.redeemed == []
    scene.op.knobs.documents.clear()
    assert isinstance(await scene.completed(step_up, challenge.state, answer), Proof)


async def test_a_code_is_good_once(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    await scene.completed(step_up, challenge.state, answer)
    with pytest.raises(Refused) as refusal:
        await scene.completed(step_up, challenge.state, answer)
    assert refusal.value.hint == "invalid_grant"


async def test_whoever_ended_it_is_told_so(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.op.knobs.error = "access_denied"
    answers: list[Any] = [await scene.came_back(challenge), {"cancel": True}]
    for answer in answers:
        with pytest.raises(Cancelled):
            await scene.completed(step_up, challenge.state, answer)


async def test_it_ends_with_its_step_up_to_the_millisecond(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    scene.now = step_up.expires_at
    with pytest.raises(TimedOut):
        await scene.completed(step_up, challenge.state, answer)
    scene.now = step_up.expires_at - 1
    scene.op.knobs.claims["exp"] = scene.now // 1000 + 300
    assert isinstance(await scene.completed(step_up, challenge.state, answer), Proof)


async def test_a_silent_provider_is_down_within_the_time_limit(scene: Scene) -> None:
    scene.provider = scene.provider_with(time_limit=0.05)
    with scene.op.plays(Trouble.SILENT), pytest.raises(ProviderDown, match="in time"):
        await scene.begun(scene.step_up())


async def test_an_answer_that_never_ends_is_given_up(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    with scene.op.plays(Trouble.FLOODS), pytest.raises(ProviderDown, match="too large"):
        await scene.completed(step_up, challenge.state, answer)


async def test_nothing_can_be_collected_and_cancelling_does_nothing(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    found = await scene.provider.collect(scene.factor, step_up, challenge.state, now=scene.now)
    assert found == Pending(challenge.state, {})
    await scene.provider.cancel(challenge.state)


async def test_an_old_intent_cannot_be_finished_with_a_new_challenge(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    with pytest.raises(Refused):
        await scene.completed(replace(step_up, challenge=bytes(32)), challenge.state, answer)
