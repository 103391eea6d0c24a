"""The operations about policies, and about what policies look up."""

from __future__ import annotations

from approvals_hub.api import dry_runs, policies, policy_drafts
from approvals_hub.api import relying_parties as parties
from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items
from approvals_hub.api.openleash_routes import PROPOSED_ONE, PROPOSED_ONES, PROPOSES
from approvals_hub.api.policy_drafts import DraftView, WholeDraftView
from approvals_hub.api.signal_routes import SIGNALS
from approvals_hub.api.telling_routes import CHANGED, DELETE, GET, PERSON, POST, PUT, ROLE, Org
from approvals_hub.core.errors import Conflict, Forbidden, NotFound, TooLarge, TooMany

AGENT = Caller.AGENT
Labels = f"{Org}/agents/{{agent}}/labels"
Parties = f"{Org}/relying-parties"
Drafts, Publishing, Mine = f"{Org}/policy-drafts", f"{Org}/policy-publishing", "/v1/agent/policy-drafts"

DRAFTED = (Forbidden, NotFound, Conflict, TooLarge, TooMany)
PROPOSED = (Forbidden, Conflict, TooLarge, TooMany)

# fmt: off
POLICIES: tuple[Route, ...] = (
    Route(GET, f"{Org}/policies", policies.listed, PERSON, None, Items[policies.PolicyView], 200, ROLE),
    Route(POST, f"{Org}/policies/explain", policies.explain, PERSON, policies.ExplainForm, policies.ExplainView, 200,
          ROLE),
    Route(GET, f"{Org}/policies/{{name}}", policies.one, PERSON, None, policies.PolicyView, 200, ROLE),
    Route(PUT, f"{Org}/policies/{{name}}", policies.publish, PERSON, policies.PolicyForm, policies.PolicyView, 200,
          DRAFTED, later=DraftView),
    Route(DELETE, f"{Org}/policies/{{name}}", policies.remove, PERSON, policies.PolicyGoneForm, policies.PolicyView,
          200, DRAFTED, later=DraftView),
    Route(GET, f"{Org}/policies/{{name}}/versions", policies.versions, PERSON, None, Items[policies.VersionView], 200,
          ROLE),
    Route(POST, f"{Org}/policies/{{name}}/lint", policies.lint, PERSON, policies.LintForm, policies.LintView, 200,
          ROLE),
    Route(POST, f"{Org}/policies/{{name}}/dry-run", dry_runs.run, PERSON, dry_runs.DryRunForm, dry_runs.DryRunView, 200,
          (Forbidden, NotFound, TooMany)),
    Route(GET, Labels, policies.labels, PERSON, None, policies.LabelsView, 200, ROLE),
    Route(PUT, Labels, policies.replace_labels, PERSON, policies.LabelsForm, policies.LabelsView, 200,
          DRAFTED, later=DraftView),
    Route(GET, Parties, parties.listed, PERSON, None, Items[parties.RelyingPartyView], 200, ROLE),
    Route(PUT, f"{Parties}/{{domain}}", parties.put, PERSON, parties.RelyingPartyForm, parties.RelyingPartyView, 200,
          DRAFTED, later=DraftView),
    Route(DELETE, f"{Parties}/{{domain}}", parties.remove, PERSON, parties.RelyingPartyGoneForm,
          parties.RelyingPartyView, 200, DRAFTED, later=DraftView),
    Route(POST, Mine, policy_drafts.propose, AGENT, policy_drafts.NewDraft, DraftView, 201, PROPOSED,
          otherwise=PROPOSES),
    Route(GET, Mine, policy_drafts.mine, AGENT, policy_drafts.DraftsQuery, Items[DraftView], 200,
          otherwise=PROPOSED_ONES),
    Route(GET, f"{Mine}/{{id}}", policy_drafts.my_one, AGENT, None, WholeDraftView, 200, (NotFound,),
          otherwise=PROPOSED_ONE),
    Route(DELETE, f"{Mine}/{{id}}", policy_drafts.take_back, AGENT, None, DraftView, 200, (NotFound, Conflict)),
    Route(GET, Drafts, policy_drafts.listed, PERSON, policy_drafts.DraftsQuery, Items[DraftView], 200, ROLE),
    Route(GET, f"{Drafts}/{{id}}", policy_drafts.one, PERSON, None, WholeDraftView, 200, ROLE),
    Route(DELETE, f"{Drafts}/{{id}}", policy_drafts.withdraw, PERSON, None, DraftView, 200, CHANGED),
    Route(GET, Publishing, policy_drafts.publishing, PERSON, None, policy_drafts.PublishingView, 200, ROLE),
    Route(PUT, Publishing, policy_drafts.set_publishing, PERSON, policy_drafts.PublishingForm,
          policy_drafts.PublishingView, 200, DRAFTED, later=DraftView),
    *SIGNALS,
)
# fmt: on
