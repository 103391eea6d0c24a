"""The letter as it goes to a server."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest

from notify.mail_form import From, letter, message_id
from notify.message import Mail

AT = 1_800_000_000_000
SENDER = From("hub@example.se", "Åsas hubb", "svar@example.se")


def mail(**changes: Any) -> Mail:
    return Mail(**{"id": "msg_1", "subject": "En fråga", "text": "Hej Åsa\n.\nslut\n", "language": "sv", **changes})


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_the_headers_say_who_what_when_and_that_a_machine_wrote_it() -> None:
    form = read(letter(mail(), SENDER, ["anna@example.se"], at=AT))
    assert dict(form.items()) == {
        "From": "Åsas hubb <hub@example.se>",
        "To": "anna@example.se",
        "Reply-To": "svar@example.se",
        "Subject": "En fråga",
        "Date": "Fri, 15 Jan 2027 08:00:00 +0000",
        "Message-ID": "<msg_1@example.se>",
        "Content-Language": "sv",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": form["Content-Transfer-Encoding"],
    }


def test_the_message_id_is_the_same_whenever_it_is_sent_again() -> None:
    first = read(letter(mail(), SENDER, ["anna@example.se"], at=AT))
    again = read(letter(mail(), SENDER, ["anna@example.se"], at=AT + 60_000))
    assert first["Message-ID"] == again["Message-ID"] == message_id(mail(), SENDER)
    assert first["Date"] != again["Date"]


def test_html_stands_beside_the_text_and_the_text_comes_first() -> None:
    form = read(letter(mail(html="<p>Hej Åsa</p>"), SENDER, ["anna@example.se"], at=AT))
    assert form.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in form.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content() for part in form.iter_parts()] == ["Hej Åsa\r\n.\r\nslut\r\n", "<p>Hej Åsa</p>\r\n"]
    assert form["Content-Language"] == "sv"


def test_several_receivers_do_not_learn_of_each_other() -> None:
    raw = letter(mail(), SENDER, ["anna@example.se", "bo@example.se"], at=AT)
    assert read(raw)["To"] == "undisclosed-recipients:;"
    assert b"anna@example.se" not in raw
    assert b"bo@example.se" not in raw


@pytest.mark.parametrize("text", ["Åsa\n", "å" * 5000, "a" * 5000])
@pytest.mark.parametrize("html", [None, "<p>Åsa</p>", "<p>" + "Åsa " * 5000 + "</p>"])
def test_a_letter_is_seven_bits_in_lines_that_every_server_takes(text: str, html: str | None) -> None:
    raw = letter(mail(text=text, html=html), SENDER, ["anna@example.se"], at=AT)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


SUBJECTS = ("one", "ord " * 60, "Å" * 250, "a, (b) <c@d> =?utf-8?q?Bcc=3A_eve?= e", " spaces  within ", "x" * 250, "")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_arrives_letter_for_letter_and_what_looks_encoded_is_a_text(subject: str) -> None:
    raw = letter(mail(subject=subject), SENDER, ["anna@example.se"], at=AT)
    assert read(raw)["Subject"] == subject
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize("name", ["", "Acme", "Acme, Inc. (ours); x", "Åsas hubb", "Å" * 20, "=?utf-8?q?Eve?="])
def test_the_senders_name_arrives_letter_for_letter(name: str) -> None:
    form = read(letter(mail(), From("hub@example.se", name), ["anna@example.se"], at=AT))
    [mailbox] = form["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (name, "hub@example.se")


TEXTS = (
    "",
    "\n",
    "a",
    "trailing  \nspace\t\n",
    "Åsa = 5 €\n\n--\n",
    "From me\n.\n..\n",
    "a" * 79,
    "a\rb\r\nc\x0bd\u2028e",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_arrives_letter_for_letter_whatever_it_holds(text: str) -> None:
    form = read(letter(mail(text=text, html=text), SENDER, ["anna@example.se"], at=AT))
    wanted = b"\r\n".join(text.encode().splitlines() or [b""]) + b"\r\n"
    assert [part.get_content().encode() for part in form.iter_parts()] == [wanted, wanted]


def test_a_text_that_holds_the_border_of_another_letter_ends_no_part() -> None:
    first = letter(mail(html="x"), SENDER, ["anna@example.se"], at=AT)
    border = "--" + read(first).get_boundary("")
    form = read(letter(mail(text=f"{border}--\n", html="x"), SENDER, ["anna@example.se"], at=AT))
    assert [part.get_content() for part in form.iter_parts()] == [f"{border}--\r\n", "x\r\n"]


@pytest.mark.parametrize(
    ("address", "name", "reply_to"),
    [
        ("hub", "", None),
        ("hub@example.se\r\nBcc: eve@evil.example", "", None),
        ("hub@example.se", "Acme\r\nBcc: eve@evil.example", None),
        ("hub@example.se", 'Acme" <eve@evil.example>', None),
        ("hub@example.se", "x" * 101, None),
        ("hub@example.se", "", "eve"),
    ],
)
def test_a_sender_that_begins_a_header_of_its_own_is_refused(address: str, name: str, reply_to: str | None) -> None:
    with pytest.raises(ValueError, match=r"stands|name"):
        From(address, name, reply_to)
