"""What one person changes about who must answer or whom agents trust, where that takes a second person.

What keeps and asks is further up (`policies/ask_second_person.py`); this is what it owes to those who change something.
"""

from __future__ import annotations

from typing import Protocol

from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.people.who_answers import Waiting, Wanted


class SecondPerson(Protocol):
    """Whether somebody else must sign for a change first, and if so, the draft of it."""

    async def keep_in(self, tx: Tx, who: Acting, wanted: Wanted, now: int) -> Waiting | HubError | None:
        """The draft, why none is kept, or None where one person is enough. The caller holds the organisation's row and
        has checked everything else."""
        ...

    async def asked(self, waiting: Waiting) -> Waiting:
        """The same once people are asked, after the unit of work. Raises Conflict where nobody could be."""
        ...
