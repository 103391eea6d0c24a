"""One JSON text for browsers that show it themselves and for service workers."""

from __future__ import annotations

import json
from typing import Any

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
