"""The table of contents: one field per use case. API, pages, command line and workers call these and nothing below."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.agents.invite import InviteAgent
from approvals_hub.agents.lookup import AgentKeys
from approvals_hub.agents.read import ReadAgents
from approvals_hub.agents.register import RegisterAgent
from approvals_hub.audit.seal import Sealer
from approvals_hub.core.clock import Clock
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database
from approvals_hub.decisions.decide import Decide
from approvals_hub.decisions.inbox import Inbox
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalate import Escalate
from approvals_hub.escalations.extend import Extend
from approvals_hub.escalations.follow import Follow
from approvals_hub.escalations.govern import Govern
from approvals_hub.escalations.listing import ListEscalations
from approvals_hub.escalations.present import Present
from approvals_hub.escalations.recall import Recall
from approvals_hub.escalations.revise import Revise
from approvals_hub.escalations.wait import Wait
from approvals_hub.escalations.withdraw import Withdraw
from approvals_hub.events.bus import Bus
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.rotate import RotateKeys
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.forget import Forget
from approvals_hub.people.invite import InvitePerson
from approvals_hub.people.members import ListMembers
from approvals_hub.people.read_audit import ReadAudit
from approvals_hub.stepup.accept import AcceptInvitation
from approvals_hub.stepup.challenge import IssueChallenge
from approvals_hub.stepup.confirm import ConfirmDevice, ListPendingDevices
from approvals_hub.stepup.enrol import EnrolDevice
from approvals_hub.stepup.revoke_device import ListDevices, RevokeDevice
from approvals_hub.stepup.sessions import CurrentSession, EndSession, ListSessions, SignOut
from approvals_hub.stepup.set_up import SetUp
from approvals_hub.stepup.sign_in import SignIn
from approvals_hub.stepup.verify import DeviceSignatures
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.redeem import Redeem
from approvals_hub.tokens.report import Report
from approvals_hub.tokens.verify import VerifyProof


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
    signatures: DeviceSignatures

    # An agent joins and asks.
    invite_agent: InviteAgent
    register_agent: RegisterAgent
    read_agents: ReadAgents
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
    list_members: ListMembers
    accept_invitation: AcceptInvitation
    issue_challenge: IssueChallenge
    enrol_device: EnrolDevice
    confirm_device: ConfirmDevice
    list_devices: ListDevices
    revoke_device: RevokeDevice
    list_pending_devices: ListPendingDevices
    sign_in: SignIn
    current_session: CurrentSession
    list_sessions: ListSessions
    end_session: EndSession
    sign_out: SignOut
    inbox: Inbox
    present: Present
    decide: Decide
    recall: Recall

    # An executor spends the token.
    redeem: Redeem
    report: Report
    verify_proof: VerifyProof

    # Those who govern, and those who look back.
    govern: Govern
    rotate_keys: RotateKeys
    read_audit: ReadAudit

    # What happens by itself.
    advance: Advance
    sealer: Sealer
    forget: Forget
