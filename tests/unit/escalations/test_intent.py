"""Whether an intent says of a question what is true of it, and whether its nonce is for exactly this."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import HubError
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.intent import check_nonce, untrue
from approvals_hub.escalations.nonce import LIFE
from tests.unit.hub_fixture import StaffedHub

HASH = "sha256:" + "0" * 64


async def asked(house: StaffedHub) -> tuple[dict[str, Any], Escalation]:
    """A true intent, and its question."""
    opened = await house.bot.ask()
    found = await house.hub.db.read(lambda tx: store.find(tx, opened.escalation.id))
    assert found is not None
    return await house.owner.statement(found.id), found


async def nonce(house: StaffedHub, intent: dict[str, Any]) -> str:
    """`good`, or the code of the refusal."""
    found = check_nonce(house.hub.begin_step_up.nonces, intent, house.time.now)
    return found.code if isinstance(found, HubError) else "good"


async def test_a_true_intent_is_taken(house: StaffedHub) -> None:
    intent, escalation = await asked(house)
    assert untrue(intent, escalation, house.owner.person_id) is None
    assert await nonce(house, intent) == "good"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("org_id", "org_other"),
        ("escalation_id", "esc_other"),
        ("revision", 2),
        ("action_hash", HASH),
        ("presentation_hash", HASH),
        ("requirement_hash", HASH),
        ("approval_valid_for", 86_400),
        ("approver_id", "per_other"),
        ("match_code", "42"),
    ],
)
async def test_the_member_that_is_not_this_questions_is_named(house: StaffedHub, field: str, value: object) -> None:
    intent, escalation = await asked(house)
    refusal = untrue({**intent, field: value}, escalation, house.owner.person_id)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("statement_mismatch", f"$.statement.{field}")


async def test_somebody_elses_intent_is_not_mine(house: StaffedHub) -> None:
    intent, escalation = await asked(house)
    assert untrue(intent, escalation, "per_me") is not None


@pytest.mark.parametrize("member", ["escalation_id", "approver_id", "device_id", "nonce"])
async def test_a_nonce_for_another_question_person_or_device_is_refused(house: StaffedHub, member: str) -> None:
    intent, _ = await asked(house)
    other = "y" if str(intent[member]).startswith("x") else "x"
    assert await nonce(house, {**intent, member: other + str(intent[member])[1:]}) == "nonce_invalid"


async def test_a_longer_window_than_was_issued_is_refused(house: StaffedHub) -> None:
    intent, _ = await asked(house)
    later = {"issued_at": to_text(house.time.now + 1), "expires_at": to_text(house.time.now + LIFE + 1)}
    for members in (later, {"expires_at": later["expires_at"]}, {"issued_at": later["issued_at"]}):
        assert await nonce(house, {**intent, **members}) == "statement_mismatch"


async def test_a_nonce_counts_until_its_window_is_over(house: StaffedHub) -> None:
    intent, _ = await asked(house)
    house.time.now += LIFE - 1
    assert await nonce(house, intent) == "good"
    house.time.now += 1
    assert await nonce(house, intent) == "nonce_expired"
