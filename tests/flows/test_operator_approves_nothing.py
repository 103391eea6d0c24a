"""The command line's table has no way to approve: not for the operator, and not for an agent that got hold of it."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.cli.operate import COMMANDS, carry_out
from approvals_hub.core.errors import HubError
from approvals_hub.stepup.sign_in import SignInProof
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import sign_in_bytes
from tests.unit.hub_fixture import HERE, PUBLIC_URL, StaffedHub

FROM, UNTIL = "2100-01-01T00:00:00Z", "2100-01-02T00:00:00Z"
ALLOWS = "version: 1\npolicy: shop\ndefault: allow\nrules: []\n"
LAST = ("people.disable", "people.enable", "agents.pause", "agents.resume", "agents.revoke", "org.stop", "org.resume")
"""These end the question, so they are tried after all others."""

SHARPEST = ("agents.resume", "policies.apply", "org.requirement", "absences.add", "people.invite")
"""What comes nearest to an approval; these must have worked, so that the test shows what they cannot do."""


def arguments(house: StaffedHub, question: str, colleague: str) -> dict[str, dict[str, Any]]:
    """What each command is given, as near to the question and its approvers as it takes."""
    agent, person, name = {"agent_id": house.bot.agent_id}, {"person_id": colleague}, {"name": "shop"}
    group = {"kind": "group", "yaml": f"group: shop\nmembers: [{colleague}]\n"}
    return {
        "agents.invite": {"name": "helper"},
        "agents.api_key": {"name": "helper"},
        "agents.pause": agent,
        "agents.resume": agent,
        "agents.revoke": agent,
        "agents.callbacks": agent,
        "agents.label": {**agent, "teams": ["shop"]},
        "people.invite": {"name": "Mallory", "roles": ["owner"]},
        "people.disable": person,
        "people.enable": person,
        "people.expect": {**person, "method": "bankid", "number": "191212121212"},
        "people.recover": {"person_id": colleague, "colleagues": True},
        "plans.list": {"kind": "group"},
        "plans.show": {"kind": "group", **name},
        "plans.apply": group,
        "plans.delete": {"kind": "group", **name},
        "schedules.on_call": name,
        "policies.show": name,
        "policies.find": name,
        "policies.versions": name,
        "policies.apply": {**name, "yaml": ALLOWS},
        "policies.remove": name,
        "overrides.list": name,
        "overrides.add": {**name, "person": colleague, "since": FROM, "until": UNTIL},
        "overrides.end": {**name, "override_id": "ovr_1"},
        "absences.add": {"person_id": house.owner.person_id, "since": FROM, "until": UNTIL, "delegate": colleague},
        "absences.end": {"absence_id": "abs_1"},
        "quiet_hours.show": person,
        "quiet_hours.set": person,
        "routes.preview": name,
        "channels.show": name,
        "channels.set": {**name, "kind": "webhook", "settings": {"url": "https://hooks.example.com/"}},
        "channels.delete": name,
        "channels.test": name,
        "audit.bundle": {"escalation_id": question},
        "trusted_hubs.add": {**name, "issuer": "https://other.example"},
        "trusted_hubs.add_keys": {"trusted_hub_id": "thb_1", "keys": []},
        "trusted_hubs.revoke_key": {"trusted_hub_id": "thb_1", "kid": "k4.pid.x"},
        "trusted_hubs.remove": {"trusted_hub_id": "thb_1"},
        "org.requirement": {"requirement": {"approvals": 1}},
        "keys.compromised": {"kid": "k4.pid.x"},
        "audit.evidence": {"escalation_id": question},
    }


async def active(house: StaffedHub) -> set[str]:
    """Every key that may sign."""
    return {row["id"] for row in await house.rows("SELECT id FROM devices WHERE state = 'active'")}


async def test_no_command_of_the_operator_approves_makes_a_key_active_or_opens_a_session(house: StaffedHub) -> None:
    colleague = await house.person("Eva")
    invited = await carry_out(house.hub, "people.invite", {"name": "Bo", "roles": ["owner"]})
    assert isinstance(invited, dict)
    waiting, _, _ = await house.enrol(invited["token"])
    question = (await house.bot.ask()).escalation.id
    keys, sessions = await active(house), await house.rows("SELECT id FROM sessions")
    given = arguments(house, question, colleague.person_id)
    done = set()
    for command in sorted(COMMANDS, key=lambda each: LAST.index(each) if each in LAST else -1):
        try:
            answer = await carry_out(house.hub, command, given.get(command, {}))
            done.add(command)
            if not isinstance(answer, dict):
                async for _ in answer:
                    pass
        except HubError:
            pass  # what it refuses it has not done; the ones that matter are looked at below
        assert await active(house) <= keys, command
        assert await house.rows("SELECT id FROM decisions") == [], command
        (standing,) = await house.rows("SELECT state, jti FROM escalations WHERE id = :id", id=question)
        assert (standing["state"] in ("open", "denied", "withdrawn"), standing["jti"]) == (True, None), command
    assert len(await house.rows("SELECT id FROM sessions")) <= len(sessions)
    assert waiting.device.device_id not in await active(house)
    assert set(SHARPEST) <= done


async def test_a_key_that_an_operators_link_let_in_signs_nothing_until_a_person_has_confirmed_it(
    house: StaffedHub,
) -> None:
    invited = await carry_out(house.hub, "people.invite", {"name": "Mallory", "roles": ["owner", "approver"]})
    assert isinstance(invited, dict)
    key = Ed25519SigningKey()
    enrolled, _, _ = await house.enrol(invited["token"], key)
    assert (enrolled.device.state, len(enrolled.digits or "")) == ("pending", 6)
    issued = await house.hub.issue_challenge("sign_in")
    device_id = enrolled.device.device_id
    message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=device_id, audience=PUBLIC_URL)
    with pytest.raises(HubError):
        await house.hub.sign_in(
            SignInProof(issued.challenge_id, device_id=device_id, signature=key.sign(message)), HERE
        )
