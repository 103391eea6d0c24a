"""What is signed: the statement is compared field by field with the question, its nonce and its signature checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Forbidden, HubError, Invalid
from approvals_hub.decisions.answered_from import AnsweredFrom
from approvals_hub_client.canonical import b64u, dumps, loads
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import signed_bytes
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import Person, StaffedHub

HASH = "sha256:" + "0" * 64


async def refused(person: Person, statement: dict[str, Any], kind: type[HubError] = HubError) -> HubError:
    """The refusal of this statement, signed with the person's own key."""
    with pytest.raises(kind) as found:
        await person.send(statement)
    return found.value


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
        ("issued_at", "2027-01-15T08:00:00.001Z"),
        ("expires_at", "2027-01-15T09:00:00.000Z"),
    ],
)
async def test_a_signed_statement_that_differs_from_the_question_in_one_field_is_refused(
    house: StaffedHub, field: str, value: object
) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id, **{field: value})
    assert (await refused(house.owner, statement, Invalid)).code in ("statement_mismatch", "nonce_invalid")
    assert (await house.bot.standing(opened.escalation.id)).escalation.open


async def test_a_signed_statement_that_lists_a_step_up_which_nobody_began_is_refused(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id, step_up=["stu_of_nobody"])
    assert (await refused(house.owner, statement, Forbidden)).code == "step_up_unknown"
    assert (await house.bot.standing(opened.escalation.id)).escalation.open


async def test_a_statement_of_a_question_that_was_revised_meanwhile_is_refused(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    revised = await house.hub.revise(house.bot.credential(), opened.escalation.id, house.bot.asking())
    assert (await refused(house.owner, statement)).extra["outcome"] == "superseded"
    moved = {**statement, "escalation_id": revised.escalation.id}
    assert (await refused(house.owner, moved)).code == "statement_mismatch"


async def test_a_signature_of_another_key_is_refused_and_recorded_as_invalid(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    thief = replace(house.owner, key=Ed25519SigningKey())
    assert (await refused(thief, statement, Forbidden)).code == "invalid_signature"
    [event] = await house.events("decision.refused")
    assert (event["decision"], event["signature_valid"]) == ("invalid_signature", False)


async def test_a_signature_over_other_bytes_than_were_sent_is_refused(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id, "deny")
    swapped = replace(house.owner.signs(statement), statement=dumps({**statement, "decision": "approve"}))
    with pytest.raises(Forbidden, match="exactly these bytes"):
        await house.hub.decide(house.owner.credential, opened.escalation.id, swapped)


async def test_a_signature_without_the_purpose_before_it_is_refused(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    assert not isinstance(house.owner.key, SoftAuthenticator)
    bare = replace(house.owner.signs(statement), signature=house.owner.key.sign(dumps(statement)))
    with pytest.raises(Forbidden):
        await house.hub.decide(house.owner.credential, opened.escalation.id, bare)


async def test_an_unsigned_statement_is_refused(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    answer = replace(house.owner.signs(await house.owner.statement(opened.escalation.id)), signature=None)
    with pytest.raises(Forbidden):
        await house.hub.decide(house.owner.credential, opened.escalation.id, answer)


async def test_somebody_elses_signed_statement_cannot_be_sent_with_my_session(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    answer = ada.signs(await ada.statement(opened.escalation.id))
    with pytest.raises(Invalid) as found:
        await house.hub.decide(bo.credential, opened.escalation.id, answer)
    assert found.value.field == "$.statement.approver_id"


async def test_another_members_device_cannot_sign_for_me(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    statement = {**await ada.statement(opened.escalation.id), "device_id": bo.device_id}
    with pytest.raises(Forbidden) as found:
        await house.hub.decide(ada.credential, opened.escalation.id, bo.signs(statement))
    assert found.value.code == "device_not_active"


async def test_a_nonce_issued_to_one_device_is_refused_on_another_one(house: StaffedHub) -> None:
    second = await house.owner.further_device()
    opened = await house.bot.ask()
    statement = {**await house.owner.statement(opened.escalation.id), "device_id": second.device_id}
    assert (await refused(second, statement)).code == "nonce_invalid"


async def test_a_nonce_of_another_question_is_refused(house: StaffedHub) -> None:
    one, other = await house.bot.ask(), await house.bot.ask()
    stolen = await house.owner.statement(other.escalation.id)
    statement = await house.owner.statement(one.escalation.id)
    moved = {name: stolen[name] for name in ("nonce", "issued_at", "expires_at")}
    assert (await refused(house.owner, {**statement, **moved})).code == "nonce_invalid"


async def test_a_nonce_counts_until_its_window_is_over(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    house.time.now += 10 * MINUTE
    assert (await refused(house.owner, statement, Invalid)).code == "nonce_expired"
    house.time.now -= 1
    assert (await house.owner.send(statement)).status == "approved"


async def test_a_newer_view_cancels_no_nonce(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    first = await house.owner.statement(opened.escalation.id)
    await house.owner.statement(opened.escalation.id)
    assert (await house.owner.send(first)).status == "approved"


async def test_a_spent_nonce_cannot_carry_a_second_decision(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    await house.owner.send(statement)
    assert (await refused(house.owner, {**statement, "decision": "deny"}, Invalid)).code == "nonce_invalid"
    assert (await house.bot.standing(opened.escalation.id)).escalation.token_state == "ready"


async def test_a_passkey_approves_where_the_question_asks_for_more_than_a_device_key(house: StaffedHub) -> None:
    await house.require(min_assurance="SUBSTANTIAL")
    passkey = await house.owner.further_device(SoftAuthenticator())
    opened = await house.bot.ask()
    with pytest.raises(Forbidden) as found:
        await house.owner.answer(opened.escalation.id)
    assert found.value.code == "assurance_too_low"
    receipt = await passkey.answer(opened.escalation.id)
    assert (receipt.status, receipt.acr, receipt.amr) == ("approved", "SUBSTANTIAL", ["mfa", "pop", "user"])


@pytest.mark.parametrize(
    ("passkeys", "synced"), [("not_synced", True), ("device_bound", True), ("device_bound", False)]
)
async def test_a_copied_passkey_is_a_refused_downgrade_where_only_others_count(
    house: StaffedHub, passkeys: str, synced: bool
) -> None:
    await house.require(min_assurance="SUBSTANTIAL", passkeys=passkeys)
    key = SoftAuthenticator()
    key.backup_eligible, key.backed_up = True, synced
    copied, bound = await house.owner.further_device(key), await house.owner.further_device(SoftAuthenticator())
    opened = await house.bot.ask()
    statement = await copied.statement(opened.escalation.id)
    assert (await refused(copied, statement, Forbidden)).code == "assurance_too_low"
    [event] = [one for one in await house.events("decision.refused") if one["decision"] == "assurance_too_low"]
    assert event["signature_valid"] is None
    receipt = await bound.answer(opened.escalation.id)
    assert (receipt.status, receipt.acr, receipt.methods) == ("approved", "SUBSTANTIAL", ["passkey"])


async def test_a_passkey_that_was_synced_since_is_known_so_after_its_refused_answer_and_flagged_by_no_repetition(
    house: StaffedHub,
) -> None:
    await house.require(min_assurance="SUBSTANTIAL", passkeys="not_synced")
    key = SoftAuthenticator()
    key.backup_eligible = True
    person = await house.owner.further_device(key)
    statement = await person.statement((await house.bot.ask()).escalation.id)
    key.backed_up = True
    answer = person.signs(statement)
    for _ in range(2):
        with pytest.raises(Forbidden):
            await house.hub.decide(person.credential, statement["escalation_id"], answer)
    [device] = await house.rows("SELECT backed_up, flagged FROM devices WHERE id = :id", id=person.device_id)
    assert (device["backed_up"], device["flagged"]) == (1, None)


async def test_a_copied_passkey_that_counts_for_no_passkey_still_refuses_and_signs_as_a_key(house: StaffedHub) -> None:
    await house.require(passkeys="device_bound")
    key = SoftAuthenticator()
    key.backup_eligible = True
    copied = await house.owner.further_device(key)
    receipt = await copied.answer((await house.bot.ask()).escalation.id)
    assert (receipt.acr, receipt.amr, receipt.methods) == ("LOW", ["pop", "user"], ["copied_passkey"])
    await house.require(passkeys="device_bound", min_assurance="SUBSTANTIAL")
    assert (await copied.answer((await house.bot.ask()).escalation.id, "deny")).status == "denied"


async def test_a_passkey_without_user_verification_decides_nothing(house: StaffedHub) -> None:
    key = SoftAuthenticator()
    passkey = await house.owner.further_device(key)
    opened = await house.bot.ask()
    key.user_verified = False
    statement = await passkey.statement(opened.escalation.id)
    assert (await refused(passkey, statement, Forbidden)).code == "invalid_signature"


async def test_a_passkeys_assertion_over_another_statement_is_refused(house: StaffedHub) -> None:
    passkey = await house.owner.further_device(SoftAuthenticator())
    opened = await house.bot.ask()
    statement = await passkey.statement(opened.escalation.id, "deny")
    swapped = replace(passkey.signs(statement), statement=dumps({**statement, "decision": "approve"}))
    with pytest.raises(Forbidden):
        await house.hub.decide(house.owner.credential, opened.escalation.id, swapped)


async def test_the_evidence_is_kept_sealed_beside_the_log_and_the_log_holds_hashes_alone(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    receipt = await house.owner.answer(opened.escalation.id, "deny", reason="the wrong table, says Ada")
    [row] = await house.rows("SELECT id, sealed FROM decisions")
    assert b"wrong table" not in row["sealed"]

    async def unseal(tx: Any) -> bytes:
        return await house.hub.vault.unseal_in(tx, house.owner.person_id, row["sealed"], f"decision:{row['id']}")

    evidence = loads(await house.hub.db.read(unseal))
    assert evidence["reason"] == "the wrong table, says Ada"
    [event] = await house.events("decision.recorded")
    assert "wrong table" not in dumps(event).decode()
    assert event["detail"]["statement_hash"] == receipt.statement_hash
    assert event["detail"]["reason_commitment"].startswith("sha256:")


async def test_where_a_client_says_that_it_was_answered_is_kept_with_the_answer_and_recorded(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    signed = house.owner.signs(await house.owner.statement(opened.escalation.id, "deny"))
    given = replace(signed, answered_from=AnsweredFrom("notification", unlocked=True))
    await house.hub.decide(house.owner.credential, opened.escalation.id, given)
    [row] = await house.rows("SELECT id, sealed FROM decisions")

    async def unseal(tx: Any) -> bytes:
        return await house.hub.vault.unseal_in(tx, house.owner.person_id, row["sealed"], f"decision:{row['id']}")

    said = {"surface": "notification", "unlocked": True}
    assert loads(await house.hub.db.read(unseal))["answered_from"] == said
    [event] = await house.events("decision.recorded")
    assert (event["detail"]["answered_from"], event["detail"]["unlocked"]) == ("notification", True)


async def test_what_was_signed_can_be_verified_from_the_evidence_alone(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)
    await house.owner.send(statement)
    [row] = await house.rows("SELECT id, sealed FROM decisions")

    async def unseal(tx: Any) -> bytes:
        return await house.hub.vault.unseal_in(tx, house.owner.person_id, row["sealed"], f"decision:{row['id']}")

    evidence = loads(await house.hub.db.read(unseal))
    assert evidence["statement"] == b64u(dumps(statement))
    assert not isinstance(house.owner.key, SoftAuthenticator)
    assert evidence["signature"] == b64u(house.owner.key.sign(signed_bytes(statement)))
