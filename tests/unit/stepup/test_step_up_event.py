"""What the log says of step-ups: who, for which intent, how far it came; no code, no secret, no evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.errors import HubError
from approvals_hub_client.canonical import dumps
from approvals_hub_client.statement import intent_hash, intent_of
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.step_up_actor import begin, complete, link_app, link_moody, question


async def test_a_whole_step_up_is_told_from_its_beginning_to_the_decision_that_used_it(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    statement = await house.owner.statement(name)
    proof = await app.proven(statement)
    await house.owner.send({**statement, "step_up": [proof]})
    told = {"step_up_id": proof, "method": "totp", "intent_hash": intent_hash(intent_of(statement))}
    [begun] = await house.events("step_up.begun")
    proven = (await house.events("step_up.proven"))[-1]
    assert (begun["escalation_id"], begun["detail"]) == (name, told)
    assert (proven["actor_id"], {key: proven["detail"][key] for key in told}) == (house.owner.person_id, told)
    [decided] = await house.events("decision.recorded")
    assert decided["detail"]["step_up"] == [proof]
    assert decided["detail"]["evidence"] == [proven["detail"]["evidence_hash"]]


async def test_a_code_that_counts_outside_its_own_step_is_told_with_how_far_it_was_off(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with staffed_hub(database_place, tmp_path, {"totp": {"steps_off": 1}}) as house:
        app = await link_app(house.owner)
        statement = await house.owner.statement(await question(house, methods=("totp",)))
        begun = await begin(house.owner, statement)
        await complete(house.owner, begun.step.id, app.code(ahead=1))
        present, early = await house.events("step_up.proven")
    assert "steps_off" not in present["detail"]
    assert early["detail"]["steps_off"] == 1


async def test_every_wrong_answer_is_told_without_the_answer(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    begun = await begin(house.owner, statement)
    wrong = app.wrong()
    with pytest.raises(HubError):
        await complete(house.owner, begun.step.id, wrong)
    [event] = await house.events("step_up.refused")
    assert (event["decision"], event["detail"]["step_up_id"]) == ("wrong_answer", begun.step.id)
    assert wrong["code"] not in dumps(event["detail"]).decode()


async def test_no_entry_holds_anything_that_proves_something(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    app = await link_app(house.owner)
    await link_moody(house.owner, vendor)
    rows = await house.rows("SELECT body FROM audit_entries")
    held = b"".join(bytes(row["body"]) for row in rows)
    assert app.key.encode() not in held
    assert SECRET.encode() not in held
