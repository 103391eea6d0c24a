"""How much of a question may be said outside, by form of channel. Pure.

The least is who asks, for whom and how risky. A summary is a few of the rows that approvers are shown; whoever carries
it can read it. What is sealed can be read by one device alone, which shows it on its lock screen.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub_client.canonical import dumps, loads

Said = Literal["minimal", "summary"]
SaidByPush = Literal["minimal", "sealed", "summary"]
MINIMAL: Final = "minimal"
SEALED: Final = "sealed"
SUMMARY: Final = "summary"
ORDER: Final[tuple[str, ...]] = get_args(SaidByPush)
"""From the least that others can read to the most."""
FORMS: Final = ("push", "mail", "chat", "webhook")
"""What can be set. Text messages are not among them: they travel in the clear, in 160 letters, to whoever has the
number now."""


class Disclosure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One organisation's."""

    push: SaidByPush = "minimal"
    mail: Said = "minimal"
    chat: Said = "minimal"
    webhook: Said = "minimal"

    def of(self, form: str | None) -> str:
        """How much is said in this form of channel; the least in one that cannot be set."""
        return getattr(self, form) if form in FORMS else MINIMAL

    def says_more_than(self, other: Disclosure) -> bool:
        """Whether any form says more than it does in `other`."""
        return any(ORDER.index(self.of(form)) > ORDER.index(other.of(form)) for form in FORMS)

    @property
    def is_minimal(self) -> bool:
        """Whether nothing of any question leaves the hub."""
        return self == Disclosure()

    def text(self) -> str:
        """The canonical text that is stored."""
        return dumps(loads(msgspec.json.encode(self))).decode()


def stored(text: str | None) -> Disclosure:
    """What the hub itself wrote; the least where it wrote nothing."""
    return Disclosure() if text is None else msgspec.json.decode(text, type=Disclosure)


def read_disclosure(value: Any) -> Disclosure:
    """What an admin wrote. Raises Invalid with the member's path."""
    try:
        return msgspec.convert(value, Disclosure)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `")
        raise Invalid(
            "disclosure_invalid", what, next_step="Correct the named member.", field=where.rstrip("`") or "$"
        ) from error
