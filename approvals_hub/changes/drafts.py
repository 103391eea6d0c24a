"""What is done about drafts of policies, as one field of the Hub."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.changes.draft_policy import DraftPolicy
from approvals_hub.changes.end_draft import EndDraft
from approvals_hub.policies.read_drafts import ReadDrafts


@dataclass(frozen=True, slots=True)
class PolicyDrafts:
    """Its use cases."""

    draft: DraftPolicy
    read: ReadDrafts
    end: EndDraft
