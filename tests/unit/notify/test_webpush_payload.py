"""One JSON text for browsers that show it themselves and for service workers."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from approvals_hub.notifications.compose import Subject, composed
from approvals_hub.notifications.telling import ENDED, OPENED, TEST
from notify.message import Notice
from notify.webpush_payload import payload
from tests.contracts.channels.numbered import notice


def told(**changes: Any) -> Any:
    return json.loads(payload(notice(**changes)))


def test_a_declarative_message_has_its_mark_a_title_and_where_it_leads() -> None:
    message = told(id="msg_1", text="En fråga", expires_at=7)
    assert message == {
        "web_push": 8030,
        "notification": {
            "title": "Robot asks: high risk",
            "body": "En fråga",
            "navigate": "https://hub.example.se/app/#/q/esc_1",
            "lang": "sv",
            "dir": "auto",
            "tag": "esc_1",
            "data": {"id": "msg_1", "reference": "esc_1", "category": "approval", "expires_at": 7},
        },
        "mutable": True,
    }


def test_a_notice_without_an_end_says_none() -> None:
    assert "expires_at" not in told(expires_at=None)["notification"]["data"]


def test_what_is_sealed_goes_to_the_service_worker_which_is_asked_first() -> None:
    message = told(sealed=b"\xfb\xff")
    assert (message["mutable"], message["notification"]["data"]["sealed"]) == (True, "-_8")
    assert message["notification"]["title"], "it is shown also where nobody opens it"


def declared(text: bytes) -> bool:
    """Whether Safari shows it by itself: the parser of https://w3c.github.io/push-api/#declarative-push-message, with
    the members of a notification that the hub writes. What it refuses is handed to the worker alone."""
    message = json.loads(text)
    shown = message.get("notification")
    if message.get("web_push") != 8030 or not isinstance(shown, dict):
        return False
    link = urlsplit(shown.get("navigate", ""))
    words = (shown.get(name, "") for name in ("title", "body", "lang", "tag"))
    return (
        bool(shown.get("title"))
        and all(isinstance(word, str) for word in words)
        and (link.scheme, bool(link.hostname)) == ("https", True)
        and shown.get("dir", "auto") in ("auto", "ltr", "rtl")
        # In silence a push shows nothing, and the subscription is taken away.
        and shown.get("silent", False) is False
        and isinstance(message.get("mutable", False), bool)
        and isinstance(message.get("app_badge", 0), int)
        and all(map(_button, shown.get("actions", [])))
    )


def _button(one: dict[str, str]) -> bool:
    link = urlsplit(one["navigate"])
    return bool(one["action"] and one["title"]) and (link.scheme, bool(link.hostname)) == ("https", True)


@pytest.mark.parametrize("kind", [OPENED, ENDED, TEST, "device.enrolled", "agent.guessed"])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_everything_the_hub_tells_is_a_declarative_message_by_its_specification(kind: str, language: str) -> None:
    about = {"escalation_id": "esc_1"} if kind in (OPENED, ENDED) else {}
    subject = Subject(telling_id="tel_1", kind=kind, org="Nordisk Data", agent="Bot", risk="high", **about)
    takes: Any = SimpleNamespace(takes=Notice, name="webpush")
    made: Any = composed(subject, takes, language=language, public_url="https://hub.example.se")
    assert declared(payload(made))
    assert len(payload(made)) < 2000, "Apple and others take some 4 kilobytes, encrypted"


def test_the_buttons_of_a_question_each_lead_to_a_page_of_their_own_and_say_nothing_of_it() -> None:
    subject = Subject(telling_id="tel_1", kind=OPENED, org="A", agent="Bot", risk="high", escalation_id="esc_1")
    takes: Any = SimpleNamespace(takes=Notice, name="webpush")
    made: Any = composed(subject, takes, language="sv", public_url="https://hub.example.se")
    place = "https://hub.example.se/app/escalations/esc_1"
    assert json.loads(payload(made))["notification"]["actions"] == [
        {"action": "review", "title": "Granska", "navigate": place},
        {"action": "deny", "title": "Neka", "navigate": f"{place}/denial"},
    ]
    for kind in (ENDED, TEST, "device.enrolled"):
        quiet: Any = composed(replace(subject, kind=kind), takes, language="en", public_url="https://hub.example.se")
        assert "actions" not in json.loads(payload(quiet))["notification"]


def test_a_message_that_leads_nowhere_or_has_no_mark_is_not_one() -> None:
    sound = told()
    for broken in (
        {**sound, "web_push": 8031},
        {**sound, "notification": {**sound["notification"], "navigate": "/app/"}},
        {**sound, "notification": {**sound["notification"], "title": ""}},
        {**sound, "notification": {**sound["notification"], "silent": True}},
        {
            **sound,
            "notification": {**sound["notification"], "actions": [{"action": "a", "title": "b", "navigate": "/"}]},
        },
    ):
        assert not declared(json.dumps(broken).encode())


def test_the_number_on_the_icon_stands_where_either_reader_looks_for_it() -> None:
    message = told(badge=3)
    assert (message["app_badge"], message["notification"]["app_badge"]) == (3, 3)
    assert "app_badge" not in told()
