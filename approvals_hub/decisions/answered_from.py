"""Where a client says that an answer was given: in its app, or on a notification, which shows little of the question.

Nothing of it is proven: whoever has the key and the session may say what they like. So it only ever takes something
away from an answer, and is written down as what the client said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from approvals_hub.core.errors import Forbidden
from approvals_hub.decisions.quorum import DENY
from approvals_hub.domain.requirement import Requirement

NOTIFICATION: Final = "notification"


@dataclass(frozen=True, slots=True)
class AnsweredFrom:
    """A surface, and whether the device was unlocked; None: the client did not say."""

    surface: str
    unlocked: bool | None = None

    def members(self) -> dict[str, Any]:
        """As they are kept with the signed answer."""
        return {"surface": self.surface, "unlocked": self.unlocked}


def refuse_from(given: AnsweredFrom | None, decision: str, asked: Requirement) -> Forbidden | None:
    """Only a denial is given on a notification, on a device that is unlocked, unless the question asks less of that."""
    if given is None or given.surface != NOTIFICATION:
        return None
    if decision != DENY:
        return Forbidden(
            "notification_denies_only",
            "a notification does not show what is answered: from there a question is denied, and nothing else",
            next_step="Open the question, show all of it, and answer there.",
            field="$.answered_from.surface",
        )
    if given.unlocked is not True and not asked.locked_denial:
        return Forbidden(
            "device_locked",
            "a denial from a notification takes a device that is unlocked: anybody can press on one that is not",
            next_step="Have the system ask for an unlock before the action runs, then send `unlocked: true`.",
            field="$.answered_from.unlocked",
        )
    return None
