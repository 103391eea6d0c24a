"""Many executors with one token: one winner, whatever the process."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import pytest

from approvals_hub.core.errors import Conflict, Unavailable
from approvals_hub.hub import Hub
from approvals_hub.tokens.possession import Redemption
from approvals_hub.tokens.redeem import Redeemed
from tests.unit.hub_fixture import StaffedHub, Token, staffed_hub

LONG = os.environ.get("SOAK") == "1"
CALLERS = 500
TOKENS, EACH = (1_000, 200) if LONG else (1, CALLERS)
"""Tokens in turn, and how many executors come with each of them at once."""


async def redeem(hub: Hub, redemption: Redemption) -> Redeemed:
    """As an executor does: told that nothing was done as the database has too much to do, it asks again."""
    async with asyncio.timeout(120):
        while True:
            try:
                return await hub.redeem(redemption)
            except Unavailable as busy:
                if busy.code != "database_unavailable":
                    raise


async def race(token: Token, hubs: list[Hub], keys: list[str]) -> Counter[str]:
    """How many callers, in turn at each hub, won, got the winner's answer, or were told who else did."""
    redemptions = [token.redemption(key) for key in keys]
    answers = await asyncio.gather(
        *(redeem(hubs[number % len(hubs)], redemption) for number, redemption in enumerate(redemptions)),
        return_exceptions=True,
    )
    told: Counter[str] = Counter()
    proofs = set()
    for answer in answers:
        if isinstance(answer, Redeemed):
            told["repeated" if answer.repeated else "won"] += 1
            proofs.add(answer.proof_token)
        elif isinstance(answer, Conflict):
            told[answer.code] += 1
        else:
            raise AssertionError(answer)
    assert len(proofs) == 1
    return told


async def test_of_500_redemptions_at_once_one_wins(house: StaffedHub) -> None:
    token = await house.bot.approved()
    told = await race(token, [house.hub], [f"run-{number}" for number in range(CALLERS)])
    assert told == {"won": 1, "already_redeemed": CALLERS - 1}
    assert len(await house.events("token.redeemed")) == 1


async def test_of_500_repetitions_at_once_all_get_the_same_answer(house: StaffedHub) -> None:
    token = await house.bot.approved()
    told = await race(token, [house.hub], ["run-1"] * CALLERS)
    assert told == {"won": 1, "repeated": CALLERS - 1}


async def test_two_executors_that_both_repeat_get_one_winner(house: StaffedHub) -> None:
    token = await house.bot.approved()
    told = await race(token, [house.hub], [f"run-{number % 2}" for number in range(60)])
    assert told == {"won": 1, "repeated": 29, "already_redeemed": 30}


@pytest.mark.soak
@pytest.mark.parametrize("same", [True, False])
async def test_of_500_redemptions_at_two_hubs_on_one_database_one_wins(
    postgres_uri: str, tmp_path: Path, same: bool
) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        other = await house.another_process()
        keys = ["run-1" if same else f"run-{number}" for number in range(EACH)]
        await house.let_agents_ask(TOKENS)
        for _ in range(TOKENS):
            told = await race(await house.bot.approved(), [house.hub, other], keys)
            assert told == {"won": 1, "repeated" if same else "already_redeemed": EACH - 1}
        assert len(await house.events("token.redeemed")) == TOKENS


@pytest.mark.parametrize("number", range(3))
async def test_a_token_recalled_while_it_is_redeemed_is_one_or_the_other(
    postgres_uri: str, tmp_path: Path, number: int
) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        other = await house.another_process()
        token = await house.bot.approved()
        redeemed, recalled = await asyncio.gather(
            other.redeem(token.redemption()),
            house.hub.recall(house.owner.credential, token.escalation_id),
            return_exceptions=True,
        )
        [row] = await house.rows("SELECT token_state FROM escalations")
        assert isinstance(redeemed, Redeemed) == (row["token_state"] == "redeemed")
        assert isinstance(recalled, Conflict) == (row["token_state"] == "redeemed")
        assert row["token_state"] in ("redeemed", "revoked")
