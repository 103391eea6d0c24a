"""Every use case, built in plain sight from what a hub stands on. No container, no locator, no decorators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from approvals_hub.agents.invite import InviteAgent
from approvals_hub.agents.lookup import AgentKeys
from approvals_hub.agents.note_refusal import NoteRefusal
from approvals_hub.agents.read import ReadAgents
from approvals_hub.agents.register import RegisterAgent
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.entry import Chain
from approvals_hub.audit.export import Export
from approvals_hub.audit.prove import Prove
from approvals_hub.audit.record import Recorder
from approvals_hub.audit.seal import Sealer
from approvals_hub.audit.search import Search
from approvals_hub.audit.watch import LogWatch
from approvals_hub.core.clock import Clock
from approvals_hub.core.sealing import derive
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database
from approvals_hub.decisions.complete import Complete
from approvals_hub.decisions.decide import Decide
from approvals_hub.decisions.inbox import Inbox
from approvals_hub.decisions.make_bundle import MakeBundle
from approvals_hub.decisions.measure import ReadMeasures
from approvals_hub.decisions.progress import ReadProgress
from approvals_hub.decisions.read_evidence import ReadEvidence
from approvals_hub.decisions.settle import Settle
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.collect import Collect
from approvals_hub.escalations.escalate import Escalate
from approvals_hub.escalations.extend import Extend
from approvals_hub.escalations.follow import Follow
from approvals_hub.escalations.govern import Govern
from approvals_hub.escalations.hand_over import HandOvers
from approvals_hub.escalations.listing import ListEscalations
from approvals_hub.escalations.members import Members
from approvals_hub.escalations.nonce import Nonces
from approvals_hub.escalations.opening import Opening
from approvals_hub.escalations.present import Present
from approvals_hub.escalations.quarantine import Quarantine
from approvals_hub.escalations.recall import Recall
from approvals_hub.escalations.revise import Revise
from approvals_hub.escalations.routes import Routes
from approvals_hub.escalations.wait import Wait
from approvals_hub.escalations.withdraw import Withdraw
from approvals_hub.events.bus import Bus
from approvals_hub.hub import Hub
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.key import LOG
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.rotate import RotateKeys
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.notifications.own_channels import OwnChannels
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.limits import SetLimits
from approvals_hub.people.lookup import SessionOrgs
from approvals_hub.people.members import ListMembers
from approvals_hub.people.notices import ListNotices
from approvals_hub.people.read_audit import ReadAudit
from approvals_hub.stepup.accept import AcceptInvitation
from approvals_hub.stepup.addresses import ProvenAddresses
from approvals_hub.stepup.admit_sign_in import AdmitSignIn
from approvals_hub.stepup.ask_for_link import AskForLink
from approvals_hub.stepup.begin_sign_in import BeginSignIn
from approvals_hub.stepup.begin_step_up import BeginStepUp
from approvals_hub.stepup.challenge import IssueChallenge
from approvals_hub.stepup.collect_sign_ins import CollectSignIns
from approvals_hub.stepup.collect_step_ups import CollectStepUps
from approvals_hub.stepup.complete_sign_in import CompleteSignIn
from approvals_hub.stepup.complete_step_up import CompleteStepUp
from approvals_hub.stepup.confirm import ConfirmDevice, ListPendingDevices
from approvals_hub.stepup.end_recovery import EndRecovery
from approvals_hub.stepup.end_session import EndSession, SignOut
from approvals_hub.stepup.enrol import EnrolDevice
from approvals_hub.stepup.expect_factor import ExpectFactor
from approvals_hub.stepup.fresh import FreshFactor
from approvals_hub.stepup.join_by_provider import JoinByProvider
from approvals_hub.stepup.link_factor import Factors, LinkFactor
from approvals_hub.stepup.list_expected import ListExpected
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.offer import OfferStepUps
from approvals_hub.stepup.passkey import relying_party
from approvals_hub.stepup.recovery import Waits
from approvals_hub.stepup.rename_device import RenameDevice
from approvals_hub.stepup.renew_session import RenewSession
from approvals_hub.stepup.revoke_device import ListDevices, RevokeDevice
from approvals_hub.stepup.send_links import SendLinks
from approvals_hub.stepup.sessions import CurrentSession, ListSessions
from approvals_hub.stepup.set_up import SetUp
from approvals_hub.stepup.settle_step_up import SettleStepUp
from approvals_hub.stepup.sign_in import SignIn
from approvals_hub.stepup.sign_in_way import SignInWay
from approvals_hub.stepup.sign_in_ways import SignInWays
from approvals_hub.stepup.use_link import UseLink
from approvals_hub.stepup.verify import DeviceSignatures
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.redeem import Redeem
from approvals_hub.tokens.rely import Rely
from approvals_hub.tokens.report import Report
from approvals_hub.tokens.verify import VerifyProof
from approvals_hub.wiring_lost_keys import lost_keys
from approvals_hub.wiring_policies import allowing
from approvals_hub.wiring_telling import telling
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.note import Signer, Verifier

if TYPE_CHECKING:
    from identity.code_mail import Mail
    from identity.one_time_code import Send
    from identity.provider import Provider
    from notify.channel import Channel
    from notify.message import Event


def log_origin(log_host: str, org_id: str) -> str:
    """The name of an organisation's log: the hub's first host and the organisation (C2SP tlog-checkpoint origin)."""
    return f"{log_host}/{org_id}"


def wire(
    *,
    public_url: str,
    db: Database,
    bus: Bus,
    clock: Clock,
    vault: Vault,
    ring: KeyRing,
    rotate: RotateKeys,
    recorder: Recorder,
    epoch: Epoch,
    hub_key: bytes,
    log_host: str,
    checkpoints: CheckpointFolder,
    providers: Mapping[str, Provider],
    for_signing_in: Mapping[str, Provider],
    ways: Mapping[str, SignInWay],
    links_by: Send[Mail] | None,
    waits: Waits,
    outlets: Outlets,
    callbacks_by: Channel[Event],
    own: OwnChannels,
    limits: HubLimits,
    attempts_kept: int,
) -> Hub:
    """Build every use case from what the hub stands on."""

    def present_epoch() -> Epoch:
        return epoch

    def log_signer(org_id: str) -> Signer:
        key = ring.signer(LOG, clock.now())
        assert key.seed is not None
        return Signer(Verifier(log_origin(log_host, org_id), key.public.raw), Ed25519SigningKey(key.seed).sign)

    def log_keys(org_id: str) -> list[Verifier]:
        return [Verifier(log_origin(log_host, org_id), key.public.raw) for key in ring.all(LOG)]

    sealer = Sealer(db, clock, Chain(derive(hub_key, "audit-mac")), log_signer, checkpoints)
    log_watch, stopping = LogWatch(sealer, clock), Stopping()
    mint = Mint(ring, clock, public_url)
    rp = relying_party(public_url)
    signatures = DeviceSignatures(db, rp)
    visits = KeepVisits(recorder, vault)
    nonces = Nonces(derive(hub_key, "nonces"), present_epoch)
    advance = Advance(db, recorder, clock)
    recall = Recall(db, recorder, clock)
    quarantine = Quarantine(advance, recorder)
    settle = Settle(vault, advance, recall, quarantine, recorder)
    fresh = FreshFactor(recorder, rp, public_url)
    members = Members(db, quarantine, recorder, fresh, clock)
    methods = Methods({**providers, **for_signing_in}, vault, derive(hub_key, "subjects"), frozenset(for_signing_in))
    book = AddressBook(outlets, own, vault, ProvenAddresses(methods, vault))
    opening = Opening(vault, recorder, present_epoch, Routes(book), limits)
    sign_in_ways = SignInWays(ways, methods)
    links_key = derive(hub_key, "sign-in-links")
    admit = AdmitSignIn(sign_in_ways, JoinByProvider(methods, recorder), visits)
    settle_step_up = SettleStepUp(methods, recorder)
    end_recovery = EndRecovery(db, advance, recall, recorder, clock)
    present = Present(db, vault, recorder, advance, nonces, clock, public_url)
    wait = Wait(db, bus, vault, Collect(vault, mint, present_epoch), advance, clock, present_epoch, stopping)
    escalate = Escalate(db, opening, recorder, clock, present_epoch)
    redeem = Redeem(db, mint, recorder, clock, present_epoch, Rely(ring, public_url))
    return Hub(
        public_url=public_url,
        db=db,
        bus=bus,
        clock=clock,
        stopping=stopping,
        epoch=epoch,
        vault=vault,
        ring=ring,
        mint=mint,
        agent_keys=AgentKeys(db),
        session_orgs=SessionOrgs(db, clock),
        signatures=signatures,
        invite_agent=InviteAgent(db, recorder, clock),
        register_agent=RegisterAgent(db, recorder, clock, present_epoch),
        read_agents=ReadAgents(db, clock, present_epoch),
        escalate=escalate,
        wait=wait,
        follow=Follow(db, bus, wait, clock, present_epoch, stopping),
        list_escalations=ListEscalations(db, clock, present_epoch),
        withdraw=Withdraw(db, vault, advance, recall, recorder, clock, present_epoch),
        revise=Revise(db, opening, advance, recall, recorder, clock, present_epoch),
        hand_over=HandOvers(db, advance, recorder, clock),
        extend=Extend(db, vault, recorder, advance, clock, present_epoch),
        set_up=SetUp(db, vault, recorder, clock, public_url),
        list_members=ListMembers(db, clock),
        accept_invitation=AcceptInvitation(db, visits, clock),
        issue_challenge=IssueChallenge(db, clock, rp),
        enrol_device=EnrolDevice(db, signatures, visits, clock),
        confirm_device=ConfirmDevice(db, recorder, fresh, clock),
        list_devices=ListDevices(db, clock),
        rename_device=RenameDevice(db, recorder, clock),
        revoke_device=RevokeDevice(db, signatures, fresh, recorder, clock),
        list_pending_devices=ListPendingDevices(db, clock),
        current_session=CurrentSession(db, clock),
        list_sessions=ListSessions(db, clock),
        end_session=EndSession(db, signatures, fresh, recorder, clock),
        sign_out=SignOut(db, signatures, fresh, recorder, clock),
        renew_session=RenewSession(db, recorder, clock),
        sign_in=SignIn(db, signatures, visits, clock, public_url),
        sign_in_ways=sign_in_ways,
        begin_sign_in=BeginSignIn(db, sign_in_ways, clock, public_url),
        complete_sign_in=CompleteSignIn(db, sign_in_ways, admit, clock),
        collect_sign_ins=CollectSignIns(db, sign_in_ways, clock),
        ask_for_link=AskForLink(db, clock, links_key, links_by is not None),
        send_links=SendLinks(db, clock, public_url, links_by),
        use_link=UseLink(db, visits, clock, links_key),
        inbox=Inbox(db, bus, vault, clock, stopping, Prove(db)),
        present=present,
        offer_step_ups=OfferStepUps(db, methods, clock),
        begin_step_up=BeginStepUp(db, methods, present, nonces, recorder, clock, public_url),
        complete_step_up=CompleteStepUp(db, methods, settle_step_up, clock),
        collect_step_ups=CollectStepUps(db, methods, settle_step_up, clock),
        link_factor=LinkFactor(db, methods, fresh, recorder, clock, public_url),
        factors=Factors(db, methods, fresh, recorder, clock, ways),
        expect_factor=ExpectFactor(db, methods, fresh, recorder, clock),
        list_expected=ListExpected(db, clock),
        end_recovery=end_recovery,
        decide=Decide(db, signatures, nonces, vault, advance, settle, recorder, clock, public_url, log_watch),
        recall=recall,
        redeem=redeem,
        report=Report(db, vault, mint, recorder, clock),
        verify_proof=VerifyProof(mint, clock),
        list_notices=ListNotices(db, clock),
        note_refusal=NoteRefusal(db, recorder, clock, present_epoch),
        set_limits=SetLimits(db, recorder, fresh, clock, limits),
        govern=Govern(db, quarantine, recorder, fresh, clock, members),
        rotate_keys=rotate,
        read_audit=ReadAudit(db, Export(db, clock, log_signer, log_keys), Search(db), visits, clock),
        advance=advance,
        read_progress=ReadProgress(db, clock),
        read_evidence=ReadEvidence(db, vault, present, recorder, fresh, clock),
        make_bundle=MakeBundle(db, vault, recorder, sealer, clock, present_epoch, ring, log_signer, public_url),
        read_measures=ReadMeasures(db, clock),
        complete=Complete(db, settle, log_watch, clock),
        sealer=sealer,
        log_watch=log_watch,
        **allowing(
            db, clock, vault, recorder, fresh, mint, redeem, escalate, present_epoch, methods, advance, recall, hub_key
        ),
        **lost_keys(
            db=db,
            clock=clock,
            vault=vault,
            recorder=recorder,
            fresh=fresh,
            methods=methods,
            opening=opening,
            end_recovery=end_recovery,
            epoch=present_epoch,
            waits=waits,
            public_url=public_url,
        ),
        **telling(
            db=db,
            bus=bus,
            clock=clock,
            vault=vault,
            recorder=recorder,
            fresh=fresh,
            book=book,
            methods=methods,
            advance=advance,
            callbacks_by=callbacks_by,
            members=members,
            allowed=limits.organisations_per_person,
            public_url=public_url,
            attempts_kept=attempts_kept,
        ),
    )
