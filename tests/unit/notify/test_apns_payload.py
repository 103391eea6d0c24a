"""What a device shows and what its app is told."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from notify.apns_payload import apns_id, payload
from notify.message import Urgency
from tests.contracts.channels.numbered import notice


def told(**changes: Any) -> Any:
    return json.loads(payload(notice(**changes)))


def test_an_urgent_notice_breaks_through_with_a_sound() -> None:
    assert told(id="msg_1", text="En fråga", expires_at=7) == {
        "aps": {
            "alert": {"title": "Robot asks: high risk", "body": "En fråga"},
            "category": "approval",
            "interruption-level": "time-sensitive",
            "sound": "default",
        },
        "hub": {
            "id": "msg_1",
            "reference": "esc_1",
            "link": "https://hub.example.se/app/#/q/esc_1",
            "expires_at": 7,
        },
    }


@pytest.mark.parametrize(
    ("urgency", "level", "sounds"),
    [(Urgency.HIGH, "time-sensitive", True), (Urgency.NORMAL, "active", True), (Urgency.LOW, "passive", False)],
)
def test_urgency_is_apples_interruption_level(urgency: Urgency, level: str, sounds: bool) -> None:
    aps = told(urgency=urgency)["aps"]
    assert (aps["interruption-level"], "sound" in aps) == (level, sounds)


def test_an_app_that_is_to_be_woken_is_handed_it_before_it_is_shown() -> None:
    message = told(woken=True)
    assert message["aps"]["mutable-content"] == 1
    assert message["aps"]["alert"]["title"]
    assert "sealed" not in message["hub"]
    assert "mutable-content" not in told()["aps"]


def test_what_is_sealed_goes_through_the_apps_extension() -> None:
    message = told(sealed=b"\xfb\xff")
    assert (message["aps"]["mutable-content"], message["hub"]["sealed"]) == (1, "-_8")
    assert message["aps"]["alert"]["title"], "it is shown also where nobody opens it"


def test_no_notification_is_silent() -> None:
    assert "content-available" not in told()["aps"]


def test_the_same_notice_has_the_same_uuid_and_another_one_another() -> None:
    first, second = notice(), notice()
    assert apns_id(first) == apns_id(first) != apns_id(second)
    assert str(UUID(apns_id(first))) == apns_id(first)


def test_the_number_on_the_icon_is_set_where_the_sender_says_one() -> None:
    assert json.loads(payload(notice(badge=0)))["aps"]["badge"] == 0
    assert "badge" not in json.loads(payload(notice()))["aps"]
