"""Who says how far a counterparty is trusted, and what follows for decisions, proofs and the log."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound
from approvals_hub.policies.relying_party import PARTIES_LIMIT
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from tests.unit.hub_fixture import AUDIENCE, StaffedHub
from tests.unit.policies.kept_policies import publish, rules

TRUSTING = rules(
    "id: known, effect: allow, action: '*', where: {trust_min: HIGH}, proof: {required: true}",
    "id: others, effect: allow, action: '*', approval: {quorum: 1}",
)


async def decided(house: StaffedHub, **more: Any) -> Any:
    """The answer about a new action at the counterparty that every action here has."""
    party = {"domain": AUDIENCE, **more}
    return await house.hub.authorize(house.bot.credential(), house.bot.action(relying_party=party))


async def test_trust_is_the_registrys_and_the_agents_word_is_a_hint_in_the_log(house: StaffedHub) -> None:
    keep = house.hub.policies.relying_parties
    await publish(house, TRUSTING)
    claimed = await decided(house, trust_profile="REGULATED")
    assert (claimed.told.decision.rule_id, claimed.told.trust_profile) == ("others", "LOW")
    [opened] = await house.events("escalation.opened")
    assert (opened["detail"]["trust_profile"], opened["detail"]["claimed_trust_profile"]) == ("LOW", "REGULATED")
    await keep.put(house.operator, f"*.{AUDIENCE.partition('.')[2]}", "HIGH")
    found = await decided(house)
    assert (found.told.decision.decision, found.told.decision.rule_id) == ("ALLOW", "known")
    assert loads(paseto.unverified(str(found.told.proof_token)))["trust_profile"] == "HIGH"
    await keep.put(house.operator, AUDIENCE, "LOW")
    assert (await decided(house)).told.decision.rule_id == "others"
    await keep.remove(house.operator, AUDIENCE)
    assert (await decided(house, trust_profile="LOW")).told.decision.rule_id == "known"
    details = [entry["detail"] for entry in await house.events("action.authorized")]
    assert [(each["trust_profile"], each.get("claimed_trust_profile")) for each in details] == [
        ("LOW", "REGULATED"),
        ("HIGH", None),
        ("LOW", None),
        ("HIGH", "LOW"),
    ]


async def test_an_answer_does_not_outlive_the_trust_that_gave_it(house: StaffedHub) -> None:
    keep = house.hub.policies.relying_parties
    await publish(house, TRUSTING)
    await keep.put(house.operator, AUDIENCE, "HIGH")
    action = house.bot.action()
    assert (await house.hub.authorize(house.bot.credential(), action)).told.decision.decision == "ALLOW"
    await keep.remove(house.operator, AUDIENCE)
    again = await house.hub.authorize(house.bot.credential(), action)
    assert (again.told.decision.decision, again.repeated) == ("REQUIRE_APPROVAL", False)


async def test_what_people_approved_is_not_spent_with_a_counterparty_that_is_trusted_no_more(house: StaffedHub) -> None:
    await publish(
        house, rules("id: known, effect: allow, action: '*', where: {trust_min: HIGH}, approval: {quorum: 1}")
    )
    await house.hub.policies.relying_parties.put(house.operator, AUDIENCE, "HIGH")
    token = await house.bot.approved()
    await house.hub.policies.relying_parties.put(house.operator, AUDIENCE, "MEDIUM")
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert refused.value.code == "policy_denies"


async def test_a_change_is_recorded_with_what_stood_before_and_the_same_again_is_none(house: StaffedHub) -> None:
    keep = house.hub.policies.relying_parties
    made = await keep.put(house.operator, "Bank.Example.COM.", "HIGH")
    assert (made.domain, made.trust_profile) == ("bank.example.com", "HIGH")
    assert await keep.put(house.operator, "bank.example.com", "HIGH") == made
    await keep.put(house.operator, "bank.example.com", "LOW")
    assert [each.domain for each in await keep.list(house.owner.credential)] == ["bank.example.com"]
    gone = await keep.remove(house.operator, "bank.example.com")
    assert (gone.trust_profile, await keep.list(house.operator)) == ("LOW", [])
    assert [entry["detail"] for entry in await house.events("relying_party.changed")] == [
        {"domain": "bank.example.com", "before": None, "after": "HIGH"},
        {"domain": "bank.example.com", "before": "HIGH", "after": "LOW"},
    ]
    [removed] = await house.events("relying_party.removed")
    assert removed["detail"] == {"domain": "bank.example.com", "before": "LOW", "after": None}


async def test_a_stolen_session_trusts_nobody_and_takes_nobody_from_the_list(house: StaffedHub) -> None:
    keep, owner = house.hub.policies.relying_parties, house.owner
    with pytest.raises(Forbidden):
        await keep.put(owner.credential, "a.example", "HIGH")
    await keep.put(owner.credential, "a.example", "HIGH", fresh=await owner.fresh())
    with pytest.raises(Forbidden):
        await keep.remove(owner.credential, "a.example")


async def test_who_reads_policies_reads_the_list_and_who_governs_them_alone_changes_it(house: StaffedHub) -> None:
    keep = house.hub.policies.relying_parties
    reader, approver = await house.person("Ada", "auditor"), await house.person("Bo")
    assert await keep.list(reader.credential) == []
    with pytest.raises(Forbidden):
        await keep.list(approver.credential)
    with pytest.raises(Forbidden):
        await keep.put(reader.credential, "a.example", "HIGH", fresh=await reader.fresh())
    with pytest.raises(Forbidden):
        await keep.remove(reader.credential, "a.example", fresh=await reader.fresh())


async def test_the_list_is_short_enough_to_be_read_and_knows_what_it_has(house: StaffedHub) -> None:
    keep = house.hub.policies.relying_parties
    with pytest.raises(NotFound):
        await keep.remove(house.operator, "a.example")
    await keep.put(house.operator, "a.example", "HIGH")
    await house.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO relying_parties (org_id, domain, trust_profile, changed_at, changed_by)"
        " SELECT :org, 'h' || i, 'LOW', 0, 'x' FROM n",
        most=PARTIES_LIMIT - 1,
        org=house.org_id,
    )
    with pytest.raises(Conflict) as refused:
        await keep.put(house.operator, "b.example", "HIGH")
    assert refused.value.code == "too_many"
    await keep.put(house.operator, "a.example", "LOW")
