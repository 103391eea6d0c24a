"""The message of a telling, in the form that its channel takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from approvals_hub.domain.disclosure import Disclosure, read_disclosure
from approvals_hub.domain.presentation import fields_of
from approvals_hub.notifications.compose import Subject, composed, link_of, said
from approvals_hub.notifications.seal import SealTo
from approvals_hub.notifications.summary import summary_of
from approvals_hub.notifications.words import ADMIN, NEWS, NOTICES
from notify.message import Event, Mail, Message, Notice, ShortText
from notify.sms_text import Encoding, size
from notify.webpush_encryption import LARGEST
from notify.webpush_payload import payload
from tests.fakes.sealing_device import SealingDevice
from web.routes import STATIC

URL = "https://hub.example"
ASKED = Subject(
    telling_id="tel_1", kind="escalation.opened", org="A & B", escalation_id="esc_1", agent="<bot>", risk="high"
)


class Takes:
    """A channel as far as composing looks at one."""

    def __init__(self, kind: type[Message]) -> None:
        self.takes = kind
        self.name = kind.__name__.lower()


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


@pytest.mark.parametrize("kind", [*NEWS, *(ADMIN + kind for kind in NOTICES), "escalation.opened", "channel.test"])
def test_the_browsers_worker_leads_to_the_page_of_every_message_and_not_to_the_inbox_instead(kind: str) -> None:
    worker = (STATIC / "app" / "sw.js").read_text()
    [places] = re.findall(r"^const PLACES = /(.+)/$", worker, re.MULTILINE)
    for about in (None, "esc_1"):
        path = link_of(replace(ASKED, kind=kind, escalation_id=about), "")
        assert re.fullmatch(places.replace("\\/", "/"), path), path


@pytest.mark.parametrize(("language", "title"), [("en", "Test message"), ("sv", "Provmeddelande")])
def test_a_test_message_says_that_it_is_one(language: str, title: str) -> None:
    tried = Subject(telling_id="tst_1", kind="channel.test", org="A & B")
    assert said(tried, language).title == title
    assert "A & B" in said(tried, language).text
    channel: Any = Takes(Event)
    event: Any = composed(tried, channel, language=language, public_url=URL)
    assert event.type == "channel.test"


SUMMARY = summary_of(
    fields_of(
        {
            "action_type": "payments.transfer",
            "payload": {"amount": 1200, "b_note": "<b>canary</b>\n\u202e", **{f"m{n:02}": "x" * 80 for n in range(9)}},
        }
    )
)
LOUD = Disclosure("summary", "summary", "summary", "summary")


def forms(says: Disclosure, **changes: Any) -> dict[str, str]:
    """What is in the message of each form of channel."""
    subject = replace(ASKED, says=says, summary=SUMMARY, **changes)
    kinds = {"push": (Notice, "webpush"), "mail": (Mail, "smtp"), "chat": (Notice, "slack"), "webhook": (Event, "w")}
    found = {}
    for form, (kind, name) in {**kinds, "sms": (ShortText, "sms")}.items():
        channel: Any = Takes(kind)
        channel.name = name
        found[form] = repr(msgspec.to_builtins(composed(subject, channel, language="en", public_url=URL)))
    return found


@pytest.mark.parametrize("form", ["push", "mail", "chat", "webhook"])
def test_a_summary_is_said_in_the_forms_that_may_say_it_and_in_no_other(form: str) -> None:
    says = read_disclosure({form: "summary"})
    assert [name for name, text in forms(says).items() if "canary" in text] == [form]


def test_nothing_is_said_of_what_is_asked_where_nothing_may_be_nor_by_text_message_nor_at_the_end() -> None:
    assert "canary" not in repr(forms(Disclosure()))
    assert "canary" not in forms(LOUD)["sms"]
    assert "canary" not in repr(forms(Disclosure(push="sealed")))


def test_the_askers_words_are_no_title_and_no_markup() -> None:
    channel: Any = Takes(Mail)
    subject = replace(ASKED, says=LOUD, summary=SUMMARY)
    mail: Any = composed(subject, channel, language="sv", public_url=URL)
    assert mail.subject == "<bot> ber om ett godkännande"
    assert "“payments › transfer”" in mail.text
    assert "b_note: “<b>canary</b>⟦U+000A⟧⟦U+202E⟧”" in mail.text
    assert "Det är inte allt" in mail.text
    assert "<b>" not in mail.html
    assert "amount: 1200<br>" in mail.html


@pytest.mark.parametrize("kind", ["webpush", "apns", "fcm"])
def test_what_is_sealed_is_in_the_notice_for_the_device_alone_and_fits(kind: str) -> None:
    channel: Any = Takes(Notice)
    channel.name = kind
    device = SealingDevice(URL, "dev_1")
    subject = replace(ASKED, says=Disclosure(push="sealed"), summary=SUMMARY, agent="å" * 60, org="ö" * 60)
    to = SealTo(URL, "dev_1", device.public)
    notice: Any = composed(subject, channel, language="sv", public_url=URL, seal_to=to)
    assert "canary" not in f"{notice.title} {notice.text}"
    opened = device.opened(notice.sealed, escalation_id="esc_1", telling_id="tel_1")
    assert "canary" in opened["body"]
    assert len(payload(notice)) <= LARGEST
    assert composed(subject, channel, language="sv", public_url=URL).sealed is None  # type: ignore[attr-defined]


def test_what_does_not_fit_into_a_seal_is_said_without_its_last_rows() -> None:
    channel: Any = Takes(Notice)
    channel.name = "webpush"
    device = SealingDevice(URL, "dev_1")
    long = summary_of(fields_of({"action_type": "a", "payload": {f"m{n}": "\U0001f980" * 80 for n in range(6)}}))
    subject = replace(ASKED, says=Disclosure(push="sealed"), summary=long)
    to = SealTo(URL, "dev_1", device.public)
    notice: Any = composed(subject, channel, language="en", public_url=URL, seal_to=to)
    body = device.opened(notice.sealed, escalation_id="esc_1", telling_id="tel_1")["body"]
    assert 0 < body.count("\U0001f980" * 79) < 6
    assert "That is not all of it" in body


def test_a_program_is_told_that_a_question_ended_and_by_whom() -> None:
    channel: Any = Takes(Event)
    ended = replace(ASKED, kind="escalation.ended", decided_by="Bo Ek")
    event: Any = composed(ended, channel, language="en", public_url=URL)
    assert (event.type, event.data["decided_by"]) == ("escalation.ended", "Bo Ek")
