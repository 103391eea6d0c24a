"""Whether the logs keep up with what happens: asked before an approval counts, and by readiness."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.seal import Sealer
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import Unavailable

LIMIT = 10 * SECOND
"""How long the oldest entry of a log may wait to be sealed before approvals stop, in milliseconds."""


@dataclass(frozen=True, slots=True)
class LogWatch:
    """Fails closed: where what happens is not put into the signed log, nothing more is approved."""

    sealer: Sealer
    clock: Clock

    def refuse_approval(self, org_id: str) -> Unavailable | None:
        """Why nothing may be approved in this organisation now; asks the sealer's memory, not the database."""
        if org_id in self.sealer.refused:
            return _unavailable("the log of this organisation cannot go on")
        oldest = self.sealer.waiting.get(org_id)
        if oldest is not None and self.clock.now() - oldest >= LIMIT:
            return _unavailable("the log of this organisation is not sealed in time")
        return None

    async def check(self) -> None:
        """Raise Unavailable where a log cannot go on or its oldest entry has waited too long."""
        if self.sealer.refused or await self.sealer.lag() >= LIMIT:
            raise _unavailable("the audit log is not sealed")


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(
        "log_behind",
        detail,
        next_step="An operator runs: approvals-hub doctor. Denials are taken meanwhile.",
        retry_after=10,
    )
