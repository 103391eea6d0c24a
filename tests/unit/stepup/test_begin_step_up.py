"""Beginning to prove who one is: for one intent, by one's own session, in a way that is enough."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from approvals_hub.hub import Shown, StepUpAsked
from approvals_hub.stepup.step_up import LEASE, LIFE
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.statement import intent_hash, intent_of, step_up_challenge
from identity.errors import Refused
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.step_up_actor import begin, link_app, link_moody, question, refused, step_of

HASH = "sha256:" + "0" * 64


async def test_a_step_up_is_bound_to_its_person_session_question_way_and_intent(house: StaffedHub) -> None:
    await link_app(house.owner)
    name = await question(house, methods=("totp",))
    statement = await house.owner.statement(name)
    begun = await begin(house.owner, statement)
    row = await step_of(house, begun.step.id)
    assert (row["person_id"], row["escalation_id"], row["method"], row["purpose"]) == (
        house.owner.person_id,
        name,
        "totp",
        "decision",
    )
    assert row["intent_hash"] == intent_hash(intent_of(statement))
    assert (row["state"], row["began_at"], row["expires_at"]) == ("running", house.time.now, house.time.now + LIFE)


async def test_a_step_up_never_outlives_its_question(house: StaffedHub) -> None:
    await link_app(house.owner)
    await house.require(methods=("totp",))
    opened = await house.bot.ask(expires_in=60)
    begun = await begin(house.owner, await house.owner.statement(opened.escalation.id))
    assert begun.step.expires_at == opened.escalation.expires_at


async def test_a_running_one_for_the_same_intent_is_given_back(house: StaffedHub) -> None:
    await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    first, again = await begin(house.owner, statement), await begin(house.owner, statement)
    assert (first.step.id, first.shown) == (again.step.id, again.shown)


async def test_two_pages_that_begin_at_the_same_moment_open_one_order(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    begun = [begin(house.owner, statement, "moody") for _ in range(5)]
    found = await asyncio.gather(*begun, return_exceptions=True)
    assert len(vendor.called("begin")) == 2, "the link, and this one"
    assert {code_of(one) for one in found if isinstance(one, BaseException)} <= {"step_up_busy"}
    assert len({one.step.id for one in found if isinstance(one, Shown)}) == 1


async def test_a_beginning_that_was_lost_with_its_process_is_in_the_way_for_one_lease(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    vendor.does["begin"] = vendor.hang
    lost = asyncio.create_task(begin(house.owner, statement, "moody"))
    while len(vendor.called("begin")) < 2:
        await asyncio.sleep(0)
    lost.cancel()
    await asyncio.gather(lost, return_exceptions=True)
    vendor.does.clear()
    assert (await refused(Unavailable, begin(house.owner, statement, "moody"))).code == "step_up_busy"
    house.time.now += LEASE
    assert (await begin(house.owner, statement, "moody")).step.state == "running"


async def test_another_view_of_the_question_is_another_intent_with_a_step_up_of_its_own(house: StaffedHub) -> None:
    await link_app(house.owner)
    name = await question(house, methods=("totp",))
    one = await begin(house.owner, await house.owner.statement(name))
    other = await begin(house.owner, await house.owner.statement(name))
    assert one.step.id != other.step.id


async def test_two_devices_that_race_get_two_step_ups_and_neither_serves_the_other(house: StaffedHub) -> None:
    await link_app(house.owner)
    second = await house.owner.further_device()
    name = await question(house, methods=("totp",))
    mine, theirs = await house.owner.statement(name), await second.statement(name)
    one, other = await asyncio.gather(begin(house.owner, mine), begin(second, theirs))
    assert one.step.intent_hash != other.step.intent_hash


async def test_a_passkey_is_asked_to_sign_a_challenge_of_this_step_up_and_intent(house: StaffedHub) -> None:
    await house.owner.further_device(SoftAuthenticator())
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    begun = await begin(house.owner, statement, "webauthn")
    wanted = step_up_challenge(begun.step.id, intent_hash(intent_of(statement)))
    assert begun.shown["options"]["challenge"] == b64u(wanted)


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
        ("expires_at", "2027-01-15T09:00:00.000Z"),
        ("issued_at", "2027-01-15T08:00:00.001Z"),
    ],
)
async def test_an_intent_that_differs_from_the_question_in_one_field_begins_nothing(
    house: StaffedHub, field: str, value: object
) -> None:
    await link_app(house.owner)
    statement = {**await house.owner.statement(await question(house, methods=("totp",))), field: value}
    found = await refused(Invalid, begin(house.owner, statement))
    assert found.code in ("statement_mismatch", "nonce_invalid")
    assert await house.rows("SELECT id FROM step_ups WHERE purpose = 'decision'") == []
    [event] = await house.events("step_up.refused")
    assert event["decision"] == found.code


async def test_a_nonce_that_the_hub_did_not_issue_begins_nothing(house: StaffedHub) -> None:
    statement = await house.owner.statement(await question(house, methods=("totp",)), nonce="A" * 75)
    assert (await refused(Invalid, begin(house.owner, statement))).code == "nonce_invalid"


async def test_an_intent_of_another_question_cannot_be_proven_at_this_one(house: StaffedHub) -> None:
    await link_app(house.owner)
    one, other = await question(house, methods=("totp",)), await question(house)
    statement = await house.owner.statement(other)
    wanted = StepUpAsked("totp", dumps(intent_of(statement)))
    found = await refused(Invalid, house.hub.begin_step_up(house.owner.credential, one, wanted))
    assert found.code == "statement_mismatch"


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"nonsense", b'{"decision":"approve"}', b"\xff"])
async def test_bytes_that_are_no_intent_are_refused(house: StaffedHub, raw: bytes) -> None:
    name = await question(house)
    asked = StepUpAsked("totp", raw)
    found = await refused(Invalid, house.hub.begin_step_up(house.owner.credential, name, asked))
    assert found.code == "intent_malformed"


async def test_an_intent_in_another_order_of_members_is_refused(house: StaffedHub) -> None:
    name = await question(house)
    raw = dumps(intent_of(await house.owner.statement(name))).replace(b"{", b"{ ", 1)
    found = await refused(Invalid, house.hub.begin_step_up(house.owner.credential, name, StepUpAsked("totp", raw)))
    assert found.code == "intent_malformed"


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_refusal_needs_no_step_up_and_gets_none(house: StaffedHub, decision: str) -> None:
    statement = await house.owner.statement(await question(house, methods=("totp",)), decision)
    assert (await refused(Invalid, begin(house.owner, statement))).code == "no_step_up_needed"


async def test_a_weaker_way_than_the_question_asks_for_is_a_refused_downgrade_and_recorded(house: StaffedHub) -> None:
    await link_app(house.owner)
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    assert (await refused(Forbidden, begin(house.owner, statement))).code == "method_too_weak"
    [event] = await house.events("step_up.refused")
    assert (event["decision"], event["detail"]["method"]) == ("method_too_weak", "totp")


async def test_a_weaker_way_is_refused_again_after_the_stronger_one_failed(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_app(house.owner)
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    vendor.does["begin"] = Refused("no")
    assert (await refused(Forbidden, begin(house.owner, statement, "moody"))).code == "step_up_refused"
    assert (await refused(Forbidden, begin(house.owner, statement))).code == "method_too_weak"


async def test_a_way_that_the_policy_does_not_name_is_refused(house: StaffedHub) -> None:
    await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("passkey",)))
    assert (await refused(Forbidden, begin(house.owner, statement))).code == "method_too_weak"


async def test_a_way_that_this_hub_does_not_offer_is_unknown(house: StaffedHub) -> None:
    statement = await house.owner.statement(await question(house))
    assert (await refused(NotFound, begin(house.owner, statement, "palm_reading"))).code == "method_unknown"


async def test_a_way_that_is_not_linked_is_told_as_such(house: StaffedHub) -> None:
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    assert (await refused(Conflict, begin(house.owner, statement))).code == "method_not_linked"


async def test_claims_of_the_client_about_its_own_level_are_recorded_and_count_for_nothing(house: StaffedHub) -> None:
    await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    claims = ("acr", "assurance_level")
    first = await begin(house.owner, statement, claimed=claims)
    assert (await begin(house.owner, statement, claimed=claims)).step.id == first.step.id
    assert (await refused(Forbidden, begin(house.owner, statement, "webauthn", claimed=claims))).code
    kinds = ("step_up.begun", "step_up.claimed", "step_up.refused")
    assert [(await house.events(kind))[-1]["detail"]["claimed"] for kind in kinds] == [list(claims)] * 3


async def test_somebody_who_is_not_asked_begins_nothing(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    name = await question(house, methods=("totp",))
    late = await house.person("Late", "admin", "approver")
    statement = await ada.statement(name, approver_id=late.person_id)
    assert (await refused(Forbidden, begin(late, statement))).code == "not_eligible"


async def test_a_person_without_a_right_to_read_the_question_is_told_nothing_of_it(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    name = await question(house, methods=("totp",))
    developer = await house.person("Dev", "developer")
    statement = await ada.statement(name, approver_id=developer.person_id)
    await refused(NotFound, begin(developer, statement))


async def test_another_persons_session_begins_nothing_with_somebody_elses_intent(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await link_app(bo)
    statement = await ada.statement(await question(house, methods=("totp",)))
    found = await refused(Invalid, begin(bo, statement))
    assert found.field == "$.statement.approver_id"


async def test_a_revoked_device_cannot_be_proven_for(house: StaffedHub) -> None:
    await link_app(house.owner)
    second = await house.owner.further_device()
    statement = await second.statement(await question(house, methods=("totp",)))
    await house.hub.revoke_device(house.owner.credential, second.device_id, await house.owner.fresh())
    assert (await refused(Forbidden, begin(house.owner, statement))).code == "device_not_active"


async def test_an_ended_question_is_not_proven_for(house: StaffedHub) -> None:
    await link_app(house.owner)
    name = await question(house, methods=("totp",))
    statement = await house.owner.statement(name)
    await house.owner.answer(name, "deny")
    await refused(Conflict, begin(house.owner, statement))
