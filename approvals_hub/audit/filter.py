"""Which entries are asked for: one filter language for search, export and the command line."""

from __future__ import annotations

import msgspec

from approvals_hub.core.clock import to_text


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Every member that is given must hold; `since` is included, `until` is not, both in milliseconds."""

    since: int | None = None
    until: int | None = None
    actor: str | None = None
    agent: str | None = None
    escalation: str | None = None
    kind: str | None = None
    action_type: str | None = None
    decision: str | None = None
    policy: str | None = None

    def query(self) -> dict[str, str]:
        """What is asked for, in the words of the URL; empty when everything is."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return {name: to_text(value) if isinstance(value, int) else value for name, value in given.items()}


EVERYTHING = Filter()
