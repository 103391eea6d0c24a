"""A person of one organisation joins another with the key that they have, goes between both, and leaves one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub.db.database import Tx
from approvals_hub.people.invite import Invitation
from approvals_hub_client import AsyncHub, ClientError
from tests.flows.world import World

DIGITS = 6


async def refused(call: Awaitable[Any]) -> str:
    """The code of the problem that it ends with."""
    with pytest.raises(Refused) as problem:
        await call
    return str(problem.value.problem["code"])


async def switched(phone: SoftwarePhone, org_id: str) -> dict[str, Any]:
    """Go on in another organisation."""
    return await phone.call("POST", "/v1/sessions/in-another-org", {"org_id": org_id, "transport": "bearer"})


def kinds_of(world: World, phone: SoftwarePhone) -> Callable[[str], Awaitable[set[str]]]:
    """What a log says that a person did."""

    async def kinds(actor: str) -> set[str]:
        while await world.hub.sealer.seal_all():
            pass
        found = await phone.call("GET", f"/v1/orgs/{world.org_id}/audit/events?actor={actor}")
        return {each["entry"]["kind"] for each in found["items"]}

    return kinds


async def test_an_invitation_is_accepted_with_the_key_that_one_has_and_no_second_account_is_made(world: World) -> None:
    other = await world.another_org()
    ada = await world.person("Ada", "approver")
    invited = await other.invited("Ada Lovelace", "approver", "developer")

    # What it is to can be read before anything is accepted, and spends nothing.
    seen = await ada.call("POST", "/v1/invitations", {"token": invited.token})
    assert (seen["org"]["org_id"], seen["roles"]) == (other.org_id, ["approver", "developer"])
    assert await refused(ada.call("POST", "/v1/joinings", {"token": invited.token})) == "fresh_factor_needed"
    asked = await ada.call("POST", "/v1/joinings", {"token": invited.token, "fresh": await ada.fresh()})
    assert len(asked["digits"]) == DIGITS

    # Accepted, and not a member yet: whoever reads the mail and is on the hub must not be in by that alone.
    assert [each["org_id"] for each in (await ada.call("GET", "/v1/orgs"))["items"]] == [world.org_id]
    assert await refused(switched(ada, other.org_id)) == "no_organisation"
    again = {"token": invited.token, "fresh": await ada.fresh()}
    assert await refused(ada.call("POST", "/v1/joinings", again)) == "invitation_unknown"
    path = f"/v1/orgs/{other.org_id}/joinings"
    [waiting] = (await other.owner.call("GET", path))["items"]
    assert (waiting["person"]["name"], waiting["invited_name"]) == ("Ada", "Ada Lovelace")
    assert (await world.owner.call("GET", f"/v1/orgs/{world.org_id}/joinings"))["items"] == []
    confirmation = f"{path}/{asked['joining_id']}/confirmation"
    done = await other.owner.call("POST", confirmation, await other.compared(asked["digits"]))
    assert done["state"] == "joined"

    # One person, one key, in both; the one that the invitation made up is gone, and what it owned is Ada's.
    members = (await other.owner.call("GET", f"/v1/orgs/{other.org_id}/members"))["items"]
    assert [(each["person_id"], each["roles"], each["keys"]) for each in members if each["name"] != "Stranger"] == [
        (ada.person_id, ["approver", "developer"], 1)
    ]
    mine = (await ada.call("GET", "/v1/orgs"))["items"]
    assert [(each["org_id"], each["current"]) for each in mine] == [(world.org_id, True), (other.org_id, False)]

    # What waits in the other one is named there, and is answered after going there with one call: no second sign-in.
    question = await (await other.agent("theirs")).ask("kestrel.fly", {"n": 1})
    assert [each["waiting"] for each in (await ada.call("GET", "/v1/orgs"))["items"]] == [[], [question.escalation_id]]
    before = ada._token
    there = await switched(ada, other.org_id)
    assert (there["org"]["org_id"], there["roles"]) == (other.org_id, ["approver", "developer"])
    assert (await ada.answer(question.escalation_id, "approve"))["status"] == "approved"
    assert [each["waiting"] for each in (await ada.call("GET", "/v1/orgs"))["items"]] == [[], []]

    # Fixation: whoever had the session from before has nothing; and the new one lasts no longer and proves no more.
    stale = replace(ada, _token=before)
    assert await refused(stale.call("GET", "/v1/session")) == "session_ended"
    assert await refused(switched(ada, other.org_id)) == "same_organisation"
    first, second = await sessions_of(world, ada.person_id)
    assert second["ended_at"] is None
    assert [second[each] for each in ("expires_at", "authenticated_at", "device_id")] == [
        first[each] for each in ("expires_at", "authenticated_at", "device_id")
    ]

    # Each log holds what was done in its organisation.
    assert {"person.accepted", "session.opened", "decision.recorded"} <= await kinds_of(other, other.owner)(
        ada.person_id
    )
    at_home = await kinds_of(world, world.owner)(ada.person_id)
    assert "session.ended" in at_home
    assert not {"person.accepted", "decision.recorded"} & at_home


async def sessions_of(world: World, person_id: str) -> list[Any]:
    """The last two sessions of a person."""

    async def work(tx: Tx) -> list[Any]:
        return await tx.rows(
            "SELECT expires_at, authenticated_at, ended_at, device_id FROM sessions WHERE person_id = :person"
            " AND scope = 'full' ORDER BY id DESC LIMIT 2",
            person=person_id,
        )

    newest, before = await world.hub.db.read(work)
    return [before, newest]


async def test_what_an_admin_does_to_a_member_touches_nothing_that_they_have_elsewhere(world: World) -> None:
    other = await world.another_org()
    ada = await world.person("Ada", "approver")
    await other.joined(ada, "approver", "owner")
    there = replace(ada, org_id=other.org_id)
    await there.sign_in()
    ours = await world.agent("ours", owner_id=ada.person_id)
    theirs = await other.agent("theirs", owner_id=ada.person_id)
    other_bot, our_bot = await other.agent("asks there"), await world.agent("asks here")
    voted = await our_bot.wait(await _approved(our_bot, ada))
    members = f"/v1/orgs/{world.org_id}/members/{ada.person_id}"

    # Taking over or taking away the keys of somebody by getting them into an organisation of one's own.
    attacks = {
        "revokes_a_key_that_counts_elsewhere": world.owner.call("DELETE", f"/v1/devices/{ada.device_id}"),
        "replaces_the_keys_by_colleagues": world.owner.call(
            "POST",
            f"/v1/orgs/{world.org_id}/recoveries",
            {"person_id": ada.person_id, "fresh": await world.owner.fresh()},
        ),
    }
    assert {name: await refused(call) for name, call in attacks.items()} == dict.fromkeys(
        attacks, "several_organisations"
    )

    # Disabled here: everything here stops at once, and there nothing.
    await world.owner.call("PUT", f"{members}/state", {"state": "disabled"})
    assert await refused(ada.call("GET", "/v1/inbox")) in {"session_ended", "person_disabled"}
    assert await refused(replace(ada, org_id=world.org_id).sign_in()) == "no_organisation"
    assert [await state_of(each, bot) for each in (world, other) for bot in (ours, theirs)] == [
        "paused",
        None,
        None,
        "active",
    ]
    assert await refused_redeem(our_bot, voted) == "approver_gone"
    assert (await there.answer((await other_bot.ask("kestrel.fly", {"n": 2})).escalation_id, "deny"))["status"]
    assert [each["org_id"] for each in (await there.call("GET", "/v1/orgs"))["items"]] == [other.org_id]
    listed = (await other.owner.call("GET", f"/v1/orgs/{other.org_id}/members"))["items"]
    assert {each["state"] for each in listed} == {"active"}

    # Let in again: the key is as before, and what was voted before does not come back to life.
    assert await refused(world.owner.call("PUT", f"{members}/state", {"state": "active"})) == "fresh_factor_needed"
    await world.owner.call("PUT", f"{members}/state", {"state": "active", "fresh": await world.owner.fresh()})
    await ada.sign_in()
    assert await refused_redeem(our_bot, voted) == "approver_gone"

    # Removed here, by whoever governs; there it goes on.
    await world.owner.call("DELETE", members, {})
    assert await refused(ada.call("GET", "/v1/inbox")) in {"session_ended", "session_unknown"}
    assert await refused(world.owner.call("DELETE", members, {})) == "person_not_found"
    unnamed = replace(ada, org_id="")
    await unnamed.sign_in()
    assert (await unnamed.call("GET", "/v1/session"))["org"]["org_id"] == other.org_id
    people = (await world.owner.call("GET", f"/v1/orgs/{world.org_id}/members"))["items"]
    assert ada.person_id not in {each["person_id"] for each in people}

    # Leaving takes a fresh factor, and the last owner stays.
    mine = f"/v1/orgs/{other.org_id}/members/{ada.person_id}"
    assert await refused(there.call("DELETE", mine, {})) == "fresh_factor_needed"
    await there.call("DELETE", mine, {"fresh": await there.fresh()})
    owners = f"/v1/orgs/{other.org_id}/members/{other.owner.person_id}"
    last = {"fresh": await other.owner.fresh()}
    assert await refused(other.owner.call("DELETE", owners, last)) == "last_owner"
    assert await refused(unnamed.sign_in()) == "no_organisation"

    # Back by a new invitation alone, with the same key.
    await other.owner.call("GET", "/v1/session")
    assert await refused(other.owner.call("PUT", f"{mine}/state", {"state": "active"})) == "person_not_found"


async def test_a_key_that_is_revoked_stands_in_both_logs_and_neither_names_a_session_of_the_other(world: World) -> None:
    other = await world.another_org()
    ada = await world.person("Ada", "approver")
    await other.joined(ada, "approver")
    there = replace(ada, org_id=other.org_id)
    await there.sign_in()
    here_id, there_id = [(await each.call("GET", "/v1/session"))["session"]["session_id"] for each in (ada, there)]
    await ada.call("DELETE", f"/v1/devices/{ada.device_id}", {"fresh": await ada.fresh()})
    for each, own in ((world, here_id), (other, there_id)):
        while await each.hub.sealer.seal_all():
            pass
        path = f"/v1/orgs/{each.org_id}/audit/events?kind=device.revoked"
        [found] = (await each.owner.call("GET", path))["items"]
        said = found["entry"]["detail"]
        assert (said["device_id"], own in said["sessions"]) == (ada.device_id, True)
        assert {here_id, there_id} & set(said["sessions"]) == {own}
    assert await refused(there.call("GET", "/v1/inbox")) == "session_ended"


async def state_of(world: World, agent: AsyncHub) -> str | None:
    """An agent's state, as its organisation's owner sees it; None where it is no agent of theirs."""
    listed = (await world.owner.call("GET", f"/v1/orgs/{world.org_id}/agents"))["items"]
    return next((each["state"] for each in listed if each["agent_id"] == agent.credential.agent_id), None)


async def _approved(agent: Any, ada: SoftwarePhone) -> Any:
    question = await agent.ask("db.drop", {"n": 1})
    await ada.answer(question.escalation_id, "approve")
    return question


async def refused_redeem(agent: Any, approved: Any) -> str:
    """The code with which a token is refused."""
    with pytest.raises(ClientError) as problem:
        await agent.redeem(approved)
    return str(getattr(problem.value, "code", problem.value))


async def test_who_intercepts_an_invitation_is_not_let_in_by_being_on_the_hub(world: World) -> None:
    other = await world.another_org()
    mallory = await world.person("Mallory", "approver")
    invited = await other.invited("Ada", "owner")
    asked = await mallory.call("POST", "/v1/joinings", {"token": invited.token, "fresh": await mallory.fresh()})
    path = f"/v1/orgs/{other.org_id}/joinings/{asked['joining_id']}"
    wrong = f"{(int(asked['digits']) + 1) % 1_000_000:06d}"

    # Nobody of the organisation that Mallory is in has a say.
    assert await refused(mallory.call("POST", f"{path}/confirmation", {"digits": asked["digits"]})) == "org_unknown"
    elsewhere = path.replace(other.org_id, world.org_id)
    confirmed = world.owner.call("POST", f"{elsewhere}/confirmation", {"digits": asked["digits"]})
    assert await refused(confirmed) == "joining_unknown"
    path = f"{path}/confirmation"
    # A stolen session neither lets Mallory in nor uses up the tries of whoever compares.
    assert await refused(other.owner.call("POST", path, {"digits": asked["digits"]})) == "fresh_factor_needed"
    codes = [await refused(other.owner.call("POST", path, await other.compared(wrong))) for _ in range(5)]
    assert codes == ["digits_wrong"] * 4 + ["joining_over"]
    # The sixth fails even if it is right, and the link is spent.
    assert await refused(other.owner.call("POST", path, await other.compared(asked["digits"]))) == "joining_over"
    again = {"token": invited.token, "fresh": await mallory.fresh()}
    assert await refused(mallory.call("POST", "/v1/joinings", again)) == "invitation_unknown"

    # One that is turned down is over as well; an address that has an account elsewhere is invited as any other.
    renewed = await world.hub.invite_person(other.operator, Invitation(person_id=invited.person_id))
    asked = await mallory.call("POST", "/v1/joinings", {"token": renewed.token, "fresh": await mallory.fresh()})
    path = f"/v1/orgs/{other.org_id}/joinings/{asked['joining_id']}"
    assert (await other.owner.call("DELETE", path))["state"] == "ended"
    assert (
        await refused(other.owner.call("POST", f"{path}/confirmation", {"digits": asked["digits"]})) == "joining_over"
    )
    assert [each["org_id"] for each in (await mallory.call("GET", "/v1/orgs"))["items"]] == [world.org_id]
    assert await refused(mallory.call("POST", "/v1/orgs", {"name": "Mine", "fresh": await mallory.fresh()})) == (
        "operator_makes_organisations"
    )
