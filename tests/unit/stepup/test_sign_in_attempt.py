"""An attempt as a noun, and what is kept of a proof."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.stepup.sign_in_attempt import LIFE, Attempt, Proven, asked_with, proven_of, secret_hash
from identity.proof import Binding, Proof, Purpose

ATTEMPT = Attempt(
    id="sgn_1",
    secret_hash=secret_hash("sgn_secret"),
    method="company",
    wanted_org=None,
    state="running",
    version=1,
    sealed=None,
    tries=0,
    collect_at=None,
    began_at=0,
    expires_at=LIFE,
)
ASKED = {
    "visible": "Sign in.",
    "language": "en",
    "address": "192.0.2.1",
    "user_agent": "",
    "same_device": True,
    "return_url": "https://hub.example/return",
}


def proof(subject: str | None = "sub-1", **claims: Any) -> Proof:
    return Proof("company", ("pwd",), Binding.NONCE, 5, subject=subject, data={"claims": claims})


@pytest.mark.parametrize(
    ("state", "now", "found"),
    [("running", LIFE - 1, "running"), ("running", LIFE, "ended"), ("proven", LIFE, "ended"), ("done", LIFE, "done")],
)
def test_an_attempt_whose_time_is_over_has_ended(state: str, now: int, found: str) -> None:
    assert msgspec.structs.replace(ATTEMPT, state=state).state_at(now) == found


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_provider_does_not_vouch_for_is_not_kept(verified: Any) -> None:
    kept = proven_of(proof(email="ada@example.com", email_verified=verified))
    assert kept is not None
    assert kept.email is None


def test_an_address_that_the_provider_vouches_for_is_kept_with_name_and_groups() -> None:
    kept = proven_of(proof(email="ada@example.com", email_verified=True, name="Ada", groups=["it"]))
    assert kept is not None
    assert (kept.email, kept.name, kept.groups) == ("ada@example.com", "Ada", ("it",))


@pytest.mark.parametrize(("told", "kept"), [({"groups": None}, None), ({"groups": []}, ()), ({}, ())])
def test_groups_that_were_left_out_are_not_the_same_as_none(told: dict[str, Any], kept: tuple[str, ...] | None) -> None:
    found = proven_of(proof(**told))
    assert found is not None
    assert found.groups == kept


def test_a_proof_that_names_nobody_signs_nobody_in() -> None:
    assert proven_of(proof(subject=None)) is None


def test_what_a_provider_is_asked_is_tied_to_this_attempt_and_to_signing_in() -> None:
    first, second = [asked_with(one, ASKED) for one in (ATTEMPT, msgspec.structs.replace(ATTEMPT, id="sgn_2"))]
    assert first.purpose is Purpose.SIGN_IN
    assert first.challenge != second.challenge
    assert first.intent_hash != second.intent_hash


def test_what_was_proven_is_printed_without_the_person() -> None:
    shown = repr(Proven(subject="19900101-1239", amr=(), binding="server", reported=None, auth_ref=None, name="Ada"))
    assert "19900101" not in shown
    assert "Ada" not in shown
