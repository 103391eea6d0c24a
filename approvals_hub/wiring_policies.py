"""Wires what is allowed: policies, and the one call before any risky action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from approvals_hub.audit.record import Recorder
from approvals_hub.authorizations.ask_people import AskPeople
from approvals_hub.authorizations.authorize import Authorize
from approvals_hub.authorizations.spend_approval import SpendApproval
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database
from approvals_hub.escalations.escalate import Escalate
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.people.stale import FreshFactors
from approvals_hub.policies.administration import Policies
from approvals_hub.policies.keep_policies import KeepPolicies
from approvals_hub.policies.label_agents import LabelAgents
from approvals_hub.policies.read_policies import ReadPolicies
from approvals_hub.policies.try_policy import TryPolicy
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.redeem import Redeem


class Allowing(TypedDict):
    """These parts of a Hub, by the names of its members."""

    policies: Policies
    authorize: Authorize
    ask_people: AskPeople
    spend_approval: SpendApproval


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
    methods: frozenset[str],
) -> Allowing:
    """Build them. `methods` are the ways to prove who one is that this hub offers."""
    return Allowing(
        policies=Policies(
            keep=KeepPolicies(db, recorder, fresh, clock, methods),
            read=ReadPolicies(db, clock),
            tried=TryPolicy(db, clock),
            label_agents=LabelAgents(db, recorder, fresh, clock),
        ),
        authorize=Authorize(db, escalate, vault, mint, redeem.rely, recorder, clock, epoch),
        ask_people=AskPeople(db, escalate, vault, recorder, clock, epoch),
        spend_approval=SpendApproval(db, redeem, vault, recorder, clock, epoch),
    )
