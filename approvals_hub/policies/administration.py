"""What owners, admins, developers and auditors do about policies, as one field of the Hub."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database
from approvals_hub.people.stale import FreshFactors
from approvals_hub.policies.keep_policies import KeepPolicies
from approvals_hub.policies.label_agents import LabelAgents
from approvals_hub.policies.read_policies import ReadPolicies
from approvals_hub.policies.try_policy import TryPolicy


@dataclass(frozen=True, slots=True)
class Policies:
    """Its use cases."""

    keep: KeepPolicies
    read: ReadPolicies
    tried: TryPolicy
    label_agents: LabelAgents


def policies(db: Database, recorder: Recorder, fresh: FreshFactors, clock: Clock, methods: frozenset[str]) -> Policies:
    """Build them. `methods` are the ways to prove who one is that this hub offers."""
    return Policies(
        keep=KeepPolicies(db, recorder, fresh, clock, methods),
        read=ReadPolicies(db, clock),
        tried=TryPolicy(db, clock),
        label_agents=LabelAgents(db, recorder, fresh, clock),
    )
