"""What refusals of mail servers mean, by replies that real servers give."""

from __future__ import annotations

import pytest

from notify.delivery import AddressGone, Delivery, Failed, TryLater
from notify.smtp_reply import of_letter, of_recipient, of_sender, of_session


def told(result: Delivery) -> str:
    """One word for a result."""
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (550, "5.1.1 <x@y>: Recipient address rejected: User unknown", "AddressGone"),
        (550, "No such user here", "AddressGone"),
        (551, "User not local; please try <z@y>", "AddressGone"),
        (553, "mailbox name not allowed", "AddressGone"),
        (550, "5.2.1 The email account is disabled", "AddressGone"),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "AddressGone"),
        (550, "5.0.0 unknown", "AddressGone"),
        (450, "4.2.0 <x@y>: Greylisted", "TryLater"),
        (451, "4.7.1 please try again later", "TryLater"),
        (421, "4.7.0 too many connections", "TryLater"),
        (552, "5.2.2 Mailbox full", "TryLater"),  # the owner empties it
        (552, "Requested mail action aborted", "TryLater"),  # to be read as 452
        (554, "5.7.1 <x@y>: Relay access denied", "settings"),
        (550, "5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Blocked", "settings"),
        (530, "5.7.0 Must issue a STARTTLS command first", "settings"),
        (530, "Authentication required", "settings"),
        (550, "5.1.8 <hub@y>: Sender address rejected: Domain not found", "settings"),
        (554, "5.4.14 Hop count exceeded", "permanent"),
        (554, "Transaction failed", "permanent"),
        (501, "5.5.4 bad parameter", "permanent"),
        (200, "", "TryLater"),
        (-1, "Malformed SMTP response line: <html>", "TryLater"),
        (999, "", "TryLater"),
    ],
)
def test_a_refused_receiver_is_gone_only_where_the_server_speaks_about_the_address(
    code: int, text: str, means: str
) -> None:
    assert told(of_recipient(code, text)) == means


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (451, "4.3.0 queue file write error", "TryLater"),
        (452, "4.3.1 Insufficient system storage", "TryLater"),
        (553, "5.7.1 Sender address rejected: not owned by user", "settings"),
        (550, "5.1.0 Address rejected", "settings"),
        (530, "5.7.0 Authentication required", "settings"),
        (552, "5.3.4 Message size exceeds fixed limit", "permanent"),
        (552, "too big", "permanent"),
        (-1, "", "TryLater"),
    ],
)
def test_a_refused_sender_is_never_the_receivers_fault(code: int, text: str, means: str) -> None:
    assert told(of_sender(code, text)) == means


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (451, "4.3.0 local error", "TryLater"),
        (554, "5.6.0 content rejected", "permanent"),
        (552, "5.3.4 too big", "permanent"),
        (550, "5.7.1 message refused as spam", "settings"),
        (-1, "", "TryLater"),
    ],
)
def test_a_refused_letter_is_the_letters_fault_or_ours(code: int, text: str, means: str) -> None:
    assert told(of_letter(code, text)) == means


def test_a_reply_after_the_letter_that_is_no_smtp_leaves_open_whether_it_was_taken() -> None:
    result = of_letter(-1, "")
    assert isinstance(result, TryLater)
    assert result.perhaps_sent


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (421, "4.3.2 Service shutting down", "TryLater"),
        (454, "4.7.0 Temporary authentication failure", "TryLater"),
        (535, "5.7.8 authentication failed", "settings"),
        (554, "5.7.1 No SMTP service here", "settings"),
        (502, "5.5.2 Error: command not recognized", "settings"),
        (-1, "", "TryLater"),
    ],
)
def test_a_refused_connection_is_for_an_operator(code: int, text: str, means: str) -> None:
    assert told(of_session(code, text)) == means


def test_no_word_of_the_servers_goes_on_but_its_codes() -> None:
    for judge in (of_recipient, of_sender, of_letter, of_session):
        for code in (451, 550, 554):
            result = judge(code, "5.1.1 <anna@example.se>: code 48151623 unknown")
            assert isinstance(result, AddressGone | Failed | TryLater)
            assert "anna" not in result.why
            assert "48151623" not in result.why
            assert "5.1.1" in result.why
