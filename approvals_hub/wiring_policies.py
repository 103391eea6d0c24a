"""Wires what is allowed: policies, the one call before any risky action, and the OpenLeash agents that make it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from approvals_hub.agents.join_openleash import JoinOpenLeash
from approvals_hub.audit.record import Recorder
from approvals_hub.authorizations.ask_people import AskPeople
from approvals_hub.authorizations.authorize import Authorize
from approvals_hub.authorizations.dry_run import DryRuns
from approvals_hub.authorizations.spend_approval import SpendApproval
from approvals_hub.changes.ask_about_draft import AskAboutDraft
from approvals_hub.changes.carry_out_drafts import CarryOutDrafts
from approvals_hub.changes.change_trust import ChangeTrust
from approvals_hub.changes.change_who_answers import ChangeWhoAnswers
from approvals_hub.changes.draft_policy import DraftPolicy
from approvals_hub.changes.drafts import PolicyDrafts
from approvals_hub.changes.end_draft import EndDraft
from approvals_hub.core.clock import Clock
from approvals_hub.core.sealing import derive
from approvals_hub.db.database import Database
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalate import Escalate
from approvals_hub.escalations.leave import left_in
from approvals_hub.escalations.recall import Recall
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.openleash_webhook import OpenLeashWebhooks
from approvals_hub.people.requirement import SetRequirement
from approvals_hub.people.stale import FreshFactors
from approvals_hub.policies.administration import Policies
from approvals_hub.policies.ask_second_person import AskSecondPerson
from approvals_hub.policies.keep_drafts import KeepDrafts
from approvals_hub.policies.keep_mode import KeepMode
from approvals_hub.policies.keep_policies import KeepPolicies
from approvals_hub.policies.keep_relying_parties import KeepRelyingParties
from approvals_hub.policies.keep_signals import KeepSignals
from approvals_hub.policies.label_agents import LabelAgents
from approvals_hub.policies.lint_policy import LintPolicy
from approvals_hub.policies.monitor_signals import MonitorSignals
from approvals_hub.policies.put_in_force import PutInForce
from approvals_hub.policies.read_drafts import ReadDrafts
from approvals_hub.policies.read_policies import ReadPolicies
from approvals_hub.policies.try_policy import TryPolicy
from approvals_hub.policies.uses import policies_use_in
from approvals_hub.routing.keep_plans import KeepPlans
from approvals_hub.routing.resolve import groups_in
from approvals_hub.stepup.methods import Methods
from approvals_hub.tokens.keep_trusted_hubs import KeepTrustedHubs
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.redeem import Redeem
from approvals_hub.tokens.trust_hub import TrustHub


class Allowing(TypedDict):
    """These parts of a Hub, by the names of its members."""

    policies: Policies
    keep_plans: KeepPlans
    set_requirement: SetRequirement
    join_openleash: JoinOpenLeash
    authorize: Authorize
    ask_people: AskPeople
    spend_approval: SpendApproval
    dry_run: DryRuns
    drafts: PolicyDrafts
    ask_about_drafts: AskAboutDraft
    carry_out_drafts: CarryOutDrafts
    keep_trusted_hubs: KeepTrustedHubs


def allowing(
    db: Database,
    clock: Clock,
    vault: Vault,
    recorder: Recorder,
    fresh: FreshFactors,
    mint: Mint,
    redeem: Redeem,
    escalate: Escalate,
    epoch: Callable[[], Epoch],
    methods: Methods,
    advance: Advance,
    recall: Recall,
    hub_key: bytes,
) -> Allowing:
    """Build them."""
    force, kept = PutInForce(recorder, methods.offered()), KeepDrafts(vault, recorder)
    end = EndDraft(db, advance, recall, recorder, clock, epoch)
    ask = AskAboutDraft(db, escalate.opening, kept, end, clock)
    second = AskSecondPerson(kept, ask.one)
    channels_in = escalate.opening.routes.book.names_in
    keep_plans = KeepPlans(db, recorder, fresh, clock, left_in, channels_in, policies_use_in, second)
    set_requirement = SetRequirement(db, recorder, fresh, clock, groups_in, second, methods.offered())
    parties = KeepRelyingParties(db, recorder, fresh, clock, second)
    trust = TrustHub(recorder, redeem.rely.issuer)
    return Allowing(
        policies=Policies(
            keep=KeepPolicies(db, force, kept, ask.one, fresh, clock),
            read=ReadPolicies(db, clock),
            lint=LintPolicy(db, force, clock),
            tried=TryPolicy(db, clock),
            label_agents=LabelAgents(db, recorder, kept, ask.one, fresh, clock),
            relying_parties=parties,
            signals=KeepSignals(db, vault, recorder, fresh, add_notice_in, clock),
            monitor_signals=MonitorSignals(db, vault, recorder, add_notice_in, clock, epoch),
            mode=KeepMode(db, vault, recorder, fresh, add_notice_in, clock),
        ),
        join_openleash=JoinOpenLeash(
            db, recorder, clock, derive(hub_key, "openleash-challenges"), epoch, OpenLeashWebhooks(vault)
        ),
        keep_plans=keep_plans,
        set_requirement=set_requirement,
        authorize=Authorize(db, escalate, vault, mint, redeem.rely, recorder, clock, epoch),
        ask_people=AskPeople(db, escalate, vault, recorder, clock, epoch),
        spend_approval=SpendApproval(db, redeem, vault, recorder, clock, epoch),
        dry_run=DryRuns(db, vault, recorder, clock),
        drafts=PolicyDrafts(
            draft=DraftPolicy(db, force, ask, clock, epoch), read=ReadDrafts(db, kept, clock, epoch), end=end
        ),
        ask_about_drafts=ask,
        carry_out_drafts=CarryOutDrafts(
            db,
            force,
            ChangeWhoAnswers(keep_plans, set_requirement),
            ChangeTrust(parties, trust),
            end,
            clock,
            epoch,
        ),
        keep_trusted_hubs=KeepTrustedHubs(db, trust, fresh, clock, second),
    )
