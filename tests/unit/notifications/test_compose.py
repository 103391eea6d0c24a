"""The message of a telling, in the form that its channel takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.notifications.compose import Subject, composed, link_of, said
from approvals_hub.notifications.words import NEWS
from notify.message import Event, Mail, Message, Notice, ShortText
from notify.sms_text import Encoding, size

URL = "https://hub.example"
ASKED = Subject(
    telling_id="tel_1", kind="escalation.opened", org="A & B", escalation_id="esc_1", agent="<bot>", risk="high"
)


class Takes:
    """A channel as far as composing looks at one."""

    def __init__(self, kind: type[Message]) -> None:
        self.takes = kind


@pytest.mark.parametrize("kind", [Mail, ShortText, Event, Notice])
def test_each_form_carries_the_tellings_id_and_the_link(kind: type[Message]) -> None:
    channel: Any = Takes(kind)
    message: Any = composed(ASKED, channel, language="en", public_url=URL)
    text = message.body().decode() if kind is Event else f"{message.text} {getattr(message, 'link', '')}"
    assert message.id == "tel_1"
    assert f"{URL}/app/escalations/esc_1" in text


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("kind", [*NEWS, "escalation.opened", "escalation.ended"])
def test_a_text_message_is_in_letters_that_leave_it_its_room(kind: str, language: str) -> None:
    channel: Any = Takes(ShortText)
    message: Any = composed(replace(ASKED, kind=kind), channel, language=language, public_url=URL)
    found = size(message.text)
    assert found.encoding is Encoding.GSM7, message.text
    assert found.parts <= 2


def test_a_later_notice_takes_the_place_of_an_earlier_one() -> None:
    channel: Any = Takes(Notice)
    ended = Subject(telling_id="end_1", kind="escalation.ended", org="A", escalation_id="esc_1", agent="bot")
    notices = [composed(each, channel, language="sv", public_url=URL) for each in (ASKED, ended)]
    keys = [getattr(notice, "collapse_key", "") for notice in notices]
    assert keys == ["esc_1", "esc_1"]


def test_names_are_no_markup_in_a_mail() -> None:
    channel: Any = Takes(Mail)
    html = getattr(composed(ASKED, channel, language="en", public_url=URL), "html", "")
    assert "<bot>" not in html
    assert "&lt;bot&gt;" in html


def test_news_lead_to_the_keys_of_their_person() -> None:
    news = Subject(telling_id="tel_2", kind="session.new", org="A")
    assert link_of(news, URL) == f"{URL}/app/devices"
    assert said(news, "en").title == "Somebody signed in in a new way"


@pytest.mark.parametrize(("language", "title"), [("en", "Test message"), ("sv", "Provmeddelande")])
def test_a_test_message_says_that_it_is_one(language: str, title: str) -> None:
    tried = Subject(telling_id="tst_1", kind="channel.test", org="A & B")
    assert said(tried, language).title == title
    assert "A & B" in said(tried, language).text
    channel: Any = Takes(Event)
    event: Any = composed(tried, channel, language=language, public_url=URL)
    assert event.type == "channel.test"
