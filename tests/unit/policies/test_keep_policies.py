"""Publishing policies and taking them out of force."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from approvals_hub.policies.kept import Binding, KeptPolicy
from approvals_hub_client.canonical import sha256_text
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules


@pytest.mark.parametrize("role", ["owner", "admin"])
async def test_owners_and_admins_publish_with_a_fresh_factor(house: StaffedHub, role: str) -> None:
    ada = await house.person("Ada", role)
    made = await house.hub.policies.keep.publish(ada.credential, "main", ASK, fresh=await ada.fresh(), source="1a2b")
    assert (made.version, made.text, made.hash, made.source) == (1, ASK, sha256_text(ASK.encode()), "1a2b")
    assert (made.binding, made.published_by) == (Binding(), ada.person_id)


async def test_a_stolen_session_publishes_nothing_without_a_fresh_factor(house: StaffedHub) -> None:
    with pytest.raises(Forbidden):
        await house.hub.policies.keep.publish(house.owner.credential, "main", ALLOW)
    made = await publish(house, DENY)
    with pytest.raises(Forbidden):
        await house.hub.policies.keep.remove(house.owner.credential, "main", version=made.version)
    assert [each.text for each in await house.hub.policies.read(house.operator)] == [DENY]


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_nobody_else_publishes(house: StaffedHub, role: str) -> None:
    ada = await house.person("Ada", role)
    with pytest.raises(Forbidden) as refused:
        await house.hub.policies.keep.publish(ada.credential, "main", ASK, fresh=await ada.fresh())
    assert refused.value.code == "role_missing"


async def test_every_change_is_in_the_log_with_the_hash_of_what_was_and_what_is(house: StaffedHub) -> None:
    first = await publish(house, ASK)
    second = await publish(house, DENY, version=1, binding=Binding(rank=5))
    await house.hub.policies.keep.remove(house.operator, "main", version=2)
    changes = [entry["detail"] for entry in await house.events("policy.published")]
    assert [(each["before"], each["after"], each["rank"]) for each in changes] == [
        (None, first.hash, 100),
        (first.hash, second.hash, 5),
    ]
    [gone] = await house.events("policy.removed")
    assert (gone["detail"]["before"], gone["detail"]["after"], gone["policy_id"]) == (
        second.hash,
        None,
        first.policy_id,
    )


async def test_the_same_text_again_is_no_change_and_takes_no_factor(house: StaffedHub) -> None:
    first = await publish(house, ASK)
    assert await house.hub.policies.keep.publish(house.owner.credential, "main", ASK) == first
    assert len(await house.events("policy.published")) == 1


async def test_of_two_who_change_the_same_version_one_is_told_of_the_other(house: StaffedHub) -> None:
    await publish(house, ASK)

    async def change(text: str) -> KeptPolicy | HubError:
        try:
            return await publish(house, text, version=1)
        except HubError as refused:
            return refused

    given = await asyncio.gather(change(DENY), change(ALLOW))
    [lost] = [each for each in given if isinstance(each, HubError)]
    assert (type(lost), lost.code, lost.extra) == (Conflict, "version_changed", {"version": 2})


async def test_a_policy_that_was_removed_holds_no_more_and_its_name_is_free(house: StaffedHub) -> None:
    first = await publish(house, DENY)
    await house.hub.policies.keep.remove(house.operator, "main", version=1)
    with pytest.raises(NotFound):
        await house.hub.policies.read.one(house.operator, "main")
    with pytest.raises(NotFound):
        await house.hub.policies.keep.remove(house.operator, "main", version=1)
    again = await publish(house, ASK)
    assert (again.version, again.policy_id != first.policy_id) == (1, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: a, effect: allow, action: '*', approval: {quorum: {of: ['group:ghosts']}}", "group:ghosts"),
        ("id: a, effect: allow, action: '*', approval: {methods: [telepathy]}", "telepathy"),
        ("id: a, effect: allow, action: '*', approval: {route: nowhere}", "nowhere"),
    ],
)
async def test_a_policy_that_names_what_is_not_here_is_refused_with_its_rule(
    house: StaffedHub, text: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await publish(house, rules(text))
    assert said in refused.value.detail
    assert "rule 'a' (line 4)" in refused.value.detail


@pytest.mark.parametrize(
    ("where", "why"),
    [("signal: [leak]", "there is no signal 'leak' here"), ("mode: [hosted]", "there is no mode 'hosted' here")],
)
async def test_a_rule_that_selects_by_what_nobody_tells_the_hub_is_refused_and_never_silently_passed(
    house: StaffedHub, where: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await publish(house, rules(f"id: a, effect: deny, action: '*', where: {{{where}}}", default="allow"))
    assert why in refused.value.detail


async def test_a_policy_that_cannot_hold_beside_the_default_requirement_is_refused(house: StaffedHub) -> None:
    await house.require(methods=["passkey"])
    with pytest.raises(Invalid) as refused:
        await publish(house, rules("id: a, effect: allow, action: '*', approval: {methods: [totp]}"))
    assert "cannot hold together" in refused.value.detail


async def test_a_policy_that_would_leave_nothing_but_a_code_to_copy_is_refused(house: StaffedHub) -> None:
    rule = "id: a, effect: allow, action: '*', approval: {methods: [totp]}"
    for ways in ((), ("totp", "passkey")):
        await house.require(methods=ways)
        with pytest.raises(Invalid) as refused:
            await publish(house, rules(rule))
        assert "rule 'a' (line 4): every way that is enough takes a code" in refused.value.detail


@pytest.mark.parametrize(
    ("binding", "field"),
    [
        (Binding("planet"), "$.tier"),
        (Binding("owner", "agt_1"), "$.bound_to"),
        (Binding("agent", None), "$.bound_to"),
        (Binding("agent", "agt_unknown"), "$.bound_to"),
        (Binding("group", "Not A Team"), "$.bound_to"),
        (Binding(rank=-1), "$.rank"),
    ],
)
async def test_a_binding_that_holds_for_nobody_is_refused_with_its_field(
    house: StaffedHub, binding: Binding, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await publish(house, ASK, binding=binding)
    assert refused.value.field == field


async def test_an_agent_of_another_organisation_is_no_agent_here(house: StaffedHub) -> None:
    stranger = await house.agent()
    await house.change("UPDATE agents SET org_id = 'org_other' WHERE id = :id", id=stranger.agent_id)
    with pytest.raises(Invalid):
        await publish(house, ASK, binding=Binding("agent", stranger.agent_id))


@pytest.mark.parametrize("name", ["", "Main", "a b", "a" * 64, "../x"])
async def test_a_name_that_is_none_is_refused(house: StaffedHub, name: str) -> None:
    with pytest.raises(Invalid):
        await publish(house, ASK, name)


async def test_what_is_no_policy_is_refused_with_line_and_column(house: StaffedHub) -> None:
    with pytest.raises(Invalid) as refused:
        await publish(house, "version: 1\ndefault: denny\nrules: []\n")
    assert "line 2" in refused.value.detail
    assert "deny" in refused.value.detail
