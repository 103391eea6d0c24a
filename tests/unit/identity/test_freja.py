"""Freja as a step-up, from the beginning to the end, over mutual TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate

from identity.errors import (
    Cancelled,
    Malformed,
    Misconfigured,
    NotProven,
    OtherIntent,
    ProviderDown,
    Refused,
    TimedOut,
    TooWeak,
    WrongPerson,
)
from identity.jws import b64, read, verify
from identity.proof import Binding, Factor, Pending, Purpose
from tests.fakes.freja import Person, freja_certificate
from tests.fakes.freja_scene import ANNA, BO, Scene, freja_scene
from tests.fakes.mutual_tls import rsa_key
from tests.fakes.trouble import Trouble


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with freja_scene() as found:
        yield found


async def test_a_person_who_signed_is_proven(scene: Scene) -> None:
    step_up = scene.step_up()
    proof = await scene.signed(step_up)
    assert (proof.method, proof.amr, proof.binding, proof.identified) == (
        "freja",
        ("pop", "mfa"),
        Binding.SIGNED,
        "eid",
    )
    assert proof.subject == f"SE{ANNA.ssn}"
    assert proof.facts == {"registration_level": "PLUS", "face": False}
    assert proof.acr_reported == "SUBSTANTIAL"


async def test_the_evidence_verifies_later_with_the_certificate_beside_it(scene: Scene) -> None:
    proof = await scene.signed(scene.step_up())
    certificate = load_der_x509_certificate(proof.evidence["certificate"])
    jws = read(proof.evidence["jws"].decode(), largest=100_000)
    verify(jws, certificate.public_key(), alg="RS256")  # type: ignore[arg-type]  # an RSA key
    assert certificate == freja_certificate_of(scene)


async def test_a_signature_names_itself_as_used_up(scene: Scene) -> None:
    proof = await scene.signed(scene.step_up())
    reference = scene.fake.newest.reference
    assert (proof.once, proof.auth_ref) == ((f"freja:{reference}",), reference)


async def test_the_page_shows_a_code_until_a_phone_has_it_and_then_asks_to_sign(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    assert challenge.shown["qr"] == challenge.shown["link"]
    assert challenge.collect_every == 2.0
    waiting = await scene.collected(step_up, challenge.state)
    assert isinstance(waiting, Pending)
    assert waiting.shown["status"] == "STARTED"
    scene.opened(challenge)
    signing = await scene.collected(step_up, challenge.state)
    assert isinstance(signing, Pending)
    assert "qr" not in signing.shown
    assert signing.shown["status"] == "DELIVERED_TO_MOBILE"


@pytest.mark.parametrize(
    ("status", "kind"),
    [("CANCELED", Cancelled), ("RP_CANCELED", Cancelled), ("REJECTED", Cancelled), ("EXPIRED", TimedOut)],
)
async def test_an_end_without_a_signature_has_its_meaning(scene: Scene, status: str, kind: type[NotProven]) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.end(scene.fake.newest, status)
    with pytest.raises(NotProven) as refusal:
        await scene.collected(step_up, challenge.state)
    assert type(refusal.value) is kind
    assert refusal.value.hint == status.lower()


async def test_a_status_that_freja_adds_later_is_pending(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.end(scene.fake.newest, "OPENED")
    assert isinstance(await scene.collected(step_up, challenge.state), Pending)


async def test_somebody_else_who_scanned_the_code_is_the_wrong_person(scene: Scene) -> None:
    with pytest.raises(WrongPerson):
        await scene.signed(scene.step_up(), BO)


async def test_whose_number_is_kept_is_asked_by_name_and_nobody_else_can_sign(scene: Scene) -> None:
    scene.factor = replace(scene.factor, data={"personal_number": f"SE{ANNA.ssn}"})
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    assert "qr" not in challenge.shown
    with pytest.raises(AssertionError, match="somebody else"):
        scene.opened(challenge, BO)
    scene.fake.approve(scene.opened(challenge))
    assert not isinstance(await scene.collected(step_up, challenge.state), Pending)


async def test_whom_freja_does_not_know_well_enough_cannot_be_asked(scene: Scene) -> None:
    scene.fake.people.append(Person("197001011111", "cecilia", level="EXTENDED"))
    scene.factor = Factor({"personal_number": "SE197001011111"})
    with pytest.raises(Refused) as refusal:
        await scene.begun(scene.step_up())
    assert refusal.value.hint == "1012"


async def test_a_person_below_the_level_who_scanned_the_code_is_too_weak(scene: Scene) -> None:
    with pytest.raises(TooWeak):
        await scene.signed(scene.step_up(), replace(ANNA, level="EXTENDED"))


@pytest.mark.parametrize(("level", "worth"), [("EXTENDED", "LOW"), ("PLUS", "SUBSTANTIAL")])
async def test_a_signature_below_freja_plus_is_worth_less_where_the_settings_let_it_pass(
    scene: Scene, level: str, worth: str
) -> None:
    scene.provider = scene.provider_with(min_registration_level="EXTENDED")
    proof = await scene.signed(scene.step_up(), replace(ANNA, level=level))
    assert (proof.acr_reported, proof.facts["registration_level"]) == (worth, level)


async def test_a_person_may_be_known_by_frejas_own_name_for_them(scene: Scene) -> None:
    scene.provider = scene.provider_with(known_by="relying_party_user_id")
    assert (await scene.signed(scene.step_up())).subject == ANNA.user_id


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.LINK])
@pytest.mark.parametrize("words", ["", "Sign in to Acme"])
async def test_signing_in_and_linking_are_signed_too(scene: Scene, purpose: Purpose, words: str) -> None:
    proof = await scene.signed(scene.step_up(purpose=purpose, visible=words))
    assert proof.binding is Binding.SIGNED


@pytest.mark.parametrize(("keep", "kept"), [(False, None), (True, f"SE{ANNA.ssn}")])
async def test_the_number_is_kept_only_where_the_settings_say_so(scene: Scene, keep: bool, kept: str | None) -> None:
    scene.provider = scene.provider_with(keep_personal_number=keep)
    assert (await scene.signed(scene.step_up(purpose=Purpose.LINK))).data == {"personal_number": kept}
    assert (await scene.signed(scene.step_up())).data is None


async def test_a_signature_over_another_intents_words_is_refused(scene: Scene) -> None:
    other = scene.step_up(b"pay 9000 USD")
    words = {"text": b64(other.visible.encode()), "binaryData": b64(other.intent_hash.encode())}
    with pytest.raises(OtherIntent):
        await scene.signed(scene.step_up(), words=words)


async def test_a_result_of_another_reference_spliced_in_is_refused(scene: Scene) -> None:
    with pytest.raises(OtherIntent):
        await scene.signed(scene.step_up(), signRef="another-reference")


async def test_a_result_by_another_key_is_refused(scene: Scene) -> None:
    attacker = (rsa_key("attacker"), freja_certificate_of(scene))
    with pytest.raises(Refused, match="verify"):
        await scene.signed(scene.step_up(), signer=attacker)


async def test_a_result_by_a_certificate_that_is_not_in_the_settings_ends_nothing(scene: Scene) -> None:
    with pytest.raises(Misconfigured) as refusal:
        await scene.signed(scene.step_up(), signer=(rsa_key("next"), freja_certificate("next")))
    assert not refusal.value.final


async def test_the_answers_own_status_alone_proves_nothing(scene: Scene) -> None:
    # Whoever could answer for Freja could say APPROVED; what counts is inside of what Freja signs.
    with pytest.raises(OtherIntent):
        await scene.signed(scene.step_up(), status="STARTED")


async def test_a_signature_of_another_step_up_is_refused(scene: Scene) -> None:
    one, two = scene.step_up(), scene.step_up()
    challenge = await scene.begun(one)
    scene.fake.approve(scene.opened(challenge))
    with pytest.raises(OtherIntent):
        await scene.collected(two, challenge.state)


async def test_it_ends_with_its_step_up_to_the_millisecond(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now = step_up.expires_at - 1
    assert isinstance(await scene.collected(step_up, challenge.state), Pending)
    scene.now += 1
    with pytest.raises(TimedOut):
        await scene.collected(step_up, challenge.state)


async def test_a_short_step_up_is_asked_for_as_long_as_freja_wants_and_ends_in_time_here(scene: Scene) -> None:
    step_up = scene.step_up(expires_at=scene.now + 30_000)
    challenge = await scene.begun(step_up)
    assert challenge.expires_at == step_up.expires_at
    scene.fake.approve(scene.opened(challenge))
    scene.now += 30_000
    with pytest.raises(TimedOut):
        await scene.collected(step_up, challenge.state)


@pytest.mark.parametrize("answer", [None, {}, {"details": "a.b.c"}, {"cancel": "true"}, {"cancel": 1}, []])
async def test_the_page_can_answer_nothing(scene: Scene, answer: Any) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    with pytest.raises(Malformed):
        await scene.provider.complete(scene.factor, step_up, challenge.state, answer, now=scene.now)


async def test_the_page_can_end_it_at_freja(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    with pytest.raises(Cancelled):
        await scene.provider.complete(scene.factor, step_up, challenge.state, {"cancel": True}, now=scene.now)
    assert scene.fake.newest.status == "RP_CANCELED"


async def test_the_page_of_another_step_up_ends_nothing(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up())
    with pytest.raises(OtherIntent):
        await scene.provider.complete(scene.factor, scene.step_up(), challenge.state, {"cancel": True}, now=scene.now)
    assert scene.fake.newest.status == "STARTED"


async def test_cancelling_what_is_signed_already_raises_nothing_and_takes_nothing_away(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.approve(scene.opened(challenge))
    await scene.provider.cancel(challenge.state)
    await scene.provider.cancel({})
    assert not isinstance(await scene.collected(step_up, challenge.state), Pending)


async def test_a_silent_freja_is_down_within_the_time_limit(scene: Scene) -> None:
    scene.provider = scene.provider_with(time_limit=0.05)
    with scene.fake.plays(Trouble.SILENT), pytest.raises(ProviderDown, match="in time"):
        await scene.begun(scene.step_up())


async def test_what_freja_cannot_show_is_refused_before_it_is_asked(scene: Scene) -> None:
    with pytest.raises(Refused, match="control characters"):
        await scene.begun(scene.step_up(visible="Pay \u202e85 USD"))
    assert scene.fake.calls == []


def freja_certificate_of(scene: Scene) -> Any:
    return scene.fake.signer[1]
