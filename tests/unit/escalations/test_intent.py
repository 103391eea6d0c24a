"""An intent is true of a question, or the first member that is not is named."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import HubError
from approvals_hub.escalations.intent import check_nonce, untrue
from tests.unit.hub_fixture import StaffedHub


async def test_the_template_that_the_hub_gives_is_true(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    assert untrue(statement, opened.escalation, house.owner.person_id) is None
    assert isinstance(check_nonce(house.hub.begin_step_up.nonces, statement, house.time.now), bytes)


@pytest.mark.parametrize("field", ["org_id", "escalation_id", "action_hash", "requirement_hash", "approver_id"])
async def test_a_changed_member_is_named(house: StaffedHub, field: str) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    refusal = untrue({**statement, field: "other"}, opened.escalation, house.owner.person_id)
    assert refusal is not None
    assert refusal.field == f"$.statement.{field}"


@pytest.mark.parametrize(
    ("changes", "later", "code"),
    [
        ({"nonce": "AAAA"}, 0, "nonce_invalid"),
        ({"device_id": "dev_other"}, 0, "nonce_invalid"),
        ({"expires_at": "2099-01-01T00:00:00.000Z"}, 0, "statement_mismatch"),
        ({}, 10 * MINUTE, "nonce_expired"),
    ],
)
async def test_a_nonce_for_something_else_or_of_another_time_is_refused(
    house: StaffedHub, changes: dict[str, str], later: int, code: str
) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    found = check_nonce(house.hub.begin_step_up.nonces, {**statement, **changes}, house.time.now + later)
    assert isinstance(found, HubError)
    assert found.code == code
