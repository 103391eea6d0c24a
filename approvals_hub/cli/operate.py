"""What the operator may do to a hub that runs: the table of commands, each a function of the Hub and checked arguments.

The command line calls the same functions over the local socket of a running hub, or on a hub that it opened itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from approvals_hub.cli.arguments import (
    AgentCallbacks,
    Answer,
    Arguments,
    ExpectedNumber,
    Exported,
    ExportedEvidence,
    ExportedSignIns,
    LostKeys,
    NewHub,
    Nothing,
    OneAgent,
    OneKey,
    OnePerson,
    OneQuestion,
    Required,
)
from approvals_hub.cli.operate_agents import AGENTS
from approvals_hub.cli.operate_channels import CHANNELS
from approvals_hub.cli.operate_drafts import DRAFTS, plain_draft
from approvals_hub.cli.operate_fatigue import FATIGUE
from approvals_hub.cli.operate_inviting import INVITING
from approvals_hub.cli.operate_orgs import ORGS
from approvals_hub.cli.operate_policies import POLICIES
from approvals_hub.cli.operate_presence import PRESENCE
from approvals_hub.cli.operate_routes import PLANS
from approvals_hub.cli.operate_signals import SIGNALS
from approvals_hub.cli.operate_trust import TRUST
from approvals_hub.cli.tenant import the_org
from approvals_hub.cli.upkeep import (
    checkpoint,
    compromised_key,
    evidence,
    export_audit,
    export_evidence,
    export_sign_ins,
    list_keys,
    rotate_key,
    rotate_key_file,
    state,
)
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Invalid
from approvals_hub.hub import Hub
from approvals_hub.notifications.callbacks import Kept
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.who_answers import Waiting


async def list_agents(hub: Hub, given: Nothing) -> Answer:
    """All agents of an organisation."""
    org_id = await the_org(hub, given.org)
    agents = await hub.read_agents.of_org(OperatorCredential(org_id), org_id)
    return {"items": [_plain(agent) for agent in agents]}


async def pause_agent(hub: Hub, given: OneAgent) -> Answer:
    """Its open questions end, its unredeemed tokens are void, until it is resumed."""
    return await _agent_state(hub, given, "paused")


async def resume_agent(hub: Hub, given: OneAgent) -> Answer:
    """It may ask again."""
    return await _agent_state(hub, given, "active")


async def agent_callbacks(hub: Hub, given: AgentCallbacks) -> Answer:
    """Where an agent may be called back, as it is set after this; a secret that was made is shown this once."""
    org_id = await the_org(hub, given.org)
    operator, keep = OperatorCredential(org_id), hub.keep_callbacks
    if given.hosts is not None:
        kept = await keep.set(operator, org_id, given.agent_id, given.hosts)
    elif given.rotate:
        kept = await keep.rotate(operator, org_id, given.agent_id)
    else:
        kept = Kept(await keep.read(operator, org_id, given.agent_id))
    found = kept.callbacks
    calls = [{**msgspec.structs.asdict(each)} for each in found.calls]
    return {**_plain(found), "hosts": found.hosts, "calls": calls, "secret": kept.secret}


async def revoke_agent(hub: Hub, given: OneAgent) -> Answer:
    """For ever."""
    return await _agent_state(hub, given, "revoked")


async def list_people(hub: Hub, given: Nothing) -> Answer:
    """Everybody in an organisation; `devices` counts the keys that may sign."""
    org_id = await the_org(hub, given.org)
    members = await hub.list_members(OperatorCredential(org_id))
    return {
        "items": [
            {
                "person_id": member.person_id,
                "name": member.name,
                "email": member.email,
                "state": member.state,
                "roles": list(member.roles),
                "devices": member.keys,
                "created_at": to_text(member.created_at),
            }
            for member in members
        ]
    }


async def disable_person(hub: Hub, given: OnePerson) -> Answer:
    """Sessions, devices, votes and waiting questions end at once; agents of this person pause."""
    return await _person_state(hub, given, "disabled")


async def enable_person(hub: Hub, given: OnePerson) -> Answer:
    """The person counts again; a recovery brings them a new key, an invitation where they never had one."""
    return await _person_state(hub, given, "active")


async def expect_number(hub: Hub, given: ExpectedNumber) -> Answer:
    """Whose eID a person's must be; they link it themselves, with a key of theirs."""
    org_id = await the_org(hub, given.org)
    expected = await hub.expect_factor(OperatorCredential(org_id), org_id, given.person_id, given.method, given.number)
    return {
        "factor_id": expected.expected_id,
        "person_id": expected.person_id,
        "method": expected.method,
        "expires_at": to_text(expected.expires_at),
    }


async def recover_person(hub: Hub, given: LostKeys) -> Answer:
    """A link for a new key: the only owner's opens later, anybody else's needs colleagues. Raises Conflict."""
    operator = OperatorCredential(await the_org(hub, given.org))
    recover = hub.recover_by_link if given.colleagues else hub.recover_on_host
    made = await recover(operator, given.person_id)
    return {
        "recovery_id": made.recovery.id,
        "person_id": made.recovery.person_id,
        "way": made.recovery.way,
        "url": made.url,
        "token": made.token,
        "usable_from": to_text(made.recovery.usable_from),
        "expires_at": to_text(made.recovery.expires_at),
    }


async def stop_org(hub: Hub, given: Nothing) -> Answer:
    """Deny everything that waits, let no agent go on."""
    org_id = await the_org(hub, given.org)
    return {"org_id": org_id, "state": "stopped", "ended": await hub.govern.stop(OperatorCredential(org_id), org_id)}


async def resume_org(hub: Hub, given: Nothing) -> Answer:
    """Let agents ask again."""
    org_id = await the_org(hub, given.org)
    await hub.govern.resume(OperatorCredential(org_id), org_id)
    return {"org_id": org_id, "state": "active"}


async def require(hub: Hub, given: Required) -> Answer:
    """Set what is asked of every new question."""
    org_id = await the_org(hub, given.org)
    operator = OperatorCredential(org_id)
    made = await hub.set_requirement(operator, given.requirement)
    if isinstance(made, Waiting):
        return plain_draft((await hub.drafts.read.one(operator, made.draft_id))[0])
    return {"org_id": org_id}


async def set_up(hub: Hub, given: NewHub) -> Answer:
    """The one-time link of the owner; organisation and owner are made where nobody is here yet. Raises Conflict."""
    link = await hub.set_up(org_name=given.org_name, owner_name=given.owner_name)
    return {
        "org_id": link.org_id,
        "person_id": link.person_id,
        "url": link.url,
        "token": link.token,
        "expires_at": to_text(link.expires_at),
        "hub": hub.public_url,
    }


COMMANDS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "agents.list": (Nothing, list_agents),
    "agents.pause": (OneAgent, pause_agent),
    "agents.resume": (OneAgent, resume_agent),
    "agents.revoke": (OneAgent, revoke_agent),
    "agents.callbacks": (AgentCallbacks, agent_callbacks),
    "people.list": (Nothing, list_people),
    "people.disable": (OnePerson, disable_person),
    "people.enable": (OnePerson, enable_person),
    "people.expect": (ExpectedNumber, expect_number),
    "people.recover": (LostKeys, recover_person),
    **(PLANS | POLICIES | DRAFTS | PRESENCE | CHANNELS | FATIGUE | TRUST | INVITING | AGENTS | SIGNALS | ORGS),
    "org.stop": (Nothing, stop_org),
    "org.resume": (Nothing, resume_org),
    "org.requirement": (Required, require),
    "hub.set_up": (NewHub, set_up),
    "hub.state": (Nothing, state),
    "keys.list": (Nothing, list_keys),
    "keys.rotate": (Nothing, rotate_key),
    "keys.rotate_kek": (Nothing, rotate_key_file),
    "keys.compromised": (OneKey, compromised_key),
    "audit.export": (Exported, export_audit),
    "audit.sign_ins": (ExportedSignIns, export_sign_ins),
    "audit.evidence": (OneQuestion, evidence),
    "audit.evidence_export": (ExportedEvidence, export_evidence),
    "audit.checkpoint": (Nothing, checkpoint),
}


async def carry_out(hub: Hub, command: str, arguments: Mapping[str, Any]) -> Answer:
    """One command. Raises Invalid for an unknown one or a wrong argument, and what the use case raises."""
    if command not in COMMANDS:
        raise Invalid("command_unknown", f"there is no command {command}", next_step="Use the same version as the hub.")
    kind, function = COMMANDS[command]
    try:
        given = msgspec.convert(dict(arguments), kind)
    except msgspec.ValidationError as error:
        raise Invalid("argument_wrong", f"{command}: {error}", next_step="See: approvals-hub --help") from None
    return await function(hub, given)


async def _agent_state(hub: Hub, given: OneAgent, state: str) -> Answer:
    org_id = await the_org(hub, given.org)
    return _plain(await hub.govern.set_agent_state(OperatorCredential(org_id), org_id, given.agent_id, state))


async def _person_state(hub: Hub, given: OnePerson, state: str) -> Answer:
    org_id = await the_org(hub, given.org)
    await hub.govern.set_person_state(OperatorCredential(org_id), org_id, given.person_id, state)
    return {"person_id": given.person_id, "state": state}


def _plain(record: msgspec.Struct) -> dict[str, Any]:
    """A record with its times as texts."""
    return {
        name: to_text(value) if name.endswith("_at") and isinstance(value, int) else value
        for name, value in msgspec.structs.asdict(record).items()
        if not isinstance(value, list)
    }
