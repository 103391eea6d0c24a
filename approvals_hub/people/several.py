"""What a session that no key opened must not do for a person who is in several organisations."""

from __future__ import annotations

from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Tx
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.people.session import Session


async def refuse_without_key_in(tx: Tx, session: Session) -> HubError | None:
    """Forbidden `key_needed` where what is to be done concerns all of them; None otherwise.

    Whoever runs an organisation's identity provider can open a session as anybody who signs in by it.
    """
    if session.only_in is None or await memberships.count(tx, session.person_id) < 2:
        return None
    return Forbidden(
        "key_needed",
        "this session was not opened by a key of yours, and this concerns all your organisations",
        next_step="Sign in with your key first.",
    )
