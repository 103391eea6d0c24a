"""The card of a mail that leads to a page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from approvals_hub.notifications.compose import Subject, composed
from approvals_hub.notifications.mail_card import mail_card
from notify.message import Mail
from tests.unit.identity.test_code_mail import Seen
from tests.unit.notifications.test_compose import Takes
from tests.vectors.make_mails import kept, mails

URL = "https://hub.example"
LINK = f"{URL}/app/escalations/esc_1?a=1&b=2"
HOSTILE = "$link</td><img src=x onerror=alert(1)>\r\nBcc: eve@evil.example\u202e"


def card(**changes: Any) -> str:
    given = {"organisation": "Acme AB", "title": "bot asks", "text": "one\ntwo", "link": LINK, "language": "en"}
    return mail_card(**{**given, **changes})


@pytest.mark.parametrize(
    ("language", "word"), [("sv", "Öppna sidan"), ("en", "Open the page"), ("de", "Open the page")]
)
def test_it_names_who_writes_and_leads_to_one_page_in_the_readers_language(language: str, word: str) -> None:
    html = card(language=language)
    seen = Seen(html)
    assert [value for name, value in seen.attributes if name == "href"] == [LINK]
    assert all(part in seen.text for part in ("Acme AB", "bot asks", word, "hub.example", LINK))
    assert f'lang="{"sv" if language == "sv" else "en"}"' in html


def test_it_is_laid_out_by_tables_for_light_and_dark_as_the_mail_with_a_code_is() -> None:
    html = card()
    seen = Seen(html)
    assert ("name", "supported-color-schemes") in seen.attributes
    assert seen.tags.count("table") == seen.attributes.count(("role", "presentation"))
    dark = html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    # Whatever has a colour in the light has one in the dark.
    coloured = set(re.findall(r'class="([a-z]+)"[^>]*(?:color|background):', html.partition("<body")[2]))
    assert coloured == set(re.findall(r"\.([a-z]+) \{", dark))


def test_it_fetches_nothing() -> None:
    html = card()
    assert not {"img", "script", "link", "form", "iframe"} & set(Seen(html).tags)
    assert "url(" not in html
    assert not re.search(r"\$[a-z]", html)


def test_names_that_look_like_markup_placeholders_or_headers_are_only_text() -> None:
    subject = Subject(telling_id="tel_1", kind="escalation.opened", org=HOSTILE, agent=HOSTILE, escalation_id="esc_1")
    channel: Any = Takes(Mail)
    mail: Any = composed(subject, channel, language="sv", public_url=URL)
    assert "img" not in Seen(mail.html).tags
    assert [value for name, value in Seen(mail.html).attributes if name == "href"] == [f"{URL}/app/escalations/esc_1"]
    assert mail.subject.isprintable()
    assert "\u202e" not in mail.html
    assert "$link" in mail.html


def test_every_mail_is_what_was_looked_at_in_both_languages() -> None:
    """`python -m tests.vectors.make_mails` writes them anew, to be looked at again."""
    there = {path.name: path.read_text(encoding="utf-8") for path in kept()}
    assert there == dict(mails())
    assert "canary" not in "".join(there.values())
