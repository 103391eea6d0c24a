"""Why somebody approved: demanded, bounded, kept with the answer, and shown to them."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.escalations.refusals import REASON_LEAST
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import begin, link_app, question, refused

WHY = "The table was copied to the archive yesterday."


async def test_an_approval_without_the_reason_that_is_asked_for_is_refused(house: StaffedHub) -> None:
    escalation_id = await question(house, reason="required")
    refusal = await refused(Invalid, house.owner.answer(escalation_id))
    assert (refusal.code, refusal.field) == ("reason_required", "$.reason")


@pytest.mark.parametrize("reason", ["ok", "x" * (REASON_LEAST - 1), " " * 40])
async def test_a_reason_that_says_nothing_is_none(house: StaffedHub, reason: str) -> None:
    escalation_id = await question(house, reason="required")
    assert (await refused(Invalid, house.owner.answer(escalation_id, reason=reason))).code == "reason_required"


async def test_the_reason_stands_in_the_receipt_and_its_commitment_in_the_record(house: StaffedHub) -> None:
    escalation_id = await question(house, reason="required")
    receipt = await house.owner.answer(escalation_id, reason=WHY)
    assert (receipt.status, receipt.reason) == ("approved", WHY)
    read = await house.hub.inbox.receipt(house.owner.credential, receipt.decision_id)
    [listed] = await house.hub.inbox.history(house.owner.credential, before=None, limit=5)
    mine = await house.hub.inbox.mine(house.owner.credential, escalation_id)
    assert mine is not None
    assert [read.reason, listed.reason, mine.reason] == [WHY] * 3
    [event] = await house.events("decision.recorded")
    assert event["detail"]["reason_commitment"].startswith("sha256:")
    assert WHY not in str(event)
    assert WHY not in repr(receipt)


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_refusal_needs_no_reason(house: StaffedHub, decision: str) -> None:
    escalation_id = await question(house, reason="required")
    assert (await house.owner.answer(escalation_id, decision)).reason is None


async def test_a_step_up_for_an_approval_that_says_no_reason_is_not_begun(house: StaffedHub) -> None:
    await link_app(house.owner)
    escalation_id = await question(house, reason="required")
    refusal = await refused(Invalid, begin(house.owner, await house.owner.statement(escalation_id)))
    assert refusal.code == "reason_required"
