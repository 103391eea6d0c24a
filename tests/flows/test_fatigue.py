"""Against fatigue and push bombing, over HTTP: numbers to match, reasons, limits, and who is left in peace."""

from __future__ import annotations

import os
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.errors import Refused
from approvals_hub_client.question import Question
from approvals_hub_client.statement import reason_commitment, signed_bytes
from tests.flows.several import answers, ask, refusal, require
from tests.flows.world import World

WHY = "Checked with the archive: it was copied."


async def approve(person: SoftwarePhone, question: Question, code: str | None, reason: str | None = None) -> Any:
    """Look, type, sign and send."""
    statement = {**await person.look(question.escalation_id), "decision": "approve", "match_code": code}
    body: dict[str, Any] = {}
    if reason is not None:
        salt = os.urandom(16)
        statement["reason_commitment"] = reason_commitment(reason, salt)
        body = {"reason": reason, "reason_salt": b64u(salt)}
    body |= {"statement": b64u(dumps(statement)), "signature": b64u(person.key.sign(signed_bytes(statement)))}
    return await person.call("POST", f"/v1/escalations/{question.escalation_id}/decisions", body)


async def test_a_number_goes_from_the_agent_to_its_screen_to_the_approver_and_nowhere_else(world: World) -> None:
    ada = await world.person("Ada")
    bot = await world.agent()
    question = await ask(bot, requirement={"number_match": 6})
    assert question.match_code is not None
    path = f"/v1/escalations/{question.escalation_id}"
    shown = [
        await ada.call("GET", f"{path}/presentation"),
        await ada.call("POST", f"{path}/views", {"device_id": ada.device_id}),
        await ada.inbox(),
        (await world.send("GET", path, by=world.owner)).json(),
    ]
    assert question.match_code not in str(shown)
    assert shown[0]["requirement"]["number_match"] == 6
    assert (await refusal(approve(ada, question, "0" if question.match_code == "1" else "1")))[1] == "number_missing"
    wrong = str((int(question.match_code) + 1) % 1_000_000).zfill(6)
    assert await refusal(approve(ada, question, wrong)) == (403, "number_wrong")
    receipt = await approve(ada, question, question.match_code)
    approved = await bot.wait(question, within=10)
    assert (receipt["status"], approved.question.status) == ("approved", "approved")
    assert [one["number_match"] for one in approved.claims["approvers"]] == [6]
    assert question.match_code not in str([receipt, approved.claims])


async def test_a_request_may_add_a_number_and_never_take_it_away(world: World) -> None:
    await world.person("Ada")
    bot = await world.agent()
    await require(world, number_match=6)
    for less in (2, False, None):
        with pytest.raises(Refused) as refused:
            await ask(bot, requirement={"number_match": less})
        assert refused.value.code == "requirement_loosened"
    assert len((await ask(bot, requirement={"number_match": True})).match_code or "") == 6


@pytest.mark.parametrize("digits", [0, 1, 3, 7, "6", 2.5])
async def test_a_number_of_other_digits_is_refused_at_its_place(world: World, digits: Any) -> None:
    await world.person("Ada")
    with pytest.raises(Refused) as refused:
        await ask(await world.agent(), requirement={"number_match": digits})
    assert (refused.value.status, refused.value.problem["field"]) == (422, "$.requirement.number_match")


async def test_a_reason_that_is_demanded_is_given_kept_and_shown_again(world: World) -> None:
    ada = await world.person("Ada")
    bot = await world.agent()
    question = await ask(bot, requirement={"reason": "required"})
    assert await refusal(approve(ada, question, None)) == (422, "reason_required")
    receipt = await approve(ada, question, None, WHY)
    assert receipt["reason"] == WHY
    assert (await ada.call("GET", f"/v1/decisions/{receipt['decision_id']}"))["reason"] == WHY
    while await world.hub.sealer.seal_all():
        pass
    exported = await world.send("GET", f"/v1/orgs/{world.org_id}/audit/export", by=world.owner)
    assert '"reason_commitment":"sha256:' in exported.body.decode()
    assert WHY not in exported.body.decode()


async def test_an_approval_before_anybody_can_have_read_it_is_refused_whatever_page_sends_it(world: World) -> None:
    ada, bea = await world.person("Ada"), await world.person("Bea")
    bot = await world.agent()
    await require(world, dwell=20)
    question = await ask(bot)
    await ada.look(question.escalation_id)
    for _ in range(2):  # looking again does not begin anew, and does not help
        assert await refusal(approve(ada, question, None)) == (429, "answered_too_soon")
    world.time.pass_seconds(21)
    # Another person has not read it because the first one did.
    assert await refusal(approve(bea, question, None)) == (429, "answered_too_soon")
    assert (await approve(ada, question, None))["status"] == "approved"
    assert await answers(ada, await ask(bot), "deny") == "denied"


async def test_an_agent_that_asks_too_often_is_told_when_to_come_back_and_people_go_on_answering(world: World) -> None:
    ada = await world.person("Ada")
    bot = await world.agent()
    path = f"/v1/orgs/{world.org_id}/limits"
    limits = {"agent": {"burst": 2, "hourly": 60}}
    assert (await world.send("PUT", path, by=world.owner, body=limits)).status == 200
    opened = [await bot.ask("db.drop_table", {"number": number}) for number in range(2)]
    with pytest.raises(Refused) as refused:
        await bot.transport.call("POST", "/v1/escalations", body=_another(bot, opened[0]), idempotency_key="k")
    assert (refused.value.status, refused.value.code) == (429, "asked_too_often")
    assert 0 < (refused.value.retry_after or 0) <= 60
    assert refused.value.problem["next_step"]
    assert len((await ada.inbox())["items"]) == 2
    assert await answers(ada, opened[0]) == "approved"


async def test_the_same_again_is_one_card_that_says_how_often(world: World) -> None:
    ada = await world.person("Ada")
    bot = await world.agent()
    first = await ask(bot)
    action = {name: value for name, value in first.action.items() if name != "salt"}
    for key in ("one", "two"):
        view = await bot.transport.call("POST", "/v1/escalations", body={"action": action}, idempotency_key=key)
        assert (view["escalation_id"], view["repeated"]) == (first.escalation_id, True)
    [card] = (await ada.inbox())["items"]
    assert card["repeats"] == 2


def _another(bot: Any, question: Question) -> dict[str, Any]:
    action = {name: value for name, value in question.action.items() if name != "salt"}
    return {"action": {**action, "action_id": "another", "payload": {"number": 99}}}
