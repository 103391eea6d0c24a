"""What people are asked about a draft of a policy, and who: rows in, action and requirement out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from approvals_hub.changes.change_trust import trusted_lines
from approvals_hub.core.clock import DAY, SECOND, to_text
from approvals_hub.core.errors import Conflict, HubError
from approvals_hub.core.row import Row
from approvals_hub.domain.requirement import LONGEST_LIFE, Requirement
from approvals_hub.escalations.escalation import HUB
from approvals_hub.people.person import OPERATOR
from approvals_hub.people.who_answers import (
    GROUP_JOINED,
    HUB_TRUSTED,
    LESS_REQUIRED,
    PARTY_TRUSTED,
    TRUST,
    WHO_ANSWERS,
    SoFar,
)
from approvals_hub.policies.difference import Difference, changed_lines, difference, readable, said
from approvals_hub.policies.document import AGENT, OWNER
from approvals_hub.policies.draft import BY_AGENT, LABEL, ONE_PERSON, PUBLISH, REMOVE, PolicyDraft
from approvals_hub.policies.kept import Binding, KeptPolicy
from approvals_hub.policies.label_agents import NO_LABELS, Labels
from approvals_hub.policies.load import load
from approvals_hub.policies.put_in_force import may_publish
from approvals_hub.routing.load_group import load_group

PUBLISH_POLICY: Final = "hub.policy.publish"
REMOVE_POLICY: Final = "hub.policy.remove"
PUBLISH_ALONE: Final = "hub.policy.publish_alone"
LABEL_AGENT: Final = "hub.policy.label"
TYPES: Final = {
    PUBLISH: PUBLISH_POLICY,
    REMOVE: REMOVE_POLICY,
    LABEL: LABEL_AGENT,
    ONE_PERSON: PUBLISH_ALONE,
    GROUP_JOINED: "hub.policy.group",
    LESS_REQUIRED: "hub.policy.requirement",
    PARTY_TRUSTED: "hub.policy.relying_party",
    HUB_TRUSTED: "hub.policy.trusted_hub",
}
"""The types of the actions that people decide about."""

DECIDE_WITHIN: Final = 7 * DAY
"""How long people have, in milliseconds."""
CARRIED_OUT_WITHIN: Final = DAY
"""How long a yes lives, in milliseconds: it is acted on within a second, and by a hub that was down when it is back."""
KNOWN_FOR: Final = DAY
"""How long ago somebody must have joined to be the second person for whoever let them in, in milliseconds."""
LINES_SHOWN: Final = 32 * 1024
"""Characters of the lines that differ; beyond it the whole text stands alone."""

_ALONE: Final = "One person with the right to publish policies puts them in force and takes them out again, alone."


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with what people are shown beside it."""

    draft: PolicyDraft
    before: KeptPolicy | None
    first: bool
    """Whether the organisation has no policy so far."""
    proposer: str
    """The name of who proposes it."""
    owner: str | None
    """That of the proposing agent's owner."""
    why: str | None
    labels: Labels | None = None
    """What is said so far of the agent that a draft labels."""
    so_far: SoFar | None = None
    """What stands where a draft is about no policy and no labels."""
    people: Mapping[str, str] = {}
    """Of the organisation, what a group may write → the name of who that is."""


def question_of(drafted: Drafted, now: int) -> dict[str, Any]:
    """The action: what changes, in words; for whom it holds; the whole text."""
    draft = drafted.draft
    return {
        "action_id": draft.id,
        "action_type": TYPES[draft.change],
        "requested_at": to_text(now),
        "principal": {"agent_id": HUB},
        "subject": {"principal_id": draft.org_id},
        "payload": _payload(drafted) if draft.change in (PUBLISH, REMOVE) else _other(drafted),
    }


def holds_for(binding: Binding) -> str:
    """For whom a policy holds, in words."""
    if binding.tier == OWNER:
        return f"every agent, rank {binding.rank}"
    what = "the agent" if binding.tier == AGENT else "the team"
    return f"{what} {binding.bound_to}, rank {binding.rank}"


def asked_of_publishers(
    members: list[Row], draft: PolicyDraft, *, default: Requirement, apart: bool, now: int
) -> Requirement | HubError:
    """The requirement of a draft's question: others who may publish, each with a key.

    `members` are rows of `recovery_store.colleagues`, read for the proposer, or for the owner of a proposing agent.
    Who proposes never counts. An agent's owner counts only where nobody else could answer, or where the organisation
    lets owners count; and, `apart`, where it wants a second person, never. Then whom the proposer or owner let in
    within the last day does not count either: they could have made somebody up. Conflict `no_approvers` where nobody is
    left.
    """
    barred = draft.owner_id if draft.proposer_type == BY_AGENT else draft.proposed_by
    able = [row["id"] for row in members if may_publish(row) and row["keys"] > 0]
    made_up = {row["id"] for row in members if apart and row["let_in"] and row["since"] > now - KNOWN_FOR}
    if draft.proposer_type == OPERATOR:
        made_up = set()
    people = [person for person in able if person != barred and person not in made_up]
    if draft.proposer_type == BY_AGENT and not apart and (default.owner_counts or not people):
        people = able
    if not people:
        return Conflict(
            "no_approvers",
            "nobody could be asked: it takes another person who may publish policies and has a key",
            next_step="Invite another owner or admin, who enrols a key.",
        )
    rule = msgspec.structs.replace(
        default,
        approvals=min(default.fewest(), len(people)),
        # Who decides about policies is said by their role; the rest of what the organisation asks stays.
        quorum=None,
        veto=None,
        wait=0,
        owner_counts=False,
        # The hub asks, and has no screen that shows a number.
        number_match=None,
        longest=min(LONGEST_LIFE, DECIDE_WITHIN // SECOND),
        approval_valid_for=CARRIED_OUT_WITHIN // SECOND,
    )
    return rule.frozen_for(tuple(people), DECIDE_WITHIN // SECOND)


def _payload(drafted: Drafted) -> dict[str, Any]:
    draft, before = drafted.draft, drafted.before
    old = "" if before is None else before.text
    policy: dict[str, Any] = {"name": draft.name}
    if draft.hash is not None:
        policy["hash"] = draft.hash
    if draft.source is not None:
        policy["source"] = draft.source
    if before is not None:
        policy |= {"replaces_hash": before.hash, "replaces_version": before.version}
    payload: dict[str, Any] = {
        "holds_for": holds_for(draft.binding),
        "policy": policy,
        "proposed_by": _proposer(drafted),
        "changes": said(_difference(drafted)),
    }
    if draft.body is not None:
        payload["whole_text"] = draft.body
    if before is not None and draft.body is not None:
        lines = "\n".join(changed_lines(old, draft.body, old="in force", new="proposed"))
        if 0 < len(lines) <= LINES_SHOWN:
            payload["lines_that_change"] = lines
    return payload


def _other(drafted: Drafted) -> dict[str, Any]:
    draft, lines = drafted.draft, [_ALONE]
    if draft.change == LABEL:
        assert draft.body is not None
        after = msgspec.json.decode(draft.body, type=Labels)
        lines = [f"The agent {draft.name} {_labels(after)}. So far it {_labels(drafted.labels or NO_LABELS)}."]
    if draft.change in WHO_ANSWERS:
        assert draft.body is not None
        so_far = "" if drafted.so_far is None else drafted.so_far.text
        joins = draft.change == GROUP_JOINED
        lines = _joining(drafted, so_far) if joins else _required(so_far, draft.body)
        policy = {"name": draft.name, "replaces_version": draft.replaces} if joins else {}
        return {
            "changes": {"other_changes": lines},
            **({"policy": policy} if policy else {}),
            "proposed_by": _proposer(drafted),
            "whole_text": draft.body,
        }
    if draft.change in TRUST:
        assert drafted.so_far is not None
        changed = trusted_lines(draft, drafted.so_far)
        return {
            "changes": {"other_changes": changed},
            "proposed_by": _proposer(drafted),
            "whole_text": draft.body,
        }
    return {"changes": {"other_changes": lines}, "proposed_by": _proposer(drafted)}


def _joining(drafted: Drafted, so_far: str) -> list[str]:
    """Who joins a group and who leaves it, one in each line."""
    draft = drafted.draft
    assert draft.body is not None
    before, after = (set(load_group(text).members) if text else set() for text in (so_far, draft.body))

    def named(written: str) -> str:
        name = drafted.people.get(written)
        return written if name is None else f"{msgspec.json.encode(name).decode()} ({written})"

    group = f"the group {draft.name}"
    joined = [f"{named(each)} joins {group}, and may answer where it is asked." for each in after - before]
    left = [f"{named(each)} leaves {group}." for each in before - after]
    return [*sorted(joined), *sorted(left)] or [f"The group {draft.name} has another order."]


def _required(so_far: str, wanted: str) -> list[str]:
    """What the organisation asks of every question otherwise than so far, one member in each line."""
    before, after = (msgspec.json.decode(text) if text else {} for text in (so_far, wanted))
    return [
        f"Every question: {name} is {_json(after.get(name))}. So far it is {_json(before.get(name))}."
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _labels(labels: Labels) -> str:
    teams = f"is in the teams {', '.join(labels.teams)}" if labels.teams else "is in no team"
    return f"{teams}, works in the project {labels.project or '-'} and the environment {labels.environment or '-'}"


def _difference(drafted: Drafted) -> Difference:
    draft, before = drafted.draft, drafted.before
    after = None if draft.body is None else load(draft.body)
    found = difference(None if before is None else readable(before.text), after, first=drafted.first)
    if before is None or draft.binding == before.binding:
        return found
    moved = f"So far it holds for {holds_for(before.binding)}."
    return msgspec.structs.replace(found, other=(*found.other, moved))


def _proposer(drafted: Drafted) -> dict[str, Any]:
    draft = drafted.draft
    found: dict[str, Any] = {"id": draft.proposed_by, "kind": draft.proposer_type, "name": drafted.proposer}
    if draft.owner_id is not None:
        found["owner"] = {"id": draft.owner_id, "name": drafted.owner or ""}
    return found
