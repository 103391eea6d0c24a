"""Who lets an agent in, and under whose account."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.agents.agent import api_key_hash
from approvals_hub.agents.invite import LONGEST_INVITE_LIFE, NAME_LIMIT, SHORTEST_INVITE_LIFE, check_name
from approvals_hub.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.session import token_hash
from tests.unit.hub_fixture import StaffedHub, code_of


async def test_whoever_invites_owns_the_agent(house: StaffedHub) -> None:
    dev = await house.person("Dev", "developer")
    await house.hub.invite_agent(dev.credential, house.org_id, name="bot")
    [row] = await house.rows("SELECT owner_id, invited_by FROM agent_invites WHERE used_at IS NULL")
    assert (row["owner_id"], row["invited_by"]) == (dev.person_id, dev.person_id)


async def test_the_operators_agent_belongs_to_the_owner(house: StaffedHub) -> None:
    bot = await house.agent("second")
    [row] = await house.rows("SELECT owner_id FROM agents WHERE id = :id", id=bot.agent_id)
    assert row["owner_id"] == house.owner.person_id


@pytest.mark.parametrize("role", ["approver", "auditor"])
async def test_an_approver_or_auditor_invites_no_agent(house: StaffedHub, role: str) -> None:
    person = await house.person("Ada", role)
    for attempt in (
        house.hub.invite_agent(person.credential, house.org_id, name="bot"),
        house.hub.invite_agent.with_api_key(person.credential, house.org_id, name="bot"),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert await house.rows("SELECT id FROM agent_invites WHERE used_at IS NULL") == []


async def test_an_agent_is_not_registered_under_somebody_elses_account_without_the_right_to_govern(
    house: StaffedHub,
) -> None:
    dev = await house.person("Dev", "developer")
    for attempt in (
        house.hub.invite_agent(dev.credential, house.org_id, name="bot", owner_id=house.owner.person_id),
        house.hub.invite_agent.with_api_key(dev.credential, house.org_id, name="bot", owner_id=house.owner.person_id),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert code_of(refused.value) == "owner_not_you"


async def test_an_admin_names_a_member_as_the_owner(house: StaffedHub) -> None:
    admin, dev = await house.person("Adm", "admin"), await house.person("Dev", "developer")
    await house.hub.invite_agent(admin.credential, house.org_id, name="bot", owner_id=dev.person_id)
    [row] = await house.rows("SELECT owner_id FROM agent_invites WHERE used_at IS NULL")
    assert row["owner_id"] == dev.person_id


async def test_the_owner_of_an_agent_is_an_active_member(house: StaffedHub) -> None:
    gone = await house.person("Gone")
    await house.hub.govern.set_person_state(house.operator, house.org_id, gone.person_id, "disabled")
    for owner_id in (gone.person_id, "per_unknown", house.bot.agent_id, ""):
        with pytest.raises(Invalid) as refused:
            await house.hub.invite_agent(house.owner.credential, house.org_id, name="bot", owner_id=owner_id)
        assert code_of(refused.value) == "owner_unknown"


async def test_nobody_lets_an_agent_into_another_organisation(house: StaffedHub) -> None:
    await house.change("INSERT INTO orgs (id, name, requirement, created_at) VALUES ('org_2', 'Other', '{}', 1)")
    for inviter in (house.owner.credential, OperatorCredential("org_3")):
        with pytest.raises((NotFound, Unauthenticated)):
            await house.hub.invite_agent(inviter, "org_2", name="bot")
    assert await house.rows("SELECT id FROM agent_invites WHERE org_id = 'org_2'") == []


async def test_an_organisation_without_an_active_owner_invites_nobody_by_itself(house: StaffedHub) -> None:
    await house.change("UPDATE people SET state = 'disabled'")
    with pytest.raises(NotFound) as refused:
        await house.hub.invite_agent(house.operator, house.org_id, name="bot")
    assert code_of(refused.value) == "no_owner"


@pytest.mark.parametrize("life", [0, -1, SHORTEST_INVITE_LIFE - 1, LONGEST_INVITE_LIFE + 1])
async def test_an_invitation_that_lives_too_long_or_too_short_is_refused(house: StaffedHub, life: int) -> None:
    with pytest.raises(Invalid):
        await house.hub.invite_agent(house.operator, house.org_id, name="bot", life=life)


@pytest.mark.parametrize("life", [SHORTEST_INVITE_LIFE, LONGEST_INVITE_LIFE])
async def test_an_invitation_lives_as_long_as_its_maker_says(house: StaffedHub, life: int) -> None:
    invited = await house.hub.invite_agent(house.operator, house.org_id, name="bot", life=life)
    assert invited.expires_at == house.time.now + life


@pytest.mark.parametrize("role", ["", "owner", "Agent", "hub"])
async def test_an_agent_has_one_of_the_agents_roles(house: StaffedHub, role: str) -> None:
    with pytest.raises(Invalid):
        await house.hub.invite_agent(house.operator, house.org_id, name="bot", role=role)


@pytest.mark.parametrize("name", ["bot", "Röd robot", "機器人", "x" * NAME_LIMIT])
def test_a_name_that_people_can_read_is_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name", ["", " ", "x" * (NAME_LIMIT + 1), "a\nb", "\x1b[2J", "safe\u202etob", "a\u200bb", "\u2800\u00a0"]
)
def test_a_name_that_hides_or_reorders_text_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_name(name)


async def test_of_an_invitation_and_of_an_api_key_the_hub_keeps_the_hash_alone(house: StaffedHub) -> None:
    invited = await house.hub.invite_agent(house.operator, house.org_id, name="bot")
    made = await house.hub.invite_agent.with_api_key(house.operator, house.org_id, name="bot")
    for table, column, secret, kept in (
        ("agent_invites", "token_hash", invited.token, token_hash(invited.token)),
        ("agent_api_keys", "secret_hash", made.api_key, api_key_hash(made.api_key)),
    ):
        rows = await house.rows(f"SELECT * FROM {table}")
        assert kept in [bytes(row[column]) for row in rows]
        assert not any(secret in str(dict(row)) for row in rows)
    bodies = await house.rows("SELECT body FROM audit_entries")
    assert not any(secret.encode() in bytes(row["body"]) for row in bodies for secret in (invited.token, made.api_key))


async def test_inviting_and_issuing_an_api_key_are_in_the_log(house: StaffedHub) -> None:
    invited = await house.hub.invite_agent(house.owner.credential, house.org_id, name="bot", role="ci")
    made = await house.hub.invite_agent.with_api_key(house.owner.credential, house.org_id, name="bot")
    asked, issued = (await house.events("agent.invited"))[-1], (await house.events("agent.api_key_issued"))[-1]
    expected: dict[str, Any] = {"invite_id": invited.invite_id, "role": "ci", "owner_id": house.owner.person_id}
    assert (asked["actor_id"], asked["detail"]) == (house.owner.person_id, expected)
    assert (issued["agent_id"], issued["trust"]) == (made.agent_id, "api_key")
