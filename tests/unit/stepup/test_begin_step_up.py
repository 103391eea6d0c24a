"""Beginning to prove who one is: for a true intent, in a way that is enough, once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, TooMany
from approvals_hub.hub import StepUpAsked
from approvals_hub.stepup.step_up import BEGUN_LIMIT
from approvals_hub_client.canonical import dumps
from approvals_hub_client.statement import intent_of
from tests.unit.hub_fixture import Person, StaffedHub, code_of
from tests.unit.step_up_actor import begin, linked

HASH = "sha256:" + "0" * 64


async def refused(person: Person, statement: dict[str, Any], kind: type[HubError], method: str = "totp") -> str:
    with pytest.raises(kind) as found:
        await begin(person, statement, method)
    return code_of(found.value)


async def asked(house: StaffedHub) -> dict[str, Any]:
    opened = await house.bot.ask()
    return await house.owner.statement(opened.escalation.id)


async def test_a_step_up_is_bound_to_its_person_question_and_intent(house: StaffedHub) -> None:
    await linked(house.owner)
    statement = await asked(house)
    begun = await begin(house.owner, statement)
    assert (begun.step.person_id, begun.step.escalation_id) == (house.owner.person_id, statement["escalation_id"])
    assert (begun.step.state, begun.step.purpose, begun.step.method) == ("running", "decision", "totp")
    [event] = await house.events("step_up.begun")
    assert event["detail"]["intent_hash"] == begun.step.intent_hash


async def test_beginning_again_for_the_same_intent_gives_the_running_one_back(house: StaffedHub) -> None:
    await linked(house.owner)
    statement = await asked(house)
    first, again = await begin(house.owner, statement), await begin(house.owner, statement)
    assert first.step.id == again.step.id
    assert first.shown == again.shown


async def test_another_intent_of_the_same_question_is_another_step_up(house: StaffedHub) -> None:
    await linked(house.owner)
    opened = await house.bot.ask()
    one, two = [await begin(house.owner, await house.owner.statement(opened.escalation.id)) for _ in range(2)]
    assert one.step.id != two.step.id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("org_id", "org_other"),
        ("revision", 2),
        ("action_hash", HASH),
        ("presentation_hash", HASH),
        ("requirement_hash", HASH),
        ("approval_valid_for", 86_400),
        ("approver_id", "per_other"),
        ("match_code", "42"),
        ("nonce", "bm9uY2U"),
        ("issued_at", "2027-01-15T08:00:00.001Z"),
    ],
)
async def test_an_intent_that_is_not_true_of_the_question_begins_nothing(
    house: StaffedHub, field: str, value: object
) -> None:
    await linked(house.owner)
    statement = {**await asked(house), field: value}
    assert await refused(house.owner, statement, Invalid) in ("statement_mismatch", "nonce_invalid")
    assert await house.rows("SELECT id FROM step_ups WHERE purpose = 'decision'") == []


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_denial_needs_no_step_up_and_begins_none(house: StaffedHub, decision: str) -> None:
    statement = await asked(house)
    intent = dumps(intent_of({**statement, "decision": decision}))
    with pytest.raises(Invalid) as found:
        await house.hub.begin_step_up(
            house.owner.credential, statement["escalation_id"], StepUpAsked(method="totp", intent=intent)
        )
    assert code_of(found.value) == "no_step_up_needed"


@pytest.mark.parametrize("intent", [b"", b"{}", b"[]", b'{"a":1,"a":1}', b"\xff", b"null"])
async def test_bytes_that_are_no_canonical_intent_are_refused(house: StaffedHub, intent: bytes) -> None:
    statement = await asked(house)
    with pytest.raises(Invalid) as found:
        await house.hub.begin_step_up(
            house.owner.credential, statement["escalation_id"], StepUpAsked(method="totp", intent=intent)
        )
    assert (found.value.field or "").startswith("$.intent")


async def test_a_way_that_this_hub_does_not_offer_is_not_found(house: StaffedHub) -> None:
    assert await refused(house.owner, await asked(house), NotFound, "bankid") == "method_unknown"


async def test_a_way_that_the_person_has_not_linked_is_a_conflict(house: StaffedHub) -> None:
    assert await refused(house.owner, await asked(house), Conflict) == "method_not_linked"


async def test_a_downgrade_to_a_weaker_way_is_refused_and_recorded(house: StaffedHub) -> None:
    await linked(house.owner)
    await house.require(min_assurance="SUBSTANTIAL")
    assert await refused(house.owner, await asked(house), Forbidden) == "method_too_weak"
    [event] = await house.events("step_up.refused")
    assert (event["decision"], event["detail"]["method"]) == ("method_too_weak", "totp")


async def test_another_way_than_the_named_ones_is_refused(house: StaffedHub) -> None:
    await linked(house.owner)
    await house.require(methods=("passkey",))
    assert await refused(house.owner, await asked(house), Forbidden) == "method_too_weak"


async def test_a_question_that_has_ended_begins_nothing(house: StaffedHub) -> None:
    await linked(house.owner)
    statement = await asked(house)
    await house.owner.answer(statement["escalation_id"], "deny")
    assert await refused(house.owner, statement, Conflict) == "escalation_ended"


async def test_a_colleague_who_was_not_asked_begins_nothing(house: StaffedHub) -> None:
    await house.require(owner_counts=True)
    statement = await asked(house)
    late = await house.person("Late")
    intent = dumps(intent_of({**statement, "decision": "approve"}))
    with pytest.raises(HubError) as found:
        await house.hub.begin_step_up(
            late.credential, statement["escalation_id"], StepUpAsked(method="totp", intent=intent)
        )
    assert code_of(found.value) == "escalation_unknown"


async def test_a_step_up_ends_with_its_question(house: StaffedHub) -> None:
    await linked(house.owner)
    opened = await house.bot.ask(expires_in=60)
    begun = await begin(house.owner, await house.owner.statement(opened.escalation.id))
    assert begun.step.expires_at == house.time.now + MINUTE


async def test_levels_that_a_client_claims_are_recorded_and_count_for_nothing(house: StaffedHub) -> None:
    await linked(house.owner)
    await begin(house.owner, await asked(house), claimed=("acr", "amr"))
    [event] = await house.events("step_up.begun")
    assert event["detail"]["claimed"] == ["acr", "amr"]


async def test_a_person_who_begins_without_end_is_slowed_down(house: StaffedHub) -> None:
    await linked(house.owner)
    opened = await house.bot.ask()
    for _ in range(BEGUN_LIMIT - 1):  # the link was one
        await begin(house.owner, await house.owner.statement(opened.escalation.id))
    one_more = await house.owner.statement(opened.escalation.id)
    with pytest.raises(TooMany) as found:
        await begin(house.owner, one_more)
    assert (found.value.code, found.value.retry_after) == ("too_many_step_ups", 120)


async def test_what_the_provider_remembers_lies_sealed(house: StaffedHub) -> None:
    app = await linked(house.owner)
    await begin(house.owner, await asked(house))
    rows = await house.rows("SELECT sealed FROM step_ups WHERE state = 'running'")
    factors = await house.rows("SELECT sealed FROM factors")
    stored = b"".join(bytes(row["sealed"]) for row in [*rows, *factors])
    assert app.totp.secret.encode() not in stored
    assert b"approve" not in stored
