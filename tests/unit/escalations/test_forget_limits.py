"""Tables of limits stay small."""

from __future__ import annotations

from approvals_hub.core.clock import DAY
from approvals_hub.domain.allowance import FORGOTTEN_AFTER
from approvals_hub.escalations.forget_limits import DAYS_KEPT
from tests.unit.hub_fixture import StaffedHub


async def counts(house: StaffedHub) -> dict[str, int]:
    tables = ("allowances", "back_offs", "prompts")
    return {table: (await house.rows(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"] for table in tables}


async def test_full_buckets_old_denials_and_prompts_of_long_ago_are_forgotten_and_nothing_that_counts(
    house: StaffedHub,
) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id, "deny")
    before = await counts(house)
    await house.hub.forget()
    assert await counts(house) == before
    assert min(before.values()) > 0
    house.time.now += FORGOTTEN_AFTER + 1
    await house.hub.forget()
    assert await counts(house) == {"allowances": 0, "back_offs": 0, "prompts": before["prompts"]}
    await house.bot.ask()
    house.time.now += DAYS_KEPT * DAY
    await house.hub.forget()
    assert await counts(house) == {"allowances": 0, "back_offs": 0, "prompts": 0}
