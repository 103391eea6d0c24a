"""What is frozen beside the requirement of an escalation, and not signed, as it only takes away. Pure."""

from __future__ import annotations

from collections.abc import Collection

import msgspec


class Beside(msgspec.Struct, frozen=True):
    """Who may stand in for somebody who is asked, and what the frozen ids of a veto were named by.

    Whoever is asked may stand in for another of them too, and so may `others`: those who had a role that answers and a
    key when the question opened. `barred` never do, not in the middle of a chain either.
    """

    barred: tuple[str, ...] = ()
    """The owner of the asking agent; whom a question of the hub itself is about, and who began it."""
    others: tuple[str, ...] = ()
    veto: tuple[str, ...] = ()
    """The names in the requirement's `veto`."""

    def may_stand_in(self, people: Collection[str]) -> tuple[str, ...]:
        """Who may stand in where these people are asked, sorted; `barred` still never do."""
        return tuple(sorted({*people, *self.others}))

    def text(self) -> str:
        """What is stored."""
        return msgspec.json.encode(self).decode()


def read_beside(text: str | None) -> Beside | None:
    """The same, read again; None for a question of before it was kept, in which nobody stands in."""
    return None if text is None else msgspec.json.decode(text, type=Beside)
