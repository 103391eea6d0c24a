"""The operations of OpenLeash, and what it sends to paths that are ours too."""

from __future__ import annotations

from typing import Any

from approvals_hub.agents.agent import SignedRequest
from approvals_hub.api import openleash, openleash_drafts, openleash_register
from approvals_hub.api.caller import Caller, Who
from approvals_hub.api.endpoint import Otherwise, Route
from approvals_hub.core.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from approvals_hub_client.canonical import CanonicalError, loads

PUBLIC, VISITOR, AGENT = Caller.PUBLIC, Caller.VISITOR, Caller.AGENT
REGISTER = openleash_register.REGISTER
Joins = openleash_register.OpenLeashAgent


def speaks_it(who: Who, _: bytes) -> bool:
    """Whether this caller's request was signed as OpenLeash signs."""
    return isinstance(who, SignedRequest) and who.known_as is not None


def invited_for_it(_: Who, raw: bytes) -> bool:
    """Whether this body uses an invitation as OpenLeash does."""
    try:
        body = loads(raw)
    except CanonicalError:
        return False
    return isinstance(body, dict) and "invite_token" in body


AUTHORIZES = Otherwise(openleash.authorize, dict[str, Any], openleash.OpenLeashAnswer, speaks_it)
JOINS = Otherwise(openleash_register.by_invite, openleash_register.InvitedKey, Joins, invited_for_it)

PROPOSES = Otherwise(
    openleash_drafts.propose, openleash_drafts.OpenLeashNewDraft, openleash_drafts.OpenLeashDraft, speaks_it
)
PROPOSED_ONES = Otherwise(
    openleash_drafts.listed, openleash_drafts.OpenLeashDrafts, openleash_drafts.OpenLeashDraftsView, speaks_it
)
PROPOSED_ONE = Otherwise(openleash_drafts.read, None, openleash_drafts.OpenLeashDraft, speaks_it)

# fmt: off
OPENLEASH: tuple[Route, ...] = (
    Route("GET", REGISTER, openleash_register.instructions, PUBLIC, openleash_register.InviteQuery, dict[str, Any],
          200, openleash=True),
    Route("POST", "/v1/agents/registration-challenge", openleash_register.challenge, VISITOR,
          openleash_register.ChallengeAsked, openleash_register.OpenLeashChallenge, 201, openleash=True),
    Route("POST", "/v1/agents/register", openleash_register.by_challenge, VISITOR, openleash_register.SignedChallenge,
          Joins, 201, (Unauthenticated, Forbidden, Conflict), openleash=True),
    Route("GET", "/v1/agent/self", openleash.itself, AGENT, None, openleash.OpenLeashSelf, 200, openleash=True),
    Route("POST", "/v1/agent/approval-requests", openleash.request, AGENT, openleash.NewApprovalRequest,
          openleash.ApprovalRequestView, 200, (Forbidden, NotFound, Conflict, TooMany), openleash=True),
    Route("GET", "/v1/agent/approval-requests", openleash.listed, AGENT, openleash.ApprovalRequestsQuery,
          openleash.ApprovalRequestsView, 200, openleash=True),
    Route("GET", "/v1/agent/approval-requests/{id}", openleash.read, AGENT, None, openleash.ApprovalRequestView, 200,
          (NotFound,), openleash=True),
    Route("POST", "/v1/verify-proof", openleash.verify, PUBLIC, openleash.ProofForm, openleash.ProofView, 200,
          openleash=True),
)
# fmt: on
