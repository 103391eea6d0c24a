"""Whether a proof is valid: evidence any number of times, never permission."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Invalid
from tests.unit.hub_fixture import AUDIENCE, StaffedHub, Token


@pytest.fixture
async def token(house: StaffedHub) -> Token:
    return await house.bot.approved()


async def test_a_proof_verifies_any_number_of_times_and_writes_nothing(house: StaffedHub, token: Token) -> None:
    proof = (await token.redeem()).proof_token
    before = await house.rows("SELECT COUNT(*) AS n FROM audit_entries")
    for _ in range(3):
        said = house.hub.verify_proof(proof, audience=AUDIENCE, action=token.action)
        assert (said.valid, said.reason) == (True, None)
    assert [dict(row) for row in await house.rows("SELECT COUNT(*) AS n FROM audit_entries")] == [
        dict(row) for row in before
    ]


async def test_a_proof_says_who_approved_what_and_how_surely(house: StaffedHub, token: Token) -> None:
    proof = (await token.redeem()).proof_token
    claims = house.hub.verify_proof(proof, audience=None, action=None).claims
    assert claims is not None
    assert [vote["person_id"] for vote in claims["approvers"]] == [house.owner.person_id]
    assert (claims["acr"], claims["amr"], claims["agent_id"]) == ("LOW", ["pop"], house.bot.agent_id)


async def test_a_verify_endpoint_accepts_no_token_of_another_purpose(house: StaffedHub, token: Token) -> None:
    outcome = (await house.bot.standing(token.escalation_id)).outcome_token
    for other in (token.text, outcome, "", "v4.public.AAAA"):
        said = house.hub.verify_proof(str(other), audience=None, action=None)
        assert (said.valid, said.claims) == (False, None)


async def test_a_proof_for_another_party_or_action_is_invalid_and_shows_no_claims(
    house: StaffedHub, token: Token
) -> None:
    proof = (await token.redeem()).proof_token
    other = {**token.action, "payload": {}}
    for said, code in (
        (house.hub.verify_proof(proof, audience="other.example.com", action=None), "audience"),
        (house.hub.verify_proof(proof, audience=AUDIENCE, action=other), "action"),
    ):
        assert (said.valid, said.code, said.claims) == (False, code, None)
        assert said.reason


async def test_an_expired_proof_is_invalid(house: StaffedHub, token: Token) -> None:
    proof = (await token.redeem()).proof_token
    house.time.now += 5 * MINUTE + SECOND
    assert not house.hub.verify_proof(proof, audience=None, action=None).valid


async def test_an_action_without_a_canonical_form_is_refused(house: StaffedHub, token: Token) -> None:
    proof = (await token.redeem()).proof_token
    with pytest.raises(Invalid):
        house.hub.verify_proof(proof, audience=None, action={"x": float("nan")})
