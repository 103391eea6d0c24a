"""What votes do: quorums, the token's claims, denials, and the alarm that stops an agent."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Conflict
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_app, question


async def test_a_question_stays_open_until_enough_different_people_approve(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    assert (await ada.answer(opened.escalation.id)).status == "open"
    assert (await ada.answer(opened.escalation.id)).repeated
    assert (await house.bot.standing(opened.escalation.id)).escalation.version == 1
    assert (await bo.answer(opened.escalation.id)).status == "approved"


async def test_one_denial_ends_the_question_whatever_others_have_approved(house: StaffedHub) -> None:
    await house.require(approvals=3)
    ada, bo, cy = await house.person("Ada"), await house.person("Bo"), await house.person("Cy")
    opened = await house.bot.ask()
    await ada.answer(opened.escalation.id)
    await bo.answer(opened.escalation.id)
    assert (await cy.answer(opened.escalation.id, "deny")).status == "denied"
    standing = await house.bot.standing(opened.escalation.id)
    assert (standing.escalation.ended_by, standing.approval_token) == (cy.person_id, None)


async def test_an_approval_may_become_a_denial_while_others_are_still_to_answer(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, _ = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    await ada.answer(opened.escalation.id)
    assert (await ada.answer(opened.escalation.id, "deny")).status == "denied"
    rows = await house.rows("SELECT decision, superseded_at FROM decisions ORDER BY at, id")
    assert {(row["decision"], row["superseded_at"] is None) for row in rows} == {("approve", False), ("deny", True)}


async def test_the_denials_reason_reaches_the_asking_agent_as_data(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "deny", reason="not this table")
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.reason is not None
    assert (standing.escalation.state, standing.reason.text) == ("denied", "not this table")


async def test_the_outcome_token_of_a_denial_names_the_statement_that_denied(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    receipt = await house.owner.answer(opened.escalation.id, "deny")
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.outcome_token is not None
    assert claims_of(standing.outcome_token)["statement_hashes"] == [receipt.statement_hash]


async def test_the_token_carries_everybody_who_counted_and_the_lowest_level(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    passkey = await bo.further_device(SoftAuthenticator())
    opened = await house.bot.ask()
    first = await ada.answer(opened.escalation.id)
    second = await passkey.answer(opened.escalation.id)
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.approval_token is not None
    claims = claims_of(standing.approval_token)
    assert (claims["acr"], claims["methods"]) == ("LOW", ["device_key", "passkey"])
    assert [approver["person_id"] for approver in claims["approvers"]] == [ada.person_id, bo.person_id]
    assert [approver["acr"] for approver in claims["approvers"]] == ["LOW", "SUBSTANTIAL"]
    assert claims["statement_hashes"] == [first.statement_hash, second.statement_hash]


async def test_the_token_lives_as_long_as_the_approver_signed(house: StaffedHub) -> None:
    await house.require(approval_valid_for=30)
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    assert statement["approval_valid_for"] == 30
    await house.owner.send(statement)
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.escalation.valid_until == house.time.now + 30_000


async def test_the_vote_of_a_disabled_person_stops_counting_on_an_open_question(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo, cy = await house.person("Ada"), await house.person("Bo"), await house.person("Cy")
    opened = await house.bot.ask()
    await ada.answer(opened.escalation.id)
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert (await bo.answer(opened.escalation.id)).status == "open"
    assert (await cy.answer(opened.escalation.id)).status == "approved"
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.approval_token is not None
    approvers = claims_of(standing.approval_token)["approvers"]
    assert [approver["person_id"] for approver in approvers] == [bo.person_id, cy.person_id]


async def test_the_vote_of_a_removed_member_stops_counting_on_an_open_question(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    await ada.answer(opened.escalation.id)
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    assert (await bo.answer(opened.escalation.id)).status == "open"


async def test_the_vote_of_a_revoked_device_stops_counting_on_an_open_question(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    lost = await ada.further_device()
    opened = await house.bot.ask()
    await lost.answer(opened.escalation.id)
    await house.hub.revoke_device(ada.credential, lost.device_id, await ada.fresh())
    assert (await bo.answer(opened.escalation.id)).status == "open"


async def test_whoever_voted_with_a_device_that_is_revoked_now_approves_again_with_another_one(
    house: StaffedHub,
) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    lost = await ada.further_device()
    opened = await house.bot.ask()
    first = await lost.answer(opened.escalation.id)
    await house.hub.revoke_device(ada.credential, lost.device_id, await ada.fresh())
    again = await ada.answer(opened.escalation.id)
    assert (again.repeated, again.decision_id != first.decision_id) == (False, True)
    assert (await bo.answer(opened.escalation.id)).status == "approved"


async def test_the_token_is_void_once_somebody_who_counted_is_disabled(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    token = await house.bot.approved(by=ada)
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    with pytest.raises(Conflict) as found:
        await token.redeem()
    assert found.value.code == "approver_gone"
    assert (await house.bot.standing(token.escalation_id)).approval_token is None


async def test_not_me_ends_its_question_voids_tokens_pauses_the_agent_and_withdraws_the_rest(
    house: StaffedHub,
) -> None:
    token = await house.bot.approved()
    other, stolen = await house.bot.ask(), await house.bot.ask()
    bystander = await house.agent("bystander")
    untouched = await bystander.ask()
    assert (await house.owner.answer(stolen.escalation.id, "not_me")).status == "not_me"
    standing = await house.bot.standing(other.escalation.id)
    assert (standing.escalation.state, standing.escalation.ended_by, standing.escalation.cause) == (
        "withdrawn",
        "hub",
        "agent_paused",
    )
    with pytest.raises(Conflict) as found:
        await token.redeem()
    assert found.value.code == "token_revoked"
    [agent] = await house.rows("SELECT state, cause FROM agents WHERE id = :id", id=house.bot.agent_id)
    assert (agent["state"], agent["cause"]) == ("paused", "not_me")
    assert (await bystander.standing(untouched.escalation.id)).escalation.open


async def test_not_me_puts_a_line_into_the_admins_inbox(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "not_me")
    [notice] = await house.rows("SELECT kind, subject_id, by_id FROM notices")
    assert (notice["kind"], notice["subject_id"], notice["by_id"]) == (
        "agent_paused",
        house.bot.agent_id,
        house.owner.person_id,
    )


async def test_not_me_after_approving_leaves_the_outcome_and_voids_the_token(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.owner.answer(token.escalation_id, "not_me")
    escalation = (await house.bot.standing(token.escalation_id)).escalation
    assert (escalation.state, escalation.token_state, escalation.token_cause) == ("approved", "revoked", "not_me")


async def test_a_vote_shows_in_the_inboxes_of_those_who_are_still_to_answer(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    with house.hub.bus.subscribe(f"inbox:{bo.person_id}") as ear:
        await ada.answer(opened.escalation.id)
        assert await ear.wait(10)


async def test_the_end_is_recorded_with_who_brought_it_about(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "deny")
    [event] = await house.events("escalation.ended")
    assert (event["decision"], event["actor_type"], event["actor_id"]) == ("denied", "person", house.owner.person_id)


def claims_of(token: str) -> dict[str, object]:
    """The claims inside a token, unverified: whether it verifies is for the tests of tokens."""
    [_, _, payload, _] = token.split(".")
    return dict(loads(paseto.unb64u(payload)[:-64]))


async def test_the_token_names_the_proofs_of_each_approver_and_the_lowest_level(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    app = await link_app(ada)
    passkey = await bo.further_device(SoftAuthenticator())
    name = await question(house, approvals=2, methods=("totp", "passkey"))
    await app.approve(name)
    await passkey.answer(name)
    standing = await house.bot.standing(name)
    assert standing.approval_token is not None
    claims: Any = claims_of(standing.approval_token)
    assert (claims["acr"], claims["methods"], claims["auth_ref"]) == ("LOW", ["device_key", "passkey", "totp"], [])
    first, second = claims["approvers"]
    [step] = await house.rows("SELECT id FROM step_ups WHERE state = 'used' AND purpose = 'decision'")
    assert first["step_up"] == [{"id": step["id"], "method": "totp", "binding": "server", "auth_ref": None}]
    assert (first["identified"], second["identified"], second["step_up"]) == ("invited", "invited", [])


async def test_a_proof_of_a_vote_that_was_taken_back_is_in_no_token(house: StaffedHub) -> None:
    ada, bo, cy = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    app = await link_app(ada)
    name = await question(house, approvals=2)
    statement = await ada.statement(name)
    await ada.send({**statement, "step_up": [await app.proven(statement)]})
    await house.change("UPDATE devices SET state = 'revoked' WHERE id = :id", id=ada.device_id)
    await bo.answer(name)
    await cy.answer(name)
    standing = await house.bot.standing(name)
    assert standing.approval_token is not None
    claims: Any = claims_of(standing.approval_token)
    assert [approver["step_up"] for approver in claims["approvers"]] == [[], []]
