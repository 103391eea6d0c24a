"""Every operation of the API on one page: who may call it, what it asks, gives and refuses."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from approvals_hub.api import (
    agents,
    audit,
    authorize,
    break_glass,
    decisions,
    devices,
    escalations,
    evidence,
    guide,
    inbox,
    invitations,
    orgs,
    public,
    push,
    receipts,
    recoveries,
    requirement,
    sessions,
    sign_in_links,
    sign_ins,
    step_ups,
    stream,
    tokens,
)
from approvals_hub.api.agents import AgentView, NewKey, RegisteredView, Registration, RotatedView
from approvals_hub.api.audit import ExportQuery, SearchQuery, SignInsQuery
from approvals_hub.api.authorize import AuthorizationView, AuthorizeForm
from approvals_hub.api.break_glass import Agreement, BreakGlassView, NewBreakGlass
from approvals_hub.api.call import Api
from approvals_hub.api.caller import Caller
from approvals_hub.api.decisions import AnsweredView, AnswerForm, PresentationView, RecalledView, ViewedView, ViewForm
from approvals_hub.api.devices import (
    DeviceView,
    DigitsForm,
    EnrolledView,
    NameForm,
    NewDeviceKey,
    NewPasskey,
    PendingDeviceView,
    RevokeForm,
)
from approvals_hub.api.endpoint import Route, endpoint, expecting
from approvals_hub.api.escalations import EscalationsQuery, MoreTime, NewEscalation, WaitQuery
from approvals_hub.api.evidence import EvidenceExport
from approvals_hub.api.fields import Empty, Items, PageQuery
from approvals_hub.api.inbox import InboxQuery, InboxView
from approvals_hub.api.invitations import AcceptedView, AcceptForm
from approvals_hub.api.membership_routes import MEMBERSHIPS
from approvals_hub.api.notice_routes import NOTICES
from approvals_hub.api.openapi import document
from approvals_hub.api.openleash_routes import AUTHORIZES, JOINS, OPENLEASH
from approvals_hub.api.orgs import (
    AgentInvite,
    AgentInviteView,
    AgentState,
    ApiKeyView,
    ExpectedNumber,
    ExpectedNumberView,
    MemberInvite,
    MemberInviteView,
    MemberState,
    MemberStateView,
    MemberView,
    NewAgent,
    Resume,
    StoppedView,
)
from approvals_hub.api.policy_drafts import DraftView
from approvals_hub.api.policy_routes import POLICIES
from approvals_hub.api.public import Health, KeysView
from approvals_hub.api.push import PushForm, PushView, ReachedView, ReceiptForm, TellingView
from approvals_hub.api.receipts import ReceiptView
from approvals_hub.api.recoveries import (
    CodeForm,
    CodesView,
    NewCodes,
    NewRecovery,
    RecoveringView,
    RecoveryLinkView,
    RecoveryView,
)
from approvals_hub.api.requirement import RequirementForm, RequirementView
from approvals_hub.api.sessions import (
    ChallengeForm,
    ChallengeView,
    EndedSessionsView,
    EndedSessionView,
    EndForm,
    OpenedSessionView,
    RefreshForm,
    SessionView,
    SignedInView,
    SignInForm,
    SignOutForm,
)
from approvals_hub.api.sign_in_links import AskedLinkView, AskForLinkForm, LinkForm
from approvals_hub.api.sign_ins import (
    AnswerSignIn,
    BeginSignInForm,
    BegunSignInView,
    SignInAttemptView,
    SignInSecret,
    SignInWayView,
)
from approvals_hub.api.step_ups import (
    AnswerStepUp,
    FactorsView,
    FactorView,
    LinkingView,
    NewFactor,
    OfferQuery,
    OfferView,
    RemoveFactor,
    StepUpAnsweredView,
    StepUpForm,
    StepUpView,
)
from approvals_hub.api.telling_routes import TELLING, TRIED
from approvals_hub.api.tokens import RedeemedView, RedeemForm, ReportedView, ReportForm, VerifiedView, VerifyForm
from approvals_hub.api.trust_routes import TRUST
from approvals_hub.api.views import EscalationView
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated, Unavailable
from approvals_hub.decisions.evidence_format import EvidenceView
from approvals_hub.hub import Found, PushChannel, TriedPush

GET, POST, PUT, DELETE = "GET", "POST", "PUT", "DELETE"
PUBLIC, VISITOR, EXECUTOR = Caller.PUBLIC, Caller.VISITOR, Caller.EXECUTOR
AGENT, PERSON, BOTH, ANYBODY = Caller.AGENT, Caller.PERSON, Caller.AGENT_OR_PERSON, Caller.PERSON_OR_VISITOR

HERE = (NotFound,)
ENDED = (NotFound, Conflict)
ASKED = (Forbidden, Conflict, TooMany)
ROLE = (Forbidden, NotFound)
CHANGED = (Forbidden, NotFound, Conflict)
ASKED_NOW = (Forbidden, NotFound, Conflict, TooMany, Unavailable)
PROOF = (Unauthenticated, Forbidden)
BEGINS = (NotFound, TooMany, Unavailable)
ANSWERS = (Unauthenticated, Forbidden, NotFound, Conflict, TooMany, Unavailable)

Device, Org, Log = NewPasskey | NewDeviceKey, "/v1/orgs/{org}", "/v1/orgs/{org}/audit"

# fmt: off
ROUTES: tuple[Route, ...] = (
    # Anybody.
    Route(GET, "/.well-known/approvals-hub", public.well_known, PUBLIC, None, dict[str, Any], 200),
    Route(GET, "/llms.txt", guide.llms, PUBLIC, None, "text/plain", 200),
    Route(GET, "/skill.md", guide.skill, PUBLIC, None, guide.MARKDOWN, 200),
    Route(GET, "/v1/public-keys", public.public_keys, PUBLIC, None, KeysView, 200),
    Route(GET, "/healthz/live", public.live, PUBLIC, None, Health, 200),
    Route(GET, "/healthz/ready", public.ready, PUBLIC, None, Health, 200, (Unavailable,)),

    # An agent joins and asks.
    Route(POST, "/v1/agents/register-with-invite", agents.register, VISITOR, Registration, RegisteredView, 201,
          (Unauthenticated, Conflict), otherwise=JOINS),
    Route(GET, "/v1/agent", agents.itself, AGENT, None, AgentView, 200),
    Route(POST, "/v1/agent/keys", agents.rotate, AGENT, NewKey, RotatedView, 201, (Forbidden, Conflict)),
    Route(GET, "/v1/agent/stream", stream.follow, AGENT, None, None, 101, (Forbidden, Invalid, TooMany)),
    Route(POST, "/v1/authorize", authorize.authorize, AGENT, AuthorizeForm, AuthorizationView, 200, ASKED,
          otherwise=AUTHORIZES),
    Route(POST, "/v1/escalations", escalations.create, AGENT, NewEscalation, EscalationView, 201, ASKED, keyed=True),
    Route(GET, "/v1/escalations", escalations.listed, BOTH, EscalationsQuery, Items[EscalationView], 200, (Forbidden,)),
    Route(GET, "/v1/escalations/{id}", escalations.read, BOTH, WaitQuery, EscalationView, 200,
          (Forbidden, NotFound, TooMany)),
    Route(DELETE, "/v1/escalations/{id}", escalations.withdraw, AGENT, None, EscalationView, 200, ENDED),
    Route(POST, "/v1/escalations/{id}/revisions", escalations.revise, AGENT, NewEscalation, EscalationView, 201,
          (*ASKED, NotFound), keyed=True),
    Route(POST, "/v1/escalations/{id}/extensions", escalations.extend, BOTH, MoreTime, EscalationView, 200, CHANGED),

    # An executor spends the token; anybody verifies a proof.
    Route(POST, "/v1/tokens/redeem", tokens.redeem, EXECUTOR, RedeemForm, RedeemedView, 200,
          (Unauthenticated, Conflict)),
    Route(POST, "/v1/tokens/verify", tokens.verify, PUBLIC, VerifyForm, VerifiedView, 200),
    Route(POST, "/v1/redemptions/{jti}/report", tokens.report, EXECUTOR, ReportForm, ReportedView, 200,
          (Unauthenticated, NotFound, Conflict)),

    # A person joins and signs in.
    Route(POST, "/v1/invitations/accept", invitations.accept, VISITOR, AcceptForm, AcceptedView, 201,
          (Unauthenticated,)),
    Route(POST, "/v1/challenges", sessions.challenge, ANYBODY, ChallengeForm, ChallengeView, 201, PROOF),
    Route(POST, "/v1/sessions", sessions.sign_in, VISITOR, SignInForm, SignedInView, 201, PROOF),
    Route(POST, "/v1/sessions/refresh", sessions.refresh, VISITOR, RefreshForm, OpenedSessionView, 200,
          (Unauthenticated,)),
    Route(GET, "/v1/sign-in-ways", sign_ins.ways, PUBLIC, None, Items[SignInWayView], 200),
    Route(POST, "/v1/sign-ins", sign_ins.begin, VISITOR, BeginSignInForm, BegunSignInView, 201, BEGINS),
    Route(GET, "/v1/sign-ins/{id}", sign_ins.read, PUBLIC, None, SignInAttemptView, 200, HERE),
    Route(POST, "/v1/sign-ins/{id}", sign_ins.complete, VISITOR, AnswerSignIn, SignInAttemptView, 200, ANSWERS),
    Route(DELETE, "/v1/sign-ins/{id}", sign_ins.cancel, VISITOR, SignInSecret, SignInAttemptView, 200, HERE),
    Route(POST, "/v1/sign-in-links", sign_in_links.ask, VISITOR, AskForLinkForm, AskedLinkView, 202,
          (NotFound, TooMany)),
    Route(POST, "/v1/sessions/by-link", sign_in_links.sign_in, VISITOR, LinkForm, SignedInView, 201, PROOF),
    Route(GET, "/v1/session", sessions.current, PERSON, None, SignedInView, 200),
    Route(GET, "/v1/sessions", sessions.listed, PERSON, None, Items[SessionView], 200, (Forbidden,)),
    Route(DELETE, "/v1/sessions", sessions.end_others, PERSON, EndForm, EndedSessionsView, 200, (Forbidden,)),
    Route(DELETE, "/v1/sessions/{id}", sessions.end, PERSON, EndForm, EndedSessionView, 200, ROLE),
    Route(POST, "/v1/sign-out", sessions.sign_out, PERSON, SignOutForm, EndedSessionView, 200, ROLE),
    Route(POST, "/v1/devices", devices.enrol, PERSON, Device, EnrolledView, 201, (Forbidden, Conflict)),
    Route(GET, "/v1/devices", devices.listed, PERSON, None, Items[DeviceView], 200),
    Route(GET, "/v1/devices/{id}", devices.read, PERSON, None, DeviceView, 200, HERE),
    Route(PUT, "/v1/devices/{id}/name", devices.rename, PERSON, NameForm, DeviceView, 200, ROLE),
    Route(DELETE, "/v1/devices/{id}", devices.revoke, PERSON, RevokeForm, DeviceView, 200, CHANGED),
    Route(GET, "/v1/push-channels", push.channels, PERSON, None, Items[PushChannel], 200, (Forbidden,)),
    Route(PUT, "/v1/devices/{id}/push", push.register, PERSON, PushForm, PushView, 200, CHANGED),
    Route(GET, "/v1/push-addresses", push.standing, PERSON, None, ReachedView, 200, (Forbidden,)),
    Route(POST, "/v1/devices/{id}/push/test", push.try_it, PERSON, None, TriedPush, 200, TRIED),
    Route(DELETE, "/v1/devices/{id}/push", push.remove, PERSON, None, PushView, 200, ROLE),
    Route(POST, "/v1/devices/{id}/confirmation", devices.confirm, PERSON, DigitsForm, DeviceView, 200, CHANGED),

    # Somebody lost their keys.
    Route(GET, "/v1/recovery-codes", recoveries.codes_left, PERSON, None, CodesView, 200, (Forbidden,)),
    Route(POST, "/v1/recovery-codes", recoveries.make_codes, PERSON, NewCodes, CodesView, 201, (Forbidden,)),
    Route(POST, "/v1/recoveries", recoveries.by_code, VISITOR, CodeForm, RecoveringView, 201,
          (Unauthenticated, TooMany)),
    Route(GET, "/v1/recoveries", recoveries.mine, PERSON, None, Items[RecoveryView], 200, (Forbidden,)),
    Route(DELETE, "/v1/recoveries/{id}", recoveries.cancel, PERSON, None, RecoveryView, 200, CHANGED),
    Route(GET, f"{Org}/recoveries", recoveries.of_org, PERSON, None, Items[RecoveryView], 200, ROLE),
    Route(POST, f"{Org}/recoveries", recoveries.by_link, PERSON, NewRecovery, RecoveryLinkView, 201, CHANGED),
    Route(GET, f"{Org}/break-glass", break_glass.listed, PERSON, None, Items[BreakGlassView], 200, ROLE),
    Route(POST, f"{Org}/break-glass", break_glass.ask, PERSON, NewBreakGlass, BreakGlassView, 201, CHANGED),
    Route(POST, f"{Org}/break-glass/{{id}}/agreement", break_glass.join, PERSON, Agreement, BreakGlassView, 200,
          CHANGED),
    Route(DELETE, f"{Org}/break-glass/{{id}}", break_glass.end, PERSON, None, BreakGlassView, 200, ROLE),

    # A person sees and answers.
    Route(GET, "/v1/inbox", inbox.read, PERSON, InboxQuery, InboxView, 200, (Forbidden, TooMany)),
    Route(GET, "/v1/escalations/{id}/presentation", decisions.present, PERSON, None, PresentationView, 200, ROLE),
    Route(POST, "/v1/escalations/{id}/views", decisions.view, PERSON, ViewForm, ViewedView, 200, CHANGED),
    Route(POST, "/v1/tellings/{id}/receipts", push.receipt, PERSON, ReceiptForm, TellingView, 200, ROLE),
    Route(GET, "/v1/escalations/{id}/step-ups", step_ups.offered, PERSON, OfferQuery, OfferView, 200, ROLE),
    Route(POST, "/v1/escalations/{id}/step-ups", step_ups.begin, PERSON, StepUpForm, StepUpView, 201, ASKED_NOW),
    Route(GET, "/v1/step-ups/{id}", step_ups.read, PERSON, None, StepUpAnsweredView, 200, HERE),
    Route(POST, "/v1/step-ups/{id}", step_ups.complete, PERSON, AnswerStepUp, StepUpAnsweredView, 200, ASKED_NOW),
    Route(DELETE, "/v1/step-ups/{id}", step_ups.cancel, PERSON, None, StepUpView, 200, HERE),
    Route(GET, "/v1/factors", step_ups.factors, PERSON, None, FactorsView, 200),
    Route(POST, "/v1/factors", step_ups.link, PERSON, NewFactor, LinkingView, 201, ASKED_NOW),
    Route(DELETE, "/v1/factors/{id}", step_ups.unlink, PERSON, RemoveFactor, FactorView, 200, CHANGED),
    Route(POST, "/v1/escalations/{id}/decisions", decisions.decide, PERSON, AnswerForm, AnsweredView, 200, ASKED_NOW),
    Route(POST, "/v1/escalations/{id}/revocation", decisions.recall, PERSON, Empty, RecalledView, 200, CHANGED),
    Route(GET, "/v1/decisions", receipts.history, PERSON, PageQuery, Items[ReceiptView], 200, (Forbidden,)),
    Route(GET, "/v1/decisions/{id}", receipts.receipt, PERSON, None, ReceiptView, 200, ROLE),

    # Those who govern.
    Route(GET, f"{Org}/agents", orgs.agents, PERSON, None, Items[AgentView], 200, ROLE),
    Route(POST, f"{Org}/agents", orgs.add_agent, PERSON, NewAgent, ApiKeyView, 201, ROLE),
    Route(POST, f"{Org}/agent-invites", orgs.invite_agent, PERSON, AgentInvite, AgentInviteView, 201, ROLE),
    Route(PUT, f"{Org}/agents/{{agent}}/state", orgs.set_agent_state, PERSON, AgentState, AgentView, 200, CHANGED),
    Route(GET, f"{Org}/members", orgs.members, PERSON, None, Items[MemberView], 200, ROLE),
    Route(POST, f"{Org}/member-invites", orgs.invite_member, PERSON, MemberInvite, MemberInviteView, 201, CHANGED),
    Route(PUT, f"{Org}/members/{{person}}/state", orgs.set_member_state, PERSON, MemberState, MemberStateView, 200,
          CHANGED),
    Route(PUT, f"{Org}/members/{{person}}/factors/{{method}}", orgs.expect_number, PERSON, ExpectedNumber,
          ExpectedNumberView, 200, CHANGED),
    Route(GET, f"{Org}/pending-devices", devices.pending, PERSON, None, Items[PendingDeviceView], 200, ROLE),
    *MEMBERSHIPS,
    *NOTICES,
    Route(GET, f"{Org}/requirement", requirement.read, PERSON, None, RequirementView, 200, ROLE),
    Route(PUT, f"{Org}/requirement", requirement.replace, PERSON, RequirementForm, RequirementView, 200,
          (*ROLE, Conflict, TooMany), later=DraftView),
    Route(POST, f"{Org}/stop", orgs.stop, PERSON, Empty, StoppedView, 200, ROLE),
    Route(DELETE, f"{Org}/stop", orgs.resume, PERSON, Resume, StoppedView, 200, ROLE),

    *OPENLEASH,
    *TELLING,
    *TRUST,
    *POLICIES,

    # Those who look back.
    Route(GET, f"{Log}/events", audit.events, PERSON, SearchQuery, Found, 200, ROLE),
    Route(GET, f"{Log}/export", audit.export, PERSON, ExportQuery, "application/jsonl text/csv", 200, ROLE),
    Route(GET, f"{Log}/sign-ins", audit.sign_ins, PERSON, SignInsQuery, "application/jsonl text/csv", 200, ROLE),
    Route(GET, f"{Log}/evidence/{{id}}", evidence.read, PERSON, None, Items[EvidenceView], 200, ROLE),
    Route(POST, f"{Log}/evidence-exports", evidence.export, PERSON, EvidenceExport, "application/jsonl", 200, ROLE),
    Route(GET, f"{Log}/checkpoint", audit.checkpoint, PERSON, None, "text/plain", 200, ROLE),
    Route(GET, f"{Log}/tile/{{level}}/{{index}}", audit.tile, PERSON, None, "application/octet-stream", 200, ROLE),
    Route(GET, f"{Log}/tile/{{level}}/{{index}}/{{width}}", audit.tile, PERSON, None, "application/octet-stream", 200,
          ROLE),
)
# fmt: on


def add_routes(app: web.Application, api: Api) -> None:
    """Add every row to the application, and the document that describes them."""
    expected = expecting(api)
    for route in (*ROUTES, Route(GET, "/openapi.json", _described, PUBLIC, None, dict[str, Any], 200)):
        app.router.add_route(route.method, route.path, endpoint(api, route), expect_handler=expected)


async def _described(_: Any) -> dict[str, Any]:
    """This document."""
    return document(ROUTES)
