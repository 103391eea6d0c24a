"""The table of contents: a field per use case, and what its callers hand in and get back; they call nothing below."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.agents.invite import InviteAgent, Inviter, WithApiKey
from approvals_hub.agents.invite import Invited as InvitedAgent
from approvals_hub.agents.join_openleash import Joined as JoinedOpenLeash
from approvals_hub.agents.join_openleash import JoinOpenLeash, challenge_text
from approvals_hub.agents.lookup import AgentKeys
from approvals_hub.agents.note_refusal import NoteRefusal
from approvals_hub.agents.openleash_names import ForOpenLeash
from approvals_hub.agents.read import AgentRecord, ReadAgents
from approvals_hub.agents.register import RegisterAgent, Registered, Rotated
from approvals_hub.audit.seal import Sealer
from approvals_hub.audit.search import Found
from approvals_hub.audit.watch import LogWatch
from approvals_hub.authorizations.ask_people import AskPeople
from approvals_hub.authorizations.authorize import Authorize
from approvals_hub.authorizations.dry_run import DryRun, DryRuns
from approvals_hub.authorizations.replay import Again
from approvals_hub.authorizations.spend_approval import SpendApproval
from approvals_hub.authorizations.told import Authorized
from approvals_hub.changes.ask_about_draft import AskAboutDraft
from approvals_hub.changes.carry_out import CarryOut
from approvals_hub.changes.carry_out_drafts import CarryOutDrafts
from approvals_hub.changes.drafts import PolicyDrafts
from approvals_hub.changes.end_break_glass import EndBreakGlass
from approvals_hub.changes.open_break_glass import OpenBreakGlass
from approvals_hub.changes.propose import Propose
from approvals_hub.core.clock import Clock
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database
from approvals_hub.decisions.complete import Complete
from approvals_hub.decisions.decide import Decide
from approvals_hub.decisions.inbox import Inbox, Line, Page
from approvals_hub.decisions.make_bundle import MakeBundle
from approvals_hub.decisions.measure import Measure, ReadMeasures
from approvals_hub.decisions.organisations import Organisations
from approvals_hub.decisions.progress import Progress, ReadProgress
from approvals_hub.decisions.read_evidence import ReadEvidence
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.collect import ToldAgent
from approvals_hub.escalations.escalate import Asking, Escalate, Opened
from approvals_hub.escalations.extend import Extend
from approvals_hub.escalations.follow import Follow, Following
from approvals_hub.escalations.govern import Govern
from approvals_hub.escalations.hand_over import HandedOver, HandOvers
from approvals_hub.escalations.listing import ListEscalations
from approvals_hub.escalations.present import Card, Present, View
from approvals_hub.escalations.reach import WAKE, Reach
from approvals_hub.escalations.read_asker import Asker
from approvals_hub.escalations.recall import Recall
from approvals_hub.escalations.revise import Revise
from approvals_hub.escalations.wait import Wait
from approvals_hub.escalations.withdraw import Withdraw
from approvals_hub.events.bus import Bus
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.rotate import RotateKeys
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.acknowledge import Acknowledge, Acknowledged
from approvals_hub.notifications.administration import Channels
from approvals_hub.notifications.call_back import CALLS, CallBack
from approvals_hub.notifications.callbacks import Callbacks, KeepCallbacks
from approvals_hub.notifications.channel import LastError, ShownChannel
from approvals_hub.notifications.forget import Forget
from approvals_hub.notifications.push_address import PushAddress, PushAddresses, PushChannel, SealKey
from approvals_hub.notifications.push_reach import PushReach, ReadPushReach
from approvals_hub.notifications.read_deliveries import Tried, Wanted
from approvals_hub.notifications.try_channel import TriedChannel
from approvals_hub.notifications.try_push import TriedPush, TryPush
from approvals_hub.people.disclose import SetDisclosure
from approvals_hub.people.invite import Invitation, InvitePerson
from approvals_hub.people.invite import Invited as InvitedPerson
from approvals_hub.people.limits import SetLimits
from approvals_hub.people.lookup import SessionOrgs
from approvals_hub.people.members import ListMembers, Member
from approvals_hub.people.notices import ListNotices, Notice
from approvals_hub.people.read_audit import ReadAudit
from approvals_hub.people.requirement import SetRequirement
from approvals_hub.people.session import EMAIL_LINK, PersonCredential, Session, token_hash
from approvals_hub.people.want_least import WantLeast
from approvals_hub.policies.administration import Policies
from approvals_hub.policies.draft import PolicyDraft
from approvals_hub.policies.kept import Binding, KeptPolicy
from approvals_hub.policies.label_agents import Labels
from approvals_hub.routing.be_absent import Away, BeAbsent
from approvals_hub.routing.default_route import SetDefaultRoute
from approvals_hub.routing.keep_plans import KeepPlans
from approvals_hub.routing.keep_quiet import KeepQuiet
from approvals_hub.routing.on_call import Duty, OnCall, StandIn
from approvals_hub.routing.plan import GROUP, ROUTE, SCHEDULE, Plan
from approvals_hub.routing.preview import Foreseen, PreviewRoute
from approvals_hub.routing.read_plans import ReadPlans, ShownPlan
from approvals_hub.routing.refer import Missing
from approvals_hub.routing.stand_in import StoodIn
from approvals_hub.stepup.accept import Accepted, AcceptInvitation
from approvals_hub.stepup.admit_sign_in import Arrival
from approvals_hub.stepup.ask_for_link import AskForLink
from approvals_hub.stepup.begin_sign_in import BeginSignIn, BegunSignIn, SignInAsked
from approvals_hub.stepup.begin_step_up import BeginStepUp, StepUpAsked
from approvals_hub.stepup.challenge import Challenge, IssueChallenge, Purpose
from approvals_hub.stepup.collect_sign_ins import CollectSignIns
from approvals_hub.stepup.collect_step_ups import CollectStepUps
from approvals_hub.stepup.complete_sign_in import CompleteSignIn
from approvals_hub.stepup.complete_step_up import CompleteStepUp
from approvals_hub.stepup.confirm import ConfirmDevice, ListPendingDevices, PendingDevice
from approvals_hub.stepup.end_recovery import EndRecovery
from approvals_hub.stepup.end_session import EndedSession, EndSession, SignOut
from approvals_hub.stepup.enrol import EnrolDevice
from approvals_hub.stepup.expect_factor import ExpectFactor
from approvals_hub.stepup.fresh import Fresh
from approvals_hub.stepup.invite_by_mail import InviteByMail
from approvals_hub.stepup.link_factor import FactorRecord, Factors, LinkAsked, LinkFactor
from approvals_hub.stepup.list_expected import ListExpected
from approvals_hub.stepup.list_recoveries import ListRecoveries
from approvals_hub.stepup.make_recovery_codes import MakeRecoveryCodes
from approvals_hub.stepup.offer import Offer, OfferStepUps, Way
from approvals_hub.stepup.open_session import OpenedSession
from approvals_hub.stepup.recover_by_code import CodeGiven, RecoverByCode
from approvals_hub.stepup.recover_by_link import RecoverByLink
from approvals_hub.stepup.recover_on_host import RecoverOnHost
from approvals_hub.stepup.rename_device import RenameDevice
from approvals_hub.stepup.renew_session import RenewSession
from approvals_hub.stepup.revoke_device import ListDevices, RevokeDevice
from approvals_hub.stepup.send_links import SendLinks
from approvals_hub.stepup.sessions import CurrentSession, ListedSession, ListSessions
from approvals_hub.stepup.set_up import SetUp
from approvals_hub.stepup.sign_in import SignedIn, SignIn, SignInProof
from approvals_hub.stepup.sign_in_attempt import ShownAttempt
from approvals_hub.stepup.sign_in_ways import SignInWays
from approvals_hub.stepup.step_up import Shown
from approvals_hub.stepup.use_link import LinkProof, UseLink
from approvals_hub.stepup.verify import DeviceSignatures
from approvals_hub.tokens.keep_trusted_hubs import KeepTrustedHubs
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.possession import Pop, Redemption
from approvals_hub.tokens.redeem import Redeem, Redeemed
from approvals_hub.tokens.report import Report, Reported
from approvals_hub.tokens.trusted_hub import OfferedKey, TrustedHub
from approvals_hub.tokens.verify import Verification, VerifyProof

# A list and no code: a name a line would be two screens of it.
# fmt: off
__all__ = [
    "CALLS", "EMAIL_LINK", "GROUP", "ROUTE", "SCHEDULE", "WAKE", "Accepted", "Acknowledged", "Again", "AgentRecord",
    "Arrival", "Asker", "Asking", "Authorized", "Away", "BegunSignIn", "Binding", "Callbacks", "Card", "Challenge",
    "CodeGiven", "DryRun", "Duty", "EndedSession", "FactorRecord", "Following", "ForOpenLeash", "Foreseen", "Found",
    "Fresh", "HandedOver", "Hub", "Invitation", "InvitedAgent", "InvitedPerson", "Inviter", "JoinedOpenLeash",
    "KeptPolicy", "Labels", "LastError", "Line", "LinkAsked", "LinkProof", "ListedSession", "Measure", "Member",
    "Missing", "Notice", "Offer", "OfferedKey", "Opened", "OpenedSession", "Page", "PendingDevice", "PersonCredential",
    "Plan", "PolicyDraft", "Pop", "Progress", "Purpose", "PushAddress", "PushChannel", "PushReach", "Redeemed",
    "Redemption", "Registered", "Reported", "Rotated", "SealKey", "Session", "Shown", "ShownAttempt", "ShownChannel",
    "ShownPlan", "SignInAsked", "SignInProof", "SignedIn", "StandIn", "StepUpAsked", "StoodIn", "ToldAgent", "Tried",
    "TriedChannel", "TriedPush", "TrustedHub", "Verification", "View", "Wanted", "Way", "WithApiKey",
    "challenge_text", "token_hash",
]
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Everything the hub can do, wired once in `app.py`."""

    # What it stands on.
    public_url: str
    db: Database
    bus: Bus
    clock: Clock
    stopping: Stopping
    epoch: Epoch
    vault: Vault
    ring: KeyRing
    mint: Mint
    agent_keys: AgentKeys
    session_orgs: SessionOrgs
    signatures: DeviceSignatures

    # An agent joins and asks.
    invite_agent: InviteAgent
    register_agent: RegisterAgent
    join_openleash: JoinOpenLeash
    read_agents: ReadAgents
    authorize: Authorize
    ask_people: AskPeople
    spend_approval: SpendApproval
    escalate: Escalate
    wait: Wait
    follow: Follow
    list_escalations: ListEscalations
    withdraw: Withdraw
    revise: Revise
    extend: Extend

    # A person joins, sees and answers.
    set_up: SetUp
    invite_person: InvitePerson
    invite_by_mail: InviteByMail
    list_members: ListMembers
    accept_invitation: AcceptInvitation
    issue_challenge: IssueChallenge
    enrol_device: EnrolDevice
    confirm_device: ConfirmDevice
    list_devices: ListDevices
    rename_device: RenameDevice
    revoke_device: RevokeDevice
    list_pending_devices: ListPendingDevices
    sign_in: SignIn
    sign_in_ways: SignInWays
    begin_sign_in: BeginSignIn
    complete_sign_in: CompleteSignIn
    ask_for_link: AskForLink
    use_link: UseLink
    renew_session: RenewSession
    current_session: CurrentSession
    list_sessions: ListSessions
    end_session: EndSession
    sign_out: SignOut
    inbox: Inbox
    present: Present
    offer_step_ups: OfferStepUps
    begin_step_up: BeginStepUp
    complete_step_up: CompleteStepUp
    link_factor: LinkFactor
    factors: Factors
    expect_factor: ExpectFactor
    decide: Decide
    read_progress: ReadProgress
    read_measures: ReadMeasures
    recall: Recall
    push_addresses: PushAddresses
    read_push_reach: ReadPushReach
    try_push: TryPush
    acknowledge: Acknowledge
    channels: Channels
    policies: Policies
    dry_run: DryRuns
    drafts: PolicyDrafts
    hand_over: HandOvers

    # Somebody lost their keys.
    make_recovery_codes: MakeRecoveryCodes
    recover_by_code: RecoverByCode
    recover_by_link: RecoverByLink
    recover_on_host: RecoverOnHost
    list_recoveries: ListRecoveries
    end_recovery: EndRecovery
    open_break_glass: OpenBreakGlass
    end_break_glass: EndBreakGlass

    # An executor spends the token.
    redeem: Redeem
    report: Report
    verify_proof: VerifyProof

    # Those who govern, and those who look back.
    govern: Govern
    orgs: Organisations
    keep_callbacks: KeepCallbacks
    keep_trusted_hubs: KeepTrustedHubs
    rotate_keys: RotateKeys
    read_audit: ReadAudit
    read_evidence: ReadEvidence
    make_bundle: MakeBundle
    list_notices: ListNotices
    list_expected: ListExpected
    note_refusal: NoteRefusal
    set_requirement: SetRequirement
    set_limits: SetLimits
    set_disclosure: SetDisclosure
    want_least: WantLeast

    # Who is told, in which order.
    keep_plans: KeepPlans
    read_plans: ReadPlans
    set_default_route: SetDefaultRoute
    on_call: OnCall
    be_absent: BeAbsent
    keep_quiet: KeepQuiet
    preview_route: PreviewRoute

    # What happens by itself.
    advance: Advance
    complete: Complete
    reach: Reach
    call_back: CallBack
    sealer: Sealer
    log_watch: LogWatch
    forget: Forget
    collect_step_ups: CollectStepUps
    collect_sign_ins: CollectSignIns
    send_links: SendLinks

    # What it asks people itself, and does once they have signed: `hub.device.recover`, then `hub.policy.*`.
    propose: Propose
    carry_out: CarryOut
    ask_about_drafts: AskAboutDraft
    carry_out_drafts: CarryOutDrafts
