"""From a completed order to a proof: who, how risky, how strictly."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from identity.errors import OtherIntent, Refused, TooRisky, TooWeak, WrongPerson
from identity.proof import Binding, Factor, Proof, Purpose
from tests.fakes.bankid_scene import Scene, bankid_scene, foreign_authorities


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with bankid_scene() as found:
        yield found


async def proof_in(scene: Scene, **changes: Any) -> Proof:
    proof = await scene.signed(scene.step_up(**changes))
    assert isinstance(proof, Proof)
    return proof


async def test_a_proof_says_that_the_words_were_signed_by_whom_and_where(scene: Scene) -> None:
    proof = await proof_in(scene)
    assert (proof.method, proof.amr, proof.binding, proof.identified) == (
        "bankid",
        ("pop", "mfa"),
        Binding.SIGNED,
        "eid",
    )
    assert proof.subject == scene.anna.personal_number
    assert proof.auth_ref == scene.fake.orders.started[-1].order_ref
    assert proof.at == scene.now
    assert proof.data is None


async def test_the_signature_and_the_ocsp_response_are_kept_as_evidence(scene: Scene) -> None:
    proof = await proof_in(scene)
    assert set(proof.evidence) == {"signature", "ocsp"}
    assert b"<usrVisibleData" in proof.evidence["signature"]
    assert proof.evidence["ocsp"].startswith(b"\x30")


async def test_facts_say_nothing_personal(scene: Scene) -> None:
    proof = await proof_in(scene)
    assert proof.facts == {"risk": "low", "same_device": False, "same_address": True, "mrtd": False}
    personal = (scene.anna.personal_number, scene.anna.name, scene.anna.device, "192.0.2.10")
    assert not any(text in json.dumps(dict(proof.facts)) for text in personal)


async def test_an_app_at_another_address_is_a_fact_for_policies(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    order = scene.open(challenge.shown)
    order.asked["endUserIp"] = "198.51.100.7"
    scene.fake.approve(order)
    proof = await scene.collected(step_up, challenge.state)
    assert isinstance(proof, Proof)
    assert proof.facts["same_address"] is False


async def test_somebody_else_who_signs_is_refused_though_all_else_is_in_order(scene: Scene) -> None:
    with pytest.raises(WrongPerson):
        await scene.signed(scene.step_up(), scene.bo)


async def test_somebody_else_is_refused_also_where_bankid_did_not(scene: Scene) -> None:
    scene.factor = replace(scene.factor, data={"personal_number": scene.anna.personal_number})
    scene.fake.orders.refuses_others = False
    with pytest.raises(WrongPerson):
        await scene.signed(scene.step_up(), scene.bo)


async def test_a_number_told_that_is_not_in_the_certificate_is_refused(scene: Scene) -> None:
    # Bo signs, and the answer says that it was Anna; nobody is known yet who could be compared with.
    scene.factor = Factor(is_mine=lambda subject: True)
    with pytest.raises(WrongPerson):
        await scene.signed(scene.step_up(), scene.bo, told=scene.anna.personal_number)


@pytest.mark.parametrize(
    ("risk", "most", "accepted"),
    [
        ("low", None, True),
        ("moderate", None, True),
        ("high", None, False),
        ("low", "low", True),
        ("moderate", "moderate", True),
    ],
)
async def test_more_risk_than_is_accepted_is_refused(scene: Scene, risk: str, most: str | None, accepted: bool) -> None:
    scene.fake.risk = risk
    if accepted:
        assert (await proof_in(scene, most_risk=most)).facts["risk"] == risk
        return
    with pytest.raises(TooRisky):
        await proof_in(scene, most_risk=most)


@pytest.mark.parametrize(("risk", "most"), [("moderate", "low"), ("high", "moderate"), ("low", "a word of nobody's")])
async def test_a_risk_above_the_limit_is_refused_also_where_bankid_let_it_pass(
    scene: Scene, risk: str, most: str
) -> None:
    step_up = scene.step_up(most_risk=most)
    challenge = await scene.begun(step_up)
    order = scene.open(challenge.shown)
    del order.asked["requirement"]
    scene.fake.risk = risk
    scene.fake.approve(order)
    with pytest.raises(TooRisky):
        await scene.collected(step_up, challenge.state)


async def test_an_order_that_bankid_blocks_for_its_risk_is_too_risky(scene: Scene) -> None:
    scene.fake.risk = "high"
    with pytest.raises(TooRisky) as refusal:
        await scene.signed(scene.step_up(most_risk="moderate"))
    assert refusal.value.hint == "transactionRiskBlocked"


@pytest.mark.parametrize(
    ("ask_risk", "accept_missing_risk", "most", "accepted"),
    [
        (True, False, None, False),
        (True, True, None, True),
        (False, False, None, True),  # nobody asked
        (False, False, "low", False),  # the step-up asked
        (True, True, "moderate", False),  # a limit that the question sets is no setting's to lift
    ],
)
async def test_a_risk_that_bankid_cannot_tell_counts_as_the_settings_say(
    scene: Scene, ask_risk: bool, accept_missing_risk: bool, most: str | None, accepted: bool
) -> None:
    scene.provider = scene.provider_with(ask_risk=ask_risk, accept_missing_risk=accept_missing_risk)
    scene.fake.risk = None
    if accepted:
        assert (await proof_in(scene, most_risk=most)).facts["risk"] == "unknown"
        return
    with pytest.raises(TooRisky) as refusal:
        await proof_in(scene, most_risk=most)
    assert refusal.value.hint == "risk_missing"


async def test_a_travel_document_that_was_asked_for_must_have_been_scanned(scene: Scene) -> None:
    scene.provider = scene.provider_with(mrtd=True)
    assert (await proof_in(scene)).facts["mrtd"] is True
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    order = scene.open(challenge.shown)
    del order.asked["requirement"]
    scene.fake.approve(order)
    with pytest.raises(TooWeak):
        await scene.collected(step_up, challenge.state)


async def test_another_kind_of_bankid_than_was_asked_for_is_too_weak(scene: Scene) -> None:
    scene.provider = scene.provider_with(only=("card",))
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    order = scene.fake.newest
    order.opened_by = scene.anna  # BankID itself would have refused her mobile one
    scene.fake.approve(order)
    with pytest.raises(TooWeak):
        await scene.collected(step_up, challenge.state)


@pytest.mark.parametrize(("keeps", "kept"), [(False, None), (True, "199001011239")])
async def test_linking_keeps_the_number_in_clear_only_where_that_was_set(
    scene: Scene, keeps: bool, kept: str | None
) -> None:
    scene.provider = scene.provider_with(keep_personal_number=keeps)
    scene.factor = Factor(is_mine=lambda subject: True)
    proof = await proof_in(scene, purpose=Purpose.LINK)
    assert proof.data == {"personal_number": kept}
    assert proof.subject == scene.anna.personal_number


async def test_a_linked_number_is_required_of_bankid_from_then_on(scene: Scene) -> None:
    scene.factor = replace(scene.factor, data={"personal_number": scene.anna.personal_number})
    await proof_in(scene)
    assert scene.fake.orders.started[-1].requirement == {"personalNumber": scene.anna.personal_number}


@pytest.mark.parametrize(
    "bent",
    [{"visible": "RXZpbA=="}, {"hidden": "RXZpbA=="}, {"function": "Identification"}],
    ids=["other-words", "another-hash", "an-identification"],
)
async def test_a_genuine_signature_over_something_else_is_another_intent(scene: Scene, bent: dict[str, str]) -> None:
    with pytest.raises(OtherIntent):
        await scene.signed(scene.step_up(), **bent)


async def test_a_sign_in_cannot_be_turned_into_a_decision(scene: Scene) -> None:
    sign_in = scene.step_up(purpose=Purpose.SIGN_IN)
    challenge = await scene.begun(sign_in)
    assert scene.fake.newest.kind == "auth"
    scene.fake.approve(scene.open(challenge.shown))
    with pytest.raises(OtherIntent):
        await scene.collected(replace(sign_in, purpose=Purpose.DECISION), challenge.state)


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.LINK])
async def test_an_identification_proves_who_somebody_is(scene: Scene, purpose: Purpose) -> None:
    assert (await proof_in(scene, purpose=purpose, visible="")).subject == scene.anna.personal_number


@pytest.mark.parametrize(
    "bent",
    [
        {"bend_document": lambda document: document.replace("pw</uauth>", "pb</uauth>")},
        {"ocsp_nonce": bytes(32)},
    ],
    ids=["a-tampered-signature", "a-replayed-ocsp-response"],
)
async def test_evidence_that_does_not_verify_is_refused_for_good(scene: Scene, bent: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        await scene.signed(scene.step_up(), **bent)
    assert refusal.value.hint == "bad_evidence"
    assert refusal.value.final


async def test_a_signature_under_a_foreign_authority_is_refused(scene: Scene) -> None:
    impostor = foreign_authorities().person(scene.anna.personal_number, "Anna", "Ångström")
    with pytest.raises(Refused) as refusal:
        await scene.signed(scene.step_up(), authorities=foreign_authorities(), signer=impostor)
    assert refusal.value.hint == "bad_evidence"
