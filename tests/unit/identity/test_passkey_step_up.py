"""Passkeys as a step-up: over the challenge of one intent, by one of the person's credentials."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

from approvals_hub_client.canonical import b64u
from identity.attempt import WrongTry
from identity.errors import OtherIntent, Refused, TooWeak, WrongAnswer
from identity.passkey_step_up import PasskeySettings
from identity.proof import Binding, Factor, Proof, Purpose
from tests.contracts.step_up.stage_webauthn import PasskeyStage, kept_of
from tests.fakes.soft_authenticator import SoftAuthenticator

STRICT = [("not_synced", True), ("device_bound", True), ("device_bound", False), ("devcie_bound", False)]
"""What a question takes, and whether a passkey that it does not take is synced or may be only."""


@pytest.fixture
def stage() -> PasskeyStage:
    return PasskeyStage()


def keep(stage: PasskeyStage, *authenticators: SoftAuthenticator) -> None:
    """Register these passkeys of the person, and no others."""
    stage.factor = Factor({"credentials": [kept_of(authenticator) for authenticator in authenticators]})


def copied(*, synced: bool) -> SoftAuthenticator:
    authenticator = SoftAuthenticator()
    authenticator.backup_eligible, authenticator.backed_up = True, synced
    return authenticator


async def prove(stage: PasskeyStage, authenticator: SoftAuthenticator, passkeys: str = "any") -> Proof:
    step_up = stage.step_up(passkeys=passkeys)
    challenge = await stage.provider.begin(stage.factor, step_up)
    answer = authenticator.get(step_up.challenge)
    return await stage.provider.complete(stage.factor, step_up, challenge.state, answer, now=stage.now)


async def test_an_assertion_over_the_challenge_proves_the_person(stage: PasskeyStage) -> None:
    proof = await prove(stage, stage.mine)
    assert (proof.method, proof.amr, proof.binding) == ("webauthn", ("pop", "user", "mfa"), Binding.NONCE)
    assert proof.facts == {"backup_eligible": False, "backed_up": False, "counter_regressed": False}
    assert proof.subject is None


async def test_the_browser_is_asked_for_the_persons_credentials_and_verification(stage: PasskeyStage) -> None:
    other = SoftAuthenticator()
    keep(stage, stage.mine, other)
    step_up = stage.step_up()
    options = (await stage.provider.begin(stage.factor, step_up)).shown["options"]
    assert [entry["id"] for entry in options["allowCredentials"]] == [
        b64u(stage.mine.credential_id),
        b64u(other.credential_id),
    ]
    assert options["userVerification"] == "required"
    assert options["challenge"] == b64u(step_up.challenge)


async def test_any_of_several_credentials_will_do_and_only_its_counter_grows(stage: PasskeyStage) -> None:
    other = SoftAuthenticator()
    keep(stage, stage.mine, other)
    proof = await prove(stage, other)
    assert proof.data is not None
    assert [kept["sign_count"] for kept in proof.data["credentials"]] == [0, 1]
    assert [kept["id"] for kept in proof.data["credentials"]] == [
        kept["id"] for kept in stage.factor.data["credentials"]
    ]


async def test_an_auditor_can_verify_the_evidence_alone(stage: PasskeyStage) -> None:
    step_up = stage.step_up()
    challenge = await stage.provider.begin(stage.factor, step_up)
    answer = stage.mine.get(step_up.challenge)
    proof = await stage.provider.complete(stage.factor, step_up, challenge.state, answer, now=stage.now)
    evidence = proof.evidence
    key = decoded_public_key_to_cryptography(decode_credential_public_key(evidence["public_key"]))
    signed = evidence["authenticator_data"] + sha256(evidence["client_data"]).digest()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(evidence["signature"], signed, ec.ECDSA(SHA256()))
    client_data = msgspec.json.decode(evidence["client_data"])
    assert urlsafe_b64decode(client_data["challenge"] + "=") == step_up.challenge


async def test_a_counter_that_went_back_is_told_and_the_higher_one_is_kept(stage: PasskeyStage) -> None:
    stage.mine.count = 9
    keep(stage, stage.mine)
    stage.mine.count = 3
    proof = await prove(stage, stage.mine)
    assert proof.facts["counter_regressed"] is True
    assert proof.data is not None
    assert proof.data["credentials"][0]["sign_count"] == 9


async def test_a_synced_passkey_counts_where_any_does(stage: PasskeyStage) -> None:
    authenticator = copied(synced=True)
    keep(stage, authenticator)
    assert (await prove(stage, authenticator)).facts["backed_up"] is True


@pytest.mark.parametrize(("passkeys", "synced"), STRICT)
async def test_a_person_with_copied_passkeys_alone_is_not_asked_where_they_do_not_count(
    stage: PasskeyStage, passkeys: str, synced: bool
) -> None:
    keep(stage, copied(synced=synced))
    with pytest.raises(TooWeak):
        await stage.provider.begin(stage.factor, stage.step_up(passkeys=passkeys))


@pytest.mark.parametrize(("passkeys", "synced"), STRICT[:3])
async def test_a_copied_passkey_used_instead_of_the_one_that_was_asked_for_is_too_weak(
    stage: PasskeyStage, passkeys: str, synced: bool
) -> None:
    authenticator = copied(synced=synced)
    keep(stage, stage.mine, authenticator)
    options = (await stage.provider.begin(stage.factor, stage.step_up(passkeys=passkeys))).shown["options"]
    assert [entry["id"] for entry in options["allowCredentials"]] == [b64u(stage.mine.credential_id)]
    with pytest.raises(TooWeak):
        await prove(stage, authenticator, passkeys)


async def test_a_passkey_that_may_be_synced_and_is_not_counts_where_only_synced_ones_do_not(
    stage: PasskeyStage,
) -> None:
    authenticator = copied(synced=False)
    keep(stage, authenticator)
    assert (await prove(stage, authenticator, "not_synced")).facts["backup_eligible"] is True


async def test_a_passkey_that_was_synced_since_it_was_last_used_is_too_weak(stage: PasskeyStage) -> None:
    authenticator = copied(synced=False)
    keep(stage, authenticator)
    authenticator.backed_up = True
    with pytest.raises(TooWeak):
        await prove(stage, authenticator, "not_synced")


async def test_a_passkey_that_hides_that_it_became_one_that_can_be_copied_is_refused(stage: PasskeyStage) -> None:
    stage.mine.backup_eligible = True
    with pytest.raises(WrongAnswer):
        await prove(stage, stage.mine)


async def test_a_genuine_signature_over_another_intent_ends_the_challenge(stage: PasskeyStage) -> None:
    step_up = stage.step_up()
    challenge = await stage.provider.begin(stage.factor, step_up)
    stolen = stage.mine.get(stage.step_up(intent=b"pay 9000 USD").challenge)
    with pytest.raises(OtherIntent):
        await stage.provider.complete(stage.factor, step_up, challenge.state, stolen, now=stage.now)


async def test_an_unsigned_challenge_of_another_intent_ends_nothing(stage: PasskeyStage) -> None:
    step_up = stage.step_up()
    challenge = await stage.provider.begin(stage.factor, step_up)
    stage.mine.bogus = True
    forged = stage.mine.get(stage.step_up(intent=b"pay 9000 USD").challenge)
    with pytest.raises(WrongTry):
        await stage.provider.complete(stage.factor, step_up, challenge.state, forged, now=stage.now)


async def test_a_signature_replayed_beside_the_right_client_data_is_refused(stage: PasskeyStage) -> None:
    step_up = stage.step_up()
    challenge = await stage.provider.begin(stage.factor, step_up)
    right = stage.mine.get(step_up.challenge)
    stolen = stage.mine.get(stage.step_up(intent=b"pay 9000 USD").challenge)
    stolen["response"]["clientDataJSON"] = right["response"]["clientDataJSON"]
    with pytest.raises(WrongAnswer):
        await stage.provider.complete(stage.factor, step_up, challenge.state, stolen, now=stage.now)


ATTACKS: dict[str, tuple[str, Any]] = {
    "another site's origin": ("origin", "https://hub.example.evil"),
    "another rp id": ("rp_id", "example"),
    "a page inside another site's frame": ("cross_origin", True),
    "nobody present": ("user_present", False),
    "nobody verified": ("user_verified", False),
    "a bogus signature": ("bogus", True),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_assertion_under_attack_is_a_wrong_answer(stage: PasskeyStage, attack: str) -> None:
    setattr(stage.mine, *ATTACKS[attack])
    with pytest.raises(WrongTry) as error:
        await prove(stage, stage.mine)
    assert error.value.state["wrong"] == 1


async def test_a_passkey_removed_meanwhile_proves_nothing(stage: PasskeyStage) -> None:
    step_up = stage.step_up()
    challenge = await stage.provider.begin(stage.factor, step_up)
    keep(stage, stage.theirs)
    answer = stage.mine.get(step_up.challenge)
    with pytest.raises(WrongAnswer):
        await stage.provider.complete(stage.factor, step_up, challenge.state, answer, now=stage.now)


async def test_nobody_without_a_passkey_is_asked(stage: PasskeyStage) -> None:
    with pytest.raises(Refused):
        await stage.provider.begin(Factor(), stage.step_up())


async def test_a_passkey_is_not_linked_here(stage: PasskeyStage) -> None:
    with pytest.raises(Refused):
        await stage.provider.begin(stage.factor, stage.step_up(purpose=Purpose.LINK))


async def test_the_sixth_assertion_is_refused_after_five_wrong_ones(stage: PasskeyStage) -> None:
    step_up = stage.step_up()
    state = {**(await stage.provider.begin(stage.factor, step_up)).state, "wrong": 5}
    with pytest.raises(Refused, match="too many"):
        await stage.provider.complete(stage.factor, step_up, state, stage.mine.get(step_up.challenge), now=stage.now)


@pytest.mark.parametrize("table", [{"allow_synced": True}, {"user_verification": "preferred"}])
def test_a_setting_of_another_kind_or_name_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, PasskeySettings)
