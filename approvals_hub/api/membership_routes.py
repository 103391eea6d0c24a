"""The operations of people with several organisations, and of those who let them in."""

from __future__ import annotations

from approvals_hub.api import memberships
from approvals_hub.api.caller import Caller
from approvals_hub.api.devices import DigitsForm
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items
from approvals_hub.api.sessions import OrgRef, SignedInView
from approvals_hub.core.errors import Conflict, Forbidden, NotFound

PERSON, Org = Caller.PERSON, "/v1/orgs/{org}"
ROLE, CHANGED = (Forbidden, NotFound), (Forbidden, NotFound, Conflict)

# fmt: off
MEMBERSHIPS: tuple[Route, ...] = (
    Route("GET", "/v1/orgs", memberships.mine, PERSON, None, Items[memberships.MyOrgView], 200, (Forbidden,)),
    Route("POST", "/v1/orgs", memberships.make, PERSON, memberships.NewOrg, OrgRef, 201, (Forbidden,)),
    Route("POST", "/v1/sessions/in-another-org", memberships.switch, PERSON, memberships.SwitchForm, SignedInView, 201,
          (Forbidden, Conflict)),
    Route("POST", "/v1/invitations", memberships.invitation, PERSON, memberships.InvitationForm,
          memberships.InvitationView, 200, ROLE),
    Route("POST", "/v1/joinings", memberships.join, PERSON, memberships.JoinForm, memberships.JoiningView, 201,
          CHANGED),
    Route("GET", "/v1/joinings/{id}", memberships.joining, PERSON, None, memberships.JoiningStateView, 200, ROLE),
    Route("GET", f"{Org}/joinings", memberships.pending, PERSON, None, Items[memberships.PendingJoiningView], 200,
          ROLE),
    Route("POST", f"{Org}/joinings/{{id}}/confirmation", memberships.confirm, PERSON, DigitsForm,
          memberships.JoiningStateView, 200, CHANGED),
    Route("DELETE", f"{Org}/joinings/{{id}}", memberships.refuse, PERSON, None, memberships.JoiningStateView, 200,
          CHANGED),
    Route("DELETE", f"{Org}/members/{{person}}", memberships.remove, PERSON, memberships.RemoveForm,
          memberships.RemovedView, 200, CHANGED),
)
# fmt: on
