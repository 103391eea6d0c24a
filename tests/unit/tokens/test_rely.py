"""A redemption that relies on proofs of counterparties: of this very hub too, each once, and nothing half done."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Conflict, HubError, Invalid
from approvals_hub.keys.key import TOKEN
from approvals_hub.tokens.redeem import Redeemed
from approvals_hub.tokens.trusted_hub_store import proofs_of
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from approvals_hub_client.proof import proof_hash
from tests.unit.hub_fixture import AUDIENCE, PUBLIC_URL, StaffedHub, code_of


async def known_as(house: StaffedHub, *names: str) -> None:
    keep = house.hub.keep_trusted_hubs
    await keep.add(house.operator, house.org_id, name="This hub", issuer=PUBLIC_URL, audiences=names)


async def bought(house: StaffedHub) -> str:
    """A proof of another agent of the same hub; its audience is that of every action here."""
    return (await (await (await house.agent("buyer")).approved()).redeem()).proof_token


async def test_the_proofs_hash_stands_in_prev_and_the_proof_is_kept(house: StaffedHub) -> None:
    await known_as(house, AUDIENCE)
    first, second = await bought(house), await bought(house)
    token = await house.bot.approved()
    sold = await token.redeem(counterparty_proofs=(first, second))
    claims = loads(paseto.unverified(sold.proof_token))
    assert claims["prev"] == [proof_hash(first), proof_hash(second)]
    assert await house.hub.db.read(lambda tx: proofs_of(tx, token.jti)) == [first, second]
    again = await token.redeem(counterparty_proofs=(first, second))
    assert (again.repeated, again.proof_token) == (True, sold.proof_token)


async def test_a_proof_of_this_hub_counts_only_under_a_name_that_was_written_down(house: StaffedHub) -> None:
    proof, token = await bought(house), await house.bot.approved()
    with pytest.raises(Invalid) as refused:
        await token.redeem(counterparty_proofs=(proof,))
    assert refused.value.extra == {"reason": "audience"}
    await known_as(house, AUDIENCE)
    assert not (await token.redeem(counterparty_proofs=(proof,))).repeated


async def test_a_proof_that_was_relied_on_is_not_relied_on_again_and_the_other_stays_free(house: StaffedHub) -> None:
    await known_as(house, AUDIENCE)
    used, free = await bought(house), await bought(house)
    await (await house.bot.approved()).redeem(counterparty_proofs=(used,))
    token = await house.bot.approved()
    with pytest.raises(Conflict) as refused:
        await token.redeem(counterparty_proofs=(free, used))
    assert (code_of(refused.value), refused.value.extra) == ("counterparty_proof_used", {"place": 1})
    [entry] = await house.events("token.refused")
    assert entry["decision"] == "counterparty_proof_used"
    assert not (await token.redeem(counterparty_proofs=(free,))).repeated


async def test_two_sales_at_once_never_rely_on_the_same_proofs(house: StaffedHub) -> None:
    await known_as(house, AUDIENCE)
    first, second = await bought(house), await bought(house)
    tokens = [await house.bot.approved() for _ in range(6)]
    results = await asyncio.gather(
        *(
            token.redeem(f"run-{place}", counterparty_proofs=(first, second) if place % 2 else (second, first))
            for place, token in enumerate(tokens)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Redeemed) for result in results) == 1
    assert all(isinstance(result, Redeemed | Conflict) for result in results)


async def test_a_proof_of_a_key_that_was_marked_compromised_counts_no_more(house: StaffedHub) -> None:
    await known_as(house, AUDIENCE)
    proof, token = await bought(house), await house.bot.approved()
    old = house.hub.ring.signer(TOKEN, house.time.now)
    await house.hub.rotate_keys.signing_key(TOKEN)
    house.time.now += MINUTE // 2
    await house.hub.rotate_keys.mark_compromised(old.kid)
    fresh = (await house.bot.standing(token.escalation_id)).approval_token
    with pytest.raises(HubError) as refused:
        await token.redeem(token=fresh, pop=token.pop(), counterparty_proofs=(proof,))
    assert refused.value.extra == {"reason": "unknown_key"}


async def test_an_agents_own_proof_is_no_proof_of_a_counterparty(house: StaffedHub) -> None:
    await known_as(house, AUDIENCE)
    own = (await (await house.bot.approved()).redeem()).proof_token
    token = await house.bot.approved()
    with pytest.raises(Invalid) as refused:
        await token.redeem(counterparty_proofs=(own,))
    assert refused.value.extra == {"reason": "own"}
