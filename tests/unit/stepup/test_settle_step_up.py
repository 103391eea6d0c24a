"""What follows from a provider's answer: one proof counts once, for its person, and nothing of it is in the clear."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden
from approvals_hub.stepup.settle_step_up import PROOF_LIFE
from approvals_hub_client.canonical import b64u, dumps, loads, sha256_text
from tests.fakes.step_up_plugin.moody import SECRET, Vendor, proof_of
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import (
    begin,
    begin_link,
    collect,
    complete,
    link_app,
    link_moody,
    question,
    step_of,
)


async def test_a_proof_waits_five_minutes_for_the_signature_that_uses_it(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    begun = await begin(house.owner, await house.owner.statement(await question(house, methods=("totp",))))
    proven = await complete(house.owner, begun.step.id, app.code())
    assert (PROOF_LIFE, proven.step.expires_at) == (300_000, house.time.now + 300_000)


async def test_the_evidence_lies_sealed_with_the_persons_key_and_the_log_commits_to_it(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    name = await link_moody(house.owner, vendor)
    row = await step_of(house, name)
    plain = await house.hub.db.read(
        lambda tx: house.hub.vault.unseal_in(tx, house.owner.person_id, bytes(row["evidence"]), f"evidence:{name}")
    )
    assert loads(plain)["signed"] == b64u(SECRET.encode())
    [event] = await house.events("step_up.proven")
    assert event["detail"]["evidence_hash"] == row["evidence_hash"] == sha256_text(plain)
    assert SECRET not in dumps(event).decode()


async def test_equal_evidence_has_another_hash_each_time(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    one, other = await link_moody(house.owner, vendor), await link_moody(ada, vendor, "bo")
    hashes = {(await step_of(house, name))["evidence_hash"] for name in (one, other)}
    assert len(hashes) == 2


async def test_the_hash_of_the_evidence_confirms_no_guess_of_it(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    row = await step_of(house, await link_moody(house.owner, vendor))
    guess = dumps({"subject": "anna", "at": row["proven_at"], "signed": b64u(SECRET.encode())})
    assert row["evidence_hash"] != sha256_text(guess)


async def test_how_fresh_a_proof_is_counts_from_when_the_person_did_it(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    name = (
        await begin(house.owner, await house.owner.statement(await question(house, methods=("moody",))), "moody")
    ).step.id
    did_it = house.time.now + 1000
    vendor.does["collect"] = proof_of(name, did_it)
    await collect(house, 120_000)
    assert (await step_of(house, name))["proven_at"] == did_it


@pytest.mark.parametrize(("told", "kept"), [(-3_600_000, 0), (3_600_000, 2000)])
async def test_a_provider_whose_clock_is_wrong_makes_a_proof_neither_older_nor_newer_than_it_can_be(
    plugged: StaffedHub, vendor: Vendor, told: int, kept: int
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    name = (
        await begin(house.owner, await house.owner.statement(await question(house, methods=("moody",))), "moody")
    ).step.id
    began = house.time.now
    vendor.does["collect"] = proof_of(name, began + told)
    await collect(house)
    assert (await step_of(house, name))["proven_at"] == began + kept


async def test_one_order_of_a_vendor_proves_one_step_up(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    one = (
        await begin(house.owner, await house.owner.statement(await question(house, methods=("moody",))), "moody")
    ).step.id
    vendor.approve(one)
    await collect(house)
    other = (await begin(house.owner, await house.owner.statement(await question(house)), "moody")).step.id
    vendor.does["collect"] = proof_of(one, house.time.now)
    await collect(house)
    assert (await step_of(house, other))["state"] == "running"
    assert (await house.events("step_up.refused"))[-1]["decision"] == "proof_replayed"


async def test_a_way_is_tied_to_nobody_who_was_disabled_while_their_vendor_was_asked(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    ada = await house.person("Ada")
    name = (await begin_link(ada)).step.id
    vendor.approve(name, "thief")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    await collect(house)
    assert await house.rows("SELECT id FROM factors") == []
    assert await house.events("factor.added") == []


async def test_a_way_that_a_stolen_session_begins_to_tie_is_not_tied_once_that_session_is_ended(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    name = (await begin_link(house.owner)).step.id
    vendor.approve(name, "thief")
    await house.change("UPDATE sessions SET ended_at = 1")
    await collect(house)
    row = await step_of(house, name)
    assert (row["state"], row["cause"], row["evidence"]) == ("ended", "session_ended", None)
    assert await house.rows("SELECT id FROM factors") == []


async def test_a_factor_that_was_removed_gets_no_data_back_from_a_proof_on_its_way(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    begun = await begin(house.owner, await house.owner.statement(await question(house, methods=("totp",))))
    await house.change("UPDATE factors SET removed_at = 1, sealed = :nothing", nothing=b"")
    with pytest.raises(Conflict):
        await complete(house.owner, begun.step.id, app.code())
    [row] = await house.rows("SELECT sealed, last_used_at FROM factors")
    assert (bytes(row["sealed"]), row["last_used_at"]) == (b"", None)


async def test_a_wrong_answer_where_nothing_can_be_guessed_is_counted_for_the_step_up_alone(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    name = (await begin_link(house.owner)).step.id
    with pytest.raises(Forbidden, match="does not fit"):
        await complete(house.owner, name, {"word": "wrong"})
    assert (await step_of(house, name))["tries"] == 1
    assert await house.rows("SELECT source FROM wrong_answers") == []


@pytest.mark.parametrize(("risk", "state"), [("low", "proven"), ("moderate", "ended"), ("unknown", "ended")])
async def test_a_proof_with_more_risk_than_the_question_accepts_is_refused_whatever_its_provider_thinks(
    plugged: StaffedHub, vendor: Vendor, risk: str, state: str
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",), most_risk="low"))
    name = (await begin(house.owner, statement, "moody")).step.id
    vendor.does["collect"] = proof_of(name, house.time.now, facts={"risk": risk})
    await collect(house)
    row = await step_of(house, name)
    assert (row["state"], row["cause"]) == (state, None if state == "proven" else "too_risky")
    ended = [event["decision"] for event in await house.events("step_up.ended")]
    assert ended == ([] if state == "proven" else ["too_risky"])
