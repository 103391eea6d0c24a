"""The one place where the hub signs what others rely on."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.tokens.mint import SKEW
from approvals_hub_client import paseto
from approvals_hub_client.paseto import BadToken
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub, Token


@pytest.fixture
async def token(house: StaffedHub) -> Token:
    return await house.bot.approved()


async def test_a_hub_reads_its_own_approval_token(house: StaffedHub, token: Token) -> None:
    claims = house.hub.mint.open_approval(token.text, house.time.now)
    assert (claims["jti"], claims["sub"], claims["iss"]) == (token.jti, house.bot.agent_id, PUBLIC_URL)


async def test_the_footer_names_the_key_that_the_claims_name(house: StaffedHub, token: Token) -> None:
    claims = house.hub.mint.open_approval(token.text, house.time.now)
    assert paseto.kid_of(token.text) == claims["kid"] == house.hub.ring.signer("token", house.time.now).kid


async def test_a_verifier_of_proofs_accepts_no_approval_token(house: StaffedHub, token: Token) -> None:
    with pytest.raises(BadToken):
        house.hub.mint.open_proof(token.text, house.time.now, None)


async def test_a_verifier_of_approvals_accepts_no_proof(house: StaffedHub, token: Token) -> None:
    proof = (await token.redeem()).proof_token
    with pytest.raises(BadToken):
        house.hub.mint.open_approval(proof, house.time.now)


async def test_an_outcome_token_is_neither(house: StaffedHub, token: Token) -> None:
    outcome = (await house.bot.standing(token.escalation_id)).outcome_token
    assert outcome is not None
    for read in (
        lambda: house.hub.mint.open_approval(outcome, house.time.now),
        lambda: house.hub.mint.open_proof(outcome, house.time.now, None),
    ):
        with pytest.raises(BadToken):
            read()
    trusted = house.hub.ring.trusted(house.time.now)
    claims = paseto.decode(
        trusted, outcome, implicit=paseto.OUTCOME, audience=house.bot.agent_id, now=house.time.now, issuer=PUBLIC_URL
    )
    assert claims["outcome"] == "approved"


async def test_a_token_of_another_hub_is_refused(house: StaffedHub, token: Token) -> None:
    key = house.hub.ring.signer("token", house.time.now)
    assert key.seed is not None
    claims = house.hub.mint.open_approval(token.text, house.time.now)
    foreign = house.hub.mint._sign(key.seed, key.kid, {**claims, "iss": "https://evil.example"}, paseto.APPROVAL)
    with pytest.raises(BadToken) as refused:
        house.hub.mint.open_approval(foreign, house.time.now)
    assert refused.value.reason == "issuer"


async def test_a_token_that_another_process_minted_a_moment_ahead_is_valid_already(
    house: StaffedHub, token: Token
) -> None:
    assert house.hub.mint.open_approval(token.text, house.time.now - SKEW)
    with pytest.raises(BadToken):
        house.hub.mint.open_approval(token.text, house.time.now - SKEW - 1)


async def test_an_expired_token_is_refused_unless_it_is_asked_for(house: StaffedHub, token: Token) -> None:
    late = house.time.now + MINUTE + SKEW
    assert house.hub.mint.open_approval(token.text, late - 1)
    with pytest.raises(BadToken) as refused:
        house.hub.mint.open_approval(token.text, late)
    assert refused.value.reason == "expired"
    assert house.hub.mint.open_approval(token.text, late, late=5 * SECOND)


async def test_each_collection_mints_anew_under_the_same_id(house: StaffedHub, token: Token) -> None:
    house.time.now += SECOND
    again = (await house.bot.standing(token.escalation_id)).approval_token
    assert again is not None
    first, second = (house.hub.mint.open_approval(text, house.time.now) for text in (token.text, again))
    assert (first["jti"], first["exp"] < second["exp"]) == (second["jti"], True)


async def test_nothing_usable_waits_in_the_database(house: StaffedHub, token: Token) -> None:
    for row in await house.rows("SELECT * FROM escalations"):
        assert not any("v4.public" in str(row[name]) for name in dict(row))
