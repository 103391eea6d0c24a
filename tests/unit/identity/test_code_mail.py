"""The mail that carries a code."""

from __future__ import annotations

import re
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from identity.code_mail import Mail, code_mail
from identity.proof import Purpose

CODE = "48151623"
LANGUAGES = ("sv", "en")


def mail(
    *, organisation: str = "Acme AB", purpose: Purpose = Purpose.DECISION, minutes: int = 5, language: str = "en"
) -> Mail:
    return code_mail(CODE, organisation=organisation, purpose=purpose, minutes=minutes, language=language)


class Seen(HTMLParser):
    """Tags, attributes, and the text that a reader of the body sees first."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self.tags[-1:] else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_html_hold_the_code_and_how_long_it_lives(language: str) -> None:
    found = mail(language=language, minutes=4)
    for body in (found.text, Seen(found.html).text):
        assert CODE in body
        assert " 4 min" in body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", Purpose)
def test_the_subject_names_who_asks_and_holds_no_code(language: str, purpose: Purpose) -> None:
    found = mail(language=language, purpose=purpose)
    assert found.subject.startswith("Acme AB ")
    assert not re.search(r"\d", found.subject)
    assert CODE not in found.html.partition("</head>")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_lock_screen_previews_holds_no_code(language: str) -> None:
    found = mail(language=language)
    assert CODE not in found.text[:60]
    body = Seen(found.html.partition("<body")[2])
    assert CODE not in body.text[:250]


def test_the_words_are_swedish_for_sv_and_english_for_all_others() -> None:
    assert "engångskod" in mail(language="sv").text
    assert mail(language="de") == mail(language="en")
    assert 'lang="sv"' in mail(language="sv").html


def test_the_code_stands_alone_on_its_line_for_copying() -> None:
    assert CODE in mail().text.splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_fetches_nothing_and_leads_nowhere(language: str) -> None:
    found = mail(language=language)
    seen = Seen(found.html)
    assert not {"a", "img", "script", "link", "form", "iframe"} & set(seen.tags)
    assert not {"href", "src", "background", "onclick"} & {name for name, _ in seen.attributes}
    assert "http" not in found.html + found.text
    assert "url(" not in found.html


def test_the_mail_is_laid_out_by_tables_for_light_and_dark() -> None:
    found = mail()
    seen = Seen(found.html)
    assert ("color-scheme" in dict(seen.attributes).values()) or ("name", "color-scheme") in seen.attributes
    assert ("name", "supported-color-schemes") in seen.attributes
    assert "prefers-color-scheme: dark" in found.html
    assert seen.tags.count("table") == len([pair for pair in seen.attributes if pair == ("role", "presentation")])


def test_an_organisation_named_like_markup_is_only_text() -> None:
    found = mail(organisation="<img src=x onerror=alert(1)>&co")
    assert "img" not in Seen(found.html).tags
    assert "&lt;img src=x onerror=alert(1)&gt;&amp;co" in found.html


def test_an_organisation_named_like_a_placeholder_is_only_text() -> None:
    assert "$code" in mail(organisation="$code").subject
    assert CODE not in mail(organisation="$code").subject


def test_a_header_injected_by_the_organisations_name_is_one_line_of_the_subject() -> None:
    found = mail(organisation="Acme\r\nBcc: evil@example.com")
    message = EmailMessage()
    message["Subject"] = found.subject
    assert list(message) == ["Subject"]
    assert found.subject.startswith("Acme Bcc: evil@example.com asks")


@pytest.mark.parametrize("organisation", ["", " ", "\u200b"])
def test_an_organisation_without_a_name_is_called_by_the_products(organisation: str) -> None:
    assert mail(organisation=organisation).subject.startswith("Approvals Hub asks")


def test_what_is_approved_is_not_told_to_a_mailbox() -> None:
    assert set(re.findall(r"\$\w+", mail().html + mail().text)) == set()
    assert "USD" not in mail().text
