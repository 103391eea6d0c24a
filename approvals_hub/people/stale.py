"""What must not be done with a session alone asks for a fresh factor; the operator has the machine instead."""

from __future__ import annotations

from typing import Any, Protocol

from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.session import PersonCredential, Session, admit_person_in


class FreshFactors(Protocol):
    """Checks that a person used a factor just now."""

    async def verify_fresh_in(self, tx: Tx, session: Session, fresh: Any, now: int) -> HubError | None:
        """Spend the factor; None where it holds, otherwise the refusal, already recorded."""


async def refuse_stale_in(
    tx: Tx, factors: FreshFactors, by: PersonCredential | OperatorCredential, fresh: Any, now: int
) -> HubError | None:
    """Why this person has not shown a factor just now, or None."""
    if isinstance(by, OperatorCredential):
        return None
    session = await admit_person_in(tx, by, now)
    return session if isinstance(session, HubError) else await factors.verify_fresh_in(tx, session, fresh, now)
