"""The mails with a link: in both languages, without anything that begins a header or runs."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.link_mail import invitation_mail, link_mail

URL = "https://hub.example/app/sign-in#link=lnk_1"


@pytest.mark.parametrize(
    ("language", "chosen", "press"), [("sv", "sv", "Logga in"), ("en", "en", "Sign in"), ("fi", "en", "Sign in")]
)
def test_a_mail_is_in_the_readers_language_or_in_english(language: str, chosen: str, press: str) -> None:
    mail = link_mail(URL, organisation="Bank", minutes=15, language=language)
    assert mail.language == chosen
    assert press in mail.text
    assert "Bank" in mail.subject
    assert "15" in mail.text


def test_both_forms_hold_the_link_and_nothing_else_that_is_loaded() -> None:
    mail = link_mail(URL, organisation="Bank", minutes=15, language="en")
    assert URL in mail.text
    assert mail.html.count("https://") == 2
    assert "<img" not in mail.html


def test_an_organisations_name_cannot_begin_a_header_or_an_element() -> None:
    mail = link_mail(URL, organisation="A\r\nBcc: eve@example.com <script>", minutes=1, language="en")
    assert "\n" not in mail.subject
    assert "<script>" not in mail.html


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [("sv", 1440, "24 h"), ("sv", 90, "bjöd in dig"), ("en", 90, "90 min"), ("fi", 120, "whoever invited you")],
)
def test_an_invitation_says_how_long_it_lives_and_that_the_digits_decide(
    language: str, minutes: int, words: str
) -> None:
    mail = invitation_mail(URL, organisation="Bank", minutes=minutes, language=language)
    assert words in mail.text
    assert words in mail.html
    assert "Bank" in mail.subject
    assert URL in mail.text
    assert "<img" not in mail.html
