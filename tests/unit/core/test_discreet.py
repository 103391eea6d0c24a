"""What a struct with a secret shows when it is printed, by whichever printer."""

from __future__ import annotations

import msgspec
from rich.pretty import pretty_repr

from approvals_hub.core.discreet import Discreet


class Opened(Discreet, msgspec.Struct, frozen=True):
    """A session, say."""

    not_printed = ("token",)

    session_id: str
    token: str


OPENED = Opened("ses_1", "the token")


def test_a_struct_is_printed_with_every_other_member() -> None:
    assert repr(OPENED) == "Opened(session_id='ses_1')"


def test_a_printer_that_asks_the_struct_for_its_members_gets_no_secret() -> None:
    assert pretty_repr(OPENED) == "Opened(session_id='ses_1')"


def test_a_struct_inside_of_others_stays_discreet() -> None:
    assert "the token" not in pretty_repr({"opened": [OPENED]}) + repr({"opened": [OPENED]})


def test_what_is_not_printed_is_sent_all_the_same() -> None:
    assert msgspec.json.decode(msgspec.json.encode(OPENED)) == {"session_id": "ses_1", "token": "the token"}
