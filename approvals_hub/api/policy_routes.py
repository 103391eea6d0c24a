"""The operations about policies, and about what policies look up."""

from __future__ import annotations

from approvals_hub.api import policies
from approvals_hub.api import relying_parties as parties
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items
from approvals_hub.api.telling_routes import CHANGED, DELETE, GET, PERSON, POST, PUT, ROLE, Org

Labels = f"{Org}/agents/{{agent}}/labels"
Parties = f"{Org}/relying-parties"

# fmt: off
POLICIES: tuple[Route, ...] = (
    Route(GET, f"{Org}/policies", policies.listed, PERSON, None, Items[policies.PolicyView], 200, ROLE),
    Route(POST, f"{Org}/policies/explain", policies.explain, PERSON, policies.ExplainForm, policies.ExplainView, 200,
          ROLE),
    Route(GET, f"{Org}/policies/{{name}}", policies.one, PERSON, None, policies.PolicyView, 200, ROLE),
    Route(PUT, f"{Org}/policies/{{name}}", policies.publish, PERSON, policies.PolicyForm, policies.PolicyView, 200,
          CHANGED),
    Route(DELETE, f"{Org}/policies/{{name}}", policies.remove, PERSON, policies.PolicyGoneForm, policies.PolicyView,
          200, CHANGED),
    Route(GET, f"{Org}/policies/{{name}}/versions", policies.versions, PERSON, None, Items[policies.VersionView], 200,
          ROLE),
    Route(GET, Labels, policies.labels, PERSON, None, policies.LabelsView, 200, ROLE),
    Route(PUT, Labels, policies.replace_labels, PERSON, policies.LabelsForm, policies.LabelsView, 200, ROLE),
    Route(GET, Parties, parties.listed, PERSON, None, Items[parties.RelyingPartyView], 200, ROLE),
    Route(PUT, f"{Parties}/{{domain}}", parties.put, PERSON, parties.RelyingPartyForm, parties.RelyingPartyView, 200,
          CHANGED),
    Route(DELETE, f"{Parties}/{{domain}}", parties.remove, PERSON, parties.RelyingPartyGoneForm,
          parties.RelyingPartyView, 200, ROLE),
)
# fmt: on
