"""The operations about what hubs prove to each other: receipt bundles, and the hubs whose proofs are taken."""

from __future__ import annotations

from approvals_hub.api import trust
from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items
from approvals_hub.api.policy_drafts import DraftView
from approvals_hub.core.errors import Conflict, Forbidden, NotFound, TooLarge, TooMany, Unavailable
from approvals_hub_client.bundle_form import Bundle

PERSON, BOTH = Caller.PERSON, Caller.AGENT_OR_PERSON
ROLE, CHANGED = (Forbidden, NotFound), (Forbidden, NotFound, Conflict)
DRAFTED = (*CHANGED, TooLarge, TooMany)
Hubs = "/v1/orgs/{org}/trusted-hubs"

# fmt: off
TRUST: tuple[Route, ...] = (
    Route("GET", "/v1/escalations/{id}/bundle", trust.bundle, BOTH, None, Bundle, 200, (*CHANGED, Unavailable)),
    Route("GET", Hubs, trust.listed, PERSON, None, Items[trust.TrustedHubView], 200, ROLE),
    Route("POST", Hubs, trust.add, PERSON, trust.NewTrustedHub, trust.TrustedHubView, 201, DRAFTED,
          later=DraftView),
    Route("DELETE", f"{Hubs}/{{id}}", trust.remove, PERSON, None, trust.TrustedHubView, 200, ROLE),
    Route("POST", f"{Hubs}/{{id}}/keys", trust.add_keys, PERSON, trust.NewTrustedKeys, trust.TrustedHubView, 201,
          DRAFTED, later=DraftView),
    Route("DELETE", f"{Hubs}/{{id}}/keys/{{kid}}", trust.revoke_key, PERSON, None, trust.TrustedHubView, 200, ROLE),
)
# fmt: on
