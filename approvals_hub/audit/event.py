"""What can be recorded: the closed list of kinds, and the event a use case hands to the recorder."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Kind = Literal[
    "absence.ended",
    "absence.recorded",
    "agent.api_key_issued",
    "agent.api_key_revoked",
    "agent.callback_secret_rotated",
    "agent.callbacks_changed",
    "agent.invited",
    "agent.key_added",
    "agent.labelled",
    "agent.paused",
    "agent.refused",
    "agent.registered",
    "agent.resumed",
    "agent.revoked",
    "action.authorized",
    "action.refused",
    "approver.barred",
    "audit.exported",
    "audit.searched",
    "break_glass.asked",
    "break_glass.ended",
    "break_glass.opened",
    "break_glass.refused",
    "break_glass.used",
    "bundle.read",
    "channel.changed",
    "channel.deleted",
    "channel.tested",
    "data_key.rotated",
    "decision.claimed",
    "decision.recorded",
    "decision.refused",
    "delivery.retried",
    "device.confirmed",
    "device.enrolled",
    "device.flagged",
    "device.push_gone",
    "device.push_removed",
    "device.push_set",
    "device.push_tested",
    "device.refused",
    "device.renamed",
    "device.revoked",
    "escalation.ended",
    "escalation.extended",
    "escalation.handed_over",
    "escalation.opened",
    "escalation.refused",
    "escalation.seen",
    "escalation.stage_opened",
    "evidence.exported",
    "evidence.read",
    "factor.added",
    "factor.declined",
    "factor.expected",
    "factor.met",
    "factor.removed",
    "group.changed",
    "group.deleted",
    "hub.restored",
    "key.compromised",
    "key.retired",
    "key.rotated",
    "mode.changed",
    "modes.defined",
    "notice.closed",
    "org.created",
    "org.default_route_changed",
    "org.disclosure_changed",
    "org.limits_changed",
    "org.requirement_changed",
    "org.resumed",
    "org.second_person_changed",
    "org.stopped",
    "override.ended",
    "override.recorded",
    "person.accepted",
    "person.disabled",
    "person.enabled",
    "person.invited",
    "person.invitation_mailed",
    "person.disclosure_changed",
    "person.joined",
    "person.refused",
    "person.removed",
    "person.roles_changed",
    "policy.draft_asked",
    "policy.draft_ended",
    "policy.draft_refused",
    "policy.drafted",
    "policy.dry_run",
    "policy.published",
    "policy.removed",
    "quiet_hours.changed",
    "recovery.completed",
    "recovery.ended",
    "recovery.opened",
    "recovery.opened_on_host",
    "recovery.refused",
    "recovery.waiting",
    "relying_party.changed",
    "relying_party.removed",
    "request.refused",
    "route.changed",
    "route.deleted",
    "schedule.changed",
    "schedule.deleted",
    "session.ended",
    "session.opened",
    "session.refused",
    "sign_ins.exported",
    "signal.cleared",
    "signal.declared",
    "signal.refused",
    "signal.removed",
    "signal.set",
    "step_up.begun",
    "step_up.ended",
    "step_up.proven",
    "step_up.refused",
    "step_up.claimed",
    "token.collected",
    "token.expired",
    "token.redeemed",
    "token.refused",
    "token.reported",
    "token.revoked",
    "trusted_hub.added",
    "trusted_hub.key_added",
    "trusted_hub.key_revoked",
    "trusted_hub.removed",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))

ActorType = Literal["agent", "executor", "hub", "operator", "person"]
ACTOR_TYPES: frozenset[str] = frozenset(get_args(ActorType))

Detail = dict[str, str | int | bool | list[str] | None]
"""Small closed values: ids, codes, hashes, counts, salted commitments. Never a name, an address, a payload or free
text: an entry outlives the right to erasure."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, or was refused, in one organisation.

    `at` is in milliseconds, taken before the unit of work. `actor_id` is who did it (`hub` for the hub itself),
    `signature_valid` what came of checking a signature, None where there was none to check; `trust` is how an agent
    proved itself. `decision` is what was decided: a vote, an outcome or a refusal's code.
    """

    kind: Kind
    org_id: str
    at: int
    actor_type: ActorType
    actor_id: str
    agent_id: str | None = None
    escalation_id: str | None = None
    action_id: str | None = None
    action_type: str | None = None
    decision: str | None = None
    policy_id: str | None = None
    proof_kid: str | None = None
    signature_valid: bool | None = None
    trust: str | None = None
    detail: Detail = {}
