"""The proofs that a statement lists: each of this person, for this very intent, proven, fresh, and used once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.stepup.settle_step_up import PROOF_LIFE
from approvals_hub.stepup.spend_step_up import MOST_LISTED
from approvals_hub_client.canonical import b64u
from approvals_hub_client.statement import reason_commitment
from tests.unit.hub_fixture import Person, StaffedHub, code_of, staffed_hub
from tests.unit.step_up_actor import App, begin, complete, link_app, question, step_of


async def refused(person: Person, statement: dict[str, Any], *listed: str) -> str:
    """The code with which an approval that lists these is refused; the question stays open."""
    with pytest.raises(HubError) as found:
        await person.send({**statement, "step_up": list(listed)})
    [row] = await person.house.rows("SELECT state FROM escalations WHERE id = :id", id=statement["escalation_id"])
    assert row["state"] == "open"
    assert (await person.house.events("decision.refused"))[-1]["decision"] == found.value.code
    return found.value.code


async def asked(house: StaffedHub, **requirement: Any) -> tuple[App, dict[str, Any]]:
    """An app, and a statement of a question that asks for its code."""
    app = await link_app(house.owner)
    name = await question(house, **{"methods": ("totp",), **requirement})
    return app, await house.owner.statement(name)


async def test_a_proof_is_spent_by_the_decision_that_lists_it_and_tied_to_it(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    receipt = await house.owner.send({**statement, "step_up": [proof]})
    row = await step_of(house, proof)
    assert (row["state"], row["decision_id"], row["used_at"]) == ("used", receipt.decision_id, house.time.now)
    assert receipt.methods == ["device_key", "totp"]


async def test_a_signature_without_the_proof_that_is_asked_for_is_refused(house: StaffedHub) -> None:
    _, statement = await asked(house)
    assert await refused(house.owner, statement) == "assurance_too_low"


async def test_an_unknown_proof_is_refused(house: StaffedHub) -> None:
    _, statement = await asked(house)
    assert await refused(house.owner, statement, "stu_none") == "step_up_unknown"


async def test_a_proof_of_another_statement_spliced_into_this_one_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    other = await house.owner.statement(statement["escalation_id"])
    assert await refused(house.owner, other, proof) == "step_up_other_intent"
    assert (await house.owner.send({**statement, "step_up": [proof]})).status == "approved"


async def test_a_reason_that_was_added_after_the_proof_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof, salt = await app.proven(statement), bytes(16)
    changed = {**statement, "reason_commitment": reason_commitment("fine", salt), "step_up": [proof]}
    answer = replace(house.owner.signs(changed), reason="fine", reason_salt=b64u(salt))
    with pytest.raises(Forbidden) as found:
        await house.hub.decide(house.owner.credential, statement["escalation_id"], answer)
    assert found.value.code == "step_up_other_intent"


async def test_a_proof_for_another_question_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    other = await house.owner.statement(await question(house))
    assert await refused(house.owner, other, proof) == "step_up_other_intent"


async def test_a_proof_of_another_device_of_the_same_person_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    second = await house.owner.further_device()
    other = await second.statement(statement["escalation_id"])
    assert await refused(second, other, proof) == "step_up_other_intent"


async def test_somebody_elses_proof_is_as_unknown_as_none_at_all(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    app = await link_app(ada)
    name = await question(house, methods=("totp",))
    proof = await app.proven(await ada.statement(name))
    statement = await bo.statement(name)
    assert await refused(bo, statement, proof) == await refused(bo, statement, "stu_none") == "step_up_unknown"


async def test_a_proof_for_two_approvers_counts_for_one_of_them(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    app = await link_app(ada)
    name = await question(house, methods=("totp",), approvals=2)
    statement = await ada.statement(name)
    proof = await app.proven(statement)
    assert (await ada.send({**statement, "step_up": [proof]})).status == "open"
    assert await refused(bo, await bo.statement(name), proof) == "step_up_unknown"


async def test_a_used_proof_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    await house.change("UPDATE step_ups SET state = 'used' WHERE id = :id", id=proof)
    assert await refused(house.owner, statement, proof) == "step_up_used"


async def test_one_that_still_runs_is_refused(house: StaffedHub) -> None:
    _, statement = await asked(house)
    begun = await begin(house.owner, statement)
    assert await refused(house.owner, statement, begun.step.id) == "step_up_not_proven"


async def test_a_cancelled_proof_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    await house.hub.complete_step_up.cancel(house.owner.credential, proof)
    assert await refused(house.owner, statement, proof) == "step_up_not_proven"


async def test_a_proof_counts_until_its_life_is_over_and_not_at_that_moment(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    house.time.now += PROOF_LIFE
    assert await refused(house.owner, statement, proof) == "step_up_not_proven"
    house.time.now -= 1
    assert (await house.owner.send({**statement, "step_up": [proof]})).status == "approved"


async def test_a_stale_proof_is_refused_where_the_question_asks_for_a_fresh_one(house: StaffedHub) -> None:
    app, statement = await asked(house, fresh_within=30)
    proof = await app.proven(statement)
    house.time.now += 30_001
    assert await refused(house.owner, statement, proof) == "step_up_stale"
    house.time.now -= 1
    assert (await house.owner.send({**statement, "step_up": [proof]})).status == "approved"


async def test_a_stale_proof_beside_a_fresh_one_is_refused_with_it(house: StaffedHub) -> None:
    app, statement = await asked(house, fresh_within=30)
    old = await app.proven(statement)
    house.time.now += 30_001
    await house.hub.complete_step_up.cancel(house.owner.credential, old)
    new = await app.proven(statement)
    await house.change("UPDATE step_ups SET state = 'proven' WHERE id = :id", id=old)
    assert await refused(house.owner, statement, old, new) == "step_up_stale"
    assert (await step_of(house, new))["state"] == "proven", "a refused statement spends nothing"


async def test_a_proof_whose_factor_was_removed_meanwhile_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    linked = (await house.hub.factors.list(house.owner.credential)).linked
    await house.hub.factors.remove(house.owner.credential, linked[0].factor_id, await house.owner.fresh())
    assert await refused(house.owner, statement, proof) == "step_up_not_proven"


async def test_a_proof_that_tied_a_way_to_somebody_proves_no_decision(house: StaffedHub) -> None:
    _, statement = await asked(house)
    [link] = await house.rows("SELECT id FROM step_ups WHERE purpose = 'link'")
    assert await refused(house.owner, statement, link["id"]) == "step_up_other_intent"


async def test_a_statement_lists_no_more_than_a_few(house: StaffedHub) -> None:
    _, statement = await asked(house)
    assert await refused(house.owner, statement, *[f"stu_{number}" for number in range(MOST_LISTED + 1)]) == (
        "step_up_many"
    )


async def test_a_proof_listed_twice_is_refused(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    with pytest.raises(HubError):
        await house.owner.send({**statement, "step_up": [proof, proof]})
    assert (await step_of(house, proof))["state"] == "proven"


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_refusal_needs_no_proof_however_much_the_question_asks_for(house: StaffedHub, decision: str) -> None:
    name = await question(house, methods=("totp",), min_assurance="HIGH", fresh_within=1)
    await house.owner.answer(name, decision)
    [row] = await house.rows("SELECT state FROM escalations WHERE id = :id", id=name)
    assert row["state"] == {"deny": "denied", "not_me": "not_me"}[decision]


async def test_the_same_approval_again_gets_its_receipt_and_needs_no_second_proof(house: StaffedHub) -> None:
    app, statement = await asked(house)
    signed = {**statement, "step_up": [await app.proven(statement)]}
    first, again = await house.owner.send(signed), await house.owner.send(signed)
    assert (first.decision_id, again.repeated) == (again.decision_id, True)
    bare = await house.owner.send(await house.owner.statement(statement["escalation_id"]))
    assert bare.decision_id == first.decision_id


async def test_an_approval_taken_back_keeps_its_proof_tied_to_it(house: StaffedHub) -> None:
    app, statement = await asked(house)
    proof = await app.proven(statement)
    first = await house.owner.send({**statement, "step_up": [proof]})
    await house.owner.answer(statement["escalation_id"], "deny")
    row = await step_of(house, proof)
    assert (row["state"], row["decision_id"], row["evidence"] is None) == ("used", first.decision_id, False)


async def test_of_twenty_approvals_at_once_with_one_proof_one_is_made(house: StaffedHub) -> None:
    app, statement = await asked(house)
    signed = {**statement, "step_up": [await app.proven(statement)]}
    found = await asyncio.gather(*[house.owner.send(signed) for _ in range(20)], return_exceptions=True)
    assert [one for one in found if isinstance(one, BaseException)] == []
    assert len(await house.rows("SELECT id FROM decisions")) == 1


async def test_one_proof_is_spent_once_over_two_processes(postgres_uri: str, tmp_path: Path) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        app, statement = await asked(house)
        signed = house.owner.signs({**statement, "step_up": [await app.proven(statement)]})
        other, mine, name = await house.another_process(), house.owner.credential, statement["escalation_id"]
        found = await asyncio.gather(
            *[hub.decide(mine, name, signed) for hub in (house.hub, other) * 5], return_exceptions=True
        )
        assert {code_of(one) for one in found if isinstance(one, BaseException)} == set()
        assert len(await house.rows("SELECT id FROM decisions")) == 1


async def test_a_disabled_persons_proof_approves_nothing_and_not_after_they_are_enabled_either(
    house: StaffedHub,
) -> None:
    ada = await house.person("Ada")
    app = await link_app(ada)
    statement = await ada.statement(await question(house, methods=("totp",)))
    signed = {**statement, "step_up": [await app.proven(statement)]}
    govern = house.hub.govern.set_person_state
    await govern(house.operator, house.org_id, ada.person_id, "disabled")
    with pytest.raises(HubError):
        await ada.send(signed)
    await govern(house.operator, house.org_id, ada.person_id, "active")
    with pytest.raises(HubError):
        await ada.send(signed)
    assert await house.rows("SELECT id FROM decisions") == []


async def test_a_wrong_code_then_a_right_one_is_one_proof(house: StaffedHub) -> None:
    app, statement = await asked(house)
    begun = await begin(house.owner, statement)
    with pytest.raises(Forbidden):
        await complete(house.owner, begun.step.id, app.wrong())
    await complete(house.owner, begun.step.id, app.code())
    assert (await house.owner.send({**statement, "step_up": [begun.step.id]})).status == "approved"
