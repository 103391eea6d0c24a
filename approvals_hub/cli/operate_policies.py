"""What the operator may do about policies: a part of the table in `operate.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec

from approvals_hub.cli.arguments import Answer, Arguments, Nothing
from approvals_hub.cli.operate_drafts import plain_draft
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import NotFound
from approvals_hub.hub import Binding, Hub, KeptPolicy, PolicyDraft
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.who_answers import Waiting
from approvals_hub.policies.relying_party import RelyingParty


class OnePolicy(Arguments, frozen=True):
    """A command about one policy; `version` is the one that is meant, the one that stands unless said."""

    name: str
    version: int | None = None


class NewPolicy(Arguments, frozen=True):
    """A text to put in force; `version` is the one that it replaces, the one that stands unless said. What of the
    binding is left out stays as it was."""

    name: str
    yaml: str
    version: int | None = None
    tier: Literal["agent", "group", "owner"] | None = None
    bound_to: str | None = None
    rank: int | None = None
    source: str | None = None


class DryRunOf(Arguments, frozen=True):
    """A text to try on the real decisions of the last days. What of the binding is left out is as it is."""

    name: str
    yaml: str
    days: int = 30
    limit: int = 100
    tier: Literal["agent", "group", "owner"] | None = None
    bound_to: str | None = None
    rank: int | None = None


class Labelled(Arguments, frozen=True):
    """What is said of an agent, whole."""

    agent_id: str
    teams: list[str] = msgspec.field(default_factory=list)
    project: str | None = None
    environment: str | None = None


class OneParty(Arguments, frozen=True):
    """A command about one relying party."""

    domain: str


class NewParty(OneParty, frozen=True):
    """How far it is trusted."""

    trust_profile: str


async def label_agent(hub: Hub, given: Labelled) -> Answer:
    """To which teams it belongs, and where it works."""
    made = await hub.policies.label_agents(
        OperatorCredential(await the_org(hub, given.org)),
        given.agent_id,
        teams=given.teams,
        project=given.project,
        environment=given.environment,
    )
    if isinstance(made, PolicyDraft):
        return plain_draft(made)
    return {
        "agent_id": given.agent_id,
        "teams": list(made.teams),
        "project": made.project,
        "environment": made.environment,
    }


async def list_parties(hub: Hub, given: Nothing) -> Answer:
    """How far those whom agents deal with are trusted."""
    found = await hub.policies.relying_parties.list(OperatorCredential(await the_org(hub, given.org)))
    return {"items": [_party(each) for each in found]}


async def put_party(hub: Hub, given: NewParty) -> Answer:
    """Say it of one."""
    operator = OperatorCredential(await the_org(hub, given.org))
    made = await hub.policies.relying_parties.put(operator, given.domain, given.trust_profile)
    return await _party_or_draft(hub, operator, made)


async def remove_party(hub: Hub, given: OneParty) -> Answer:
    """Say nothing of it any more."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return await _party_or_draft(hub, operator, await hub.policies.relying_parties.remove(operator, given.domain))


async def _party_or_draft(hub: Hub, operator: OperatorCredential, made: RelyingParty | Waiting) -> Answer:
    if isinstance(made, Waiting):
        return plain_draft((await hub.drafts.read.one(operator, made.draft_id))[0])
    return _party(made)


async def list_policies(hub: Hub, given: Nothing) -> Answer:
    """All in force, without their texts."""
    operator = OperatorCredential(await the_org(hub, given.org))
    items = [_plain(each) for each in await hub.policies.read(operator)]
    return {"items": [{name: value for name, value in item.items() if name != "yaml"} for item in items]}


async def show_policy(hub: Hub, given: OnePolicy) -> Answer:
    """One, with its text."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _plain(await hub.policies.read.one(operator, given.name))


async def find_policy(hub: Hub, given: OnePolicy) -> Answer:
    """The text in force; null where there is none of that name."""
    standing = await _standing(hub, OperatorCredential(await the_org(hub, given.org)), given.name)
    return {"name": given.name, "yaml": None if standing is None else standing.text}


async def list_versions(hub: Hub, given: OnePolicy) -> Answer:
    """What it is and was."""
    operator = OperatorCredential(await the_org(hub, given.org))
    found = await hub.policies.read.versions(operator, given.name)
    return {
        "items": [
            {
                "version": each.version,
                "hash": each.hash,
                "source": each.source,
                "published_at": to_text(each.published_at),
                "published_by": each.published_by,
                "yaml": each.text,
            }
            for each in found
        ]
    }


async def apply_policy(hub: Hub, given: NewPolicy) -> Answer:
    """Put a text in force."""
    operator = OperatorCredential(await the_org(hub, given.org))
    before = await _standing(hub, operator, given.name)
    standing = 0 if before is None else before.version
    made = await hub.policies.keep.publish(
        operator,
        given.name,
        given.yaml,
        version=standing if given.version is None else given.version,
        binding=_binding(given, before),
        source=given.source,
    )
    return _made(made)


async def dry_run(hub: Hub, given: DryRunOf) -> Answer:
    """What would change; nothing follows."""
    operator = OperatorCredential(await the_org(hub, given.org))
    before = await _standing(hub, operator, given.name)
    found = await hub.dry_run(
        operator, given.name, given.yaml, binding=_binding(given, before), days=given.days, limit=given.limit
    )
    return {
        "name": found.name,
        "since": to_text(found.since),
        "until": to_text(found.until),
        "complete": found.complete,
        "replayed": found.replayed,
        "changes": found.changes,
        "not_replayed": found.not_replayed,
        "items": [
            {
                "id": each.recorded.id,
                "at": to_text(each.recorded.at),
                "agent_id": each.recorded.agent_id,
                "action_type": (each.recorded.action or {}).get("action_type"),
                "was": each.recorded.was,
                "now": each.now,
                "would_be": each.would_be,
                "change": each.change,
                "reason": each.reason,
                "rule_id": each.rule_id,
            }
            for each in found.items[: given.limit]
        ],
    }


async def remove_policy(hub: Hub, given: OnePolicy) -> Answer:
    """Take one out of force."""
    operator = OperatorCredential(await the_org(hub, given.org))
    before = await hub.policies.read.one(operator, given.name)
    version = before.version if given.version is None else given.version
    return _made(await hub.policies.keep.remove(operator, given.name, version=version))


POLICIES: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "agents.label": (Labelled, label_agent),
    "policies.list": (Nothing, list_policies),
    "policies.show": (OnePolicy, show_policy),
    "policies.find": (OnePolicy, find_policy),
    "policies.versions": (OnePolicy, list_versions),
    "policies.apply": (NewPolicy, apply_policy),
    "policies.dry-run": (DryRunOf, dry_run),
    "policies.remove": (OnePolicy, remove_policy),
    "relying_parties.list": (Nothing, list_parties),
    "relying_parties.put": (NewParty, put_party),
    "relying_parties.remove": (OneParty, remove_party),
}


def _binding(given: NewPolicy | DryRunOf, before: KeptPolicy | None) -> Binding:
    """As it is said; what is left out as it stands."""
    there = Binding() if before is None else before.binding
    tier = given.tier or there.tier
    bound_to = given.bound_to or (there.bound_to if given.tier in (None, there.tier) else None)
    return Binding(tier, bound_to, there.rank if given.rank is None else given.rank)


def _made(made: KeptPolicy | PolicyDraft) -> dict[str, Any]:
    """What is in force now, or the draft that people are asked about."""
    return plain_draft(made) if isinstance(made, PolicyDraft) else {"state": "in_force", **_plain(made)}


async def _standing(hub: Hub, operator: OperatorCredential, name: str) -> KeptPolicy | None:
    try:
        return await hub.policies.read.one(operator, name)
    except NotFound:
        return None


def _party(party: RelyingParty) -> dict[str, Any]:
    return {**msgspec.structs.asdict(party), "changed_at": to_text(party.changed_at)}


def _plain(kept: KeptPolicy) -> dict[str, Any]:
    return {
        "name": kept.name,
        "policy_id": kept.policy_id,
        "version": kept.version,
        "hash": kept.hash,
        "tier": kept.binding.tier,
        "bound_to": kept.binding.bound_to,
        "rank": kept.binding.rank,
        "source": kept.source,
        "published_at": to_text(kept.published_at),
        "published_by": kept.published_by,
        "yaml": kept.text,
    }
