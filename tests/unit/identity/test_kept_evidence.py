"""What was kept of a proof is verified again, for each provider; bent evidence, another hash or person is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from identity.kept_evidence import BadEvidence, Checked, Kept, Trusted, certificates, check
from identity.proof import Proof, StepUp
from tests.contracts.step_up.stage_webauthn import PasskeyStage
from tests.fakes.bankid_scene import authorities, bankid_scene, foreign_authorities
from tests.fakes.freja_scene import freja_scene
from tests.fakes.openid_scene import openid_scene


@dataclass
class Case:
    """A proof as it was kept, and what is known from elsewhere."""

    kept: Kept
    trusted: Trusted
    tied_by: str
    words: str | None
    pinned: bool


def kept(proof: Proof, step_up: StepUp, method: str | None = None) -> Kept:
    return Kept(
        method=method or proof.method,
        members=proof.evidence,
        subject=proof.subject,
        intent_hash=step_up.intent_hash,
        challenge=step_up.challenge,
        auth_ref=proof.auth_ref,
        audience="https://hub.example",
        began_at=step_up.began_at,
        at=proof.at,
    )


@asynccontextmanager
async def bankid() -> AsyncIterator[Case]:
    async with bankid_scene() as scene:
        step_up = scene.step_up()
        proof = await scene.signed(step_up)
        assert isinstance(proof, Proof)
        roots = certificates(authorities().root.pem)
        yield Case(kept(proof, step_up), Trusted(bankid=roots), "signed", step_up.visible, True)


@asynccontextmanager
async def freja() -> AsyncIterator[Case]:
    async with freja_scene() as scene:
        step_up = scene.step_up()
        proof = await scene.signed(step_up)
        signers = certificates(scene.fake.signer[1].public_bytes(Encoding.PEM))
        yield Case(kept(proof, step_up), Trusted(freja=signers), "signed", step_up.visible, True)


@asynccontextmanager
async def openid() -> AsyncIterator[Case]:
    async with openid_scene() as scene:
        step_up = scene.step_up()
        yield Case(kept(await scene.proven(step_up), step_up), Trusted(), "nonce", None, False)


@asynccontextmanager
async def passkey() -> AsyncIterator[Case]:
    stage = PasskeyStage()
    step_up = stage.step_up()
    challenge = await stage.provider.begin(stage.factor, step_up)
    answer = stage.mine.get(step_up.challenge)
    proof = await stage.provider.complete(stage.factor, step_up, challenge.state, answer, now=stage.now)
    yield Case(kept(proof, step_up), Trusted(), "nonce", None, True)


CASES = [bankid, freja, openid, passkey]


def with_part(case: Case, name: str, bend: Callable[[bytes], bytes]) -> Kept:
    return replace(case.kept, members={**case.kept.members, name: bend(case.kept.members[name])})


def flipped(octets: bytes) -> bytes:
    middle = len(octets) // 2
    return octets[:middle] + bytes([octets[middle] ^ 1]) + octets[middle + 1 :]


@pytest.mark.parametrize("made", CASES)
async def test_what_was_kept_verifies_again_and_nothing_bent_spliced_or_of_somebody_else_does(made: Any) -> None:
    async with made() as case:
        checked = check(case.kept, case.trusted)
        assert (checked.tied_by, checked.words, checked.pinned) == (case.tied_by, case.words, case.pinned)
        attacks = [
            *(with_part(case, name, flipped) for name in case.kept.members if name not in ("key", "certificate")),
            *(replace(case.kept, members={name: b"x"}, method=case.kept.method) for name in case.kept.members),
            replace(case.kept, intent_hash="sha256:" + "0" * 64, challenge=bytes(32)),
        ]
        if case.kept.subject is not None:
            attacks.append(replace(case.kept, subject="somebody else"))
        for attack in attacks:
            if "id_token" in case.kept.members and "id_token" not in attack.members:
                continue
            with pytest.raises(BadEvidence):
                check(attack, case.trusted)


@pytest.mark.parametrize("made", [bankid, freja])
async def test_a_signer_that_only_the_evidence_names_is_said_to_be_that(made: Any) -> None:
    async with made() as case:
        assert check(case.kept, Trusted()) == Checked(case.tied_by, case.words, pinned=False)


async def test_a_bankid_of_authorities_that_only_call_themselves_bankid_is_refused_by_the_pinned_root() -> None:
    async with bankid() as case:
        foreign = Trusted(bankid=certificates(foreign_authorities().root.pem))
        with pytest.raises(BadEvidence, match="root"):
            check(case.kept, foreign)


async def test_a_passkeys_answer_for_another_hub_is_refused() -> None:
    async with passkey() as case:
        with pytest.raises(BadEvidence):
            check(replace(case.kept, audience="https://evil.example"), case.trusted)


def test_a_way_that_leaves_nothing_to_verify_is_tied_by_the_server_alone() -> None:
    nothing = Kept("totp", {}, None, "sha256:" + "0" * 64, bytes(32), None, "https://hub.example", 0, 0)
    assert check(nothing, Trusted()) == Checked("server")


def test_a_file_without_certificates_is_refused() -> None:
    with pytest.raises(ValueError, match="PEM"):
        certificates(b"hello")
