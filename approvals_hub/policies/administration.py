"""What owners, admins, developers and auditors do about policies, as one field of the Hub."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.policies.keep_mode import KeepMode
from approvals_hub.policies.keep_policies import KeepPolicies
from approvals_hub.policies.keep_relying_parties import KeepRelyingParties
from approvals_hub.policies.keep_signals import KeepSignals
from approvals_hub.policies.label_agents import LabelAgents
from approvals_hub.policies.lint_policy import LintPolicy
from approvals_hub.policies.monitor_signals import MonitorSignals
from approvals_hub.policies.read_policies import ReadPolicies
from approvals_hub.policies.try_policy import TryPolicy


@dataclass(frozen=True, slots=True)
class Policies:
    """Its use cases."""

    keep: KeepPolicies
    read: ReadPolicies
    lint: LintPolicy
    tried: TryPolicy
    label_agents: LabelAgents
    relying_parties: KeepRelyingParties
    signals: KeepSignals
    monitor_signals: MonitorSignals
    mode: KeepMode
