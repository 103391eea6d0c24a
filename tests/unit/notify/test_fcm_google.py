"""What firebase-admin makes of a service account and of a notice."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from firebase_admin import messaging

from notify.fcm_device import FcmDevice
from notify.fcm_google import ASSERTION, AUDIENCE, LARGEST, SCOPE, ServiceAccount, TooLarge, account_of, request_body
from notify.message import Urgency
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage_fcm import FID, TOKEN
from tests.fakes.google_push import EMAIL, claims_of, service_account

NOW = 1_800_000_000_000


def told(device: FcmDevice | None = None, *, ttl: int = 60, channel: str | None = None, **changes: Any) -> Any:
    body = request_body(notice(**changes), device or FcmDevice(fid=FID), ttl=ttl, android_channel=channel)
    return json.loads(body)["message"]


def test_a_message_is_shown_by_the_system_and_replaces_an_earlier_one() -> None:
    assert told(id="msg_1", text="En fråga", expires_at=7, channel="approvals") == {
        "fid": FID,
        "notification": {"title": "Robot asks: high risk", "body": "En fråga"},
        "data": {
            "id": "msg_1",
            "reference": "esc_1",
            "category": "approval",
            "link": "https://hub.example.se/app/#/q/esc_1",
            "expires_at": "7",
        },
        "android": {
            "collapse_key": "esc_1",
            "priority": "high",
            "ttl": "60s",
            "notification": {"tag": "esc_1", "channel_id": "approvals", "visibility": "PRIVATE"},
        },
    }


def test_a_device_with_an_older_token_is_addressed_by_it_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        message = told(FcmDevice(token=TOKEN))
    assert (message["token"], "fid" in message) == (TOKEN, False)


@pytest.mark.parametrize(
    ("urgency", "priority"), [(Urgency.HIGH, "high"), (Urgency.NORMAL, "normal"), (Urgency.LOW, "normal")]
)
def test_only_what_is_urgent_wakes_a_sleeping_phone(urgency: Urgency, priority: str) -> None:
    assert told(urgency=urgency)["android"]["priority"] == priority


def test_an_app_that_is_to_be_woken_is_handed_the_words_and_shows_them_itself() -> None:
    message = told(woken=True, text="Something new")
    assert "notification" not in message
    assert "notification" not in message["android"]
    data = message["data"]
    assert (data["title"], data["text"], data["tag"]) == ("Robot asks: high risk", "Something new", "esc_1")
    assert "sealed" not in data


def test_what_is_sealed_is_handed_to_the_app_which_alone_can_open_and_show_it() -> None:
    message = told(sealed=b"\xfb\xff", expires_at=None)
    data = message["data"]
    assert (data["sealed"], "expires_at" in data) == ("-_8", False)
    # The system would show the words in the clear and never wake the app.
    assert "notification" not in message
    assert "notification" not in message["android"]
    assert {"title", "text", "tag"} <= data.keys()
    assert message["android"]["priority"] == "high"


def by_google(device: FcmDevice, *, ttl: int, channel: str | None, **changes: Any) -> Any:
    """The whole message as firebase-admin makes it, with what differs from one to the next."""
    shown = notice(**changes)
    by_system = shown.sealed is None
    ours = request_body(shown, device, ttl=ttl, android_channel=channel)
    message = messaging.Message(
        data=json.loads(ours)["message"]["data"],
        notification=messaging.Notification(title=shown.title, body=shown.text) if by_system else None,
        android=messaging.AndroidConfig(
            collapse_key=shown.collapse_key,
            priority="high" if shown.urgency is Urgency.HIGH else "normal",
            ttl=ttl,
            notification=messaging.AndroidNotification(tag=shown.collapse_key, channel_id=channel, visibility="private")
            if by_system
            else None,
        ),
        fid=device.fid,
    )
    message.token = device.token
    return json.loads(ours), {"message": json.loads(str(message))}


@pytest.mark.parametrize("device", [FcmDevice(fid=FID), FcmDevice(token=TOKEN)], ids=["fid", "token"])
@pytest.mark.parametrize("sealed", [None, b"\xfb\xff"])
@pytest.mark.parametrize("urgency", Urgency)
def test_every_message_is_the_one_that_firebase_admin_makes_of_the_same(
    device: FcmDevice, sealed: bytes | None, urgency: Urgency
) -> None:
    for number, (channel, ttl) in enumerate([("approvals", 0), (None, 1), ("approvals", 28 * 24 * 3600)]):
        text = {"text": f'En "fråga" \u202e\\ {number}', "title": "”'<b>" + str(number)}
        about = {"collapse_key": f"esc_{number}", "reference": f"esc_{number}"}
        ours, googles = by_google(device, ttl=ttl, channel=channel, sealed=sealed, urgency=urgency, **text, **about)
        assert ours == googles


def test_a_message_that_google_would_refuse_for_its_size_is_not_made() -> None:
    assert told(text="x" * 3500)
    with pytest.raises(TooLarge, match=str(LARGEST)):
        told(text="å" * 2000)


def test_the_assertion_says_who_asks_whom_for_what() -> None:
    account = ServiceAccount(json.loads(service_account("https://example.com")))
    assert claims_of(account.assertion(now=NOW)) == {
        "iss": EMAIL,
        "aud": AUDIENCE,
        "scope": SCOPE,
        "iat": NOW // 1000,
        "exp": NOW // 1000 + ASSERTION,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "authorized_user"},
        {"private_key": "-----BEGIN s3cret-----"},
        {"private_key": ""},
        {"private_key": 7},
        {"client_email": None},
        {"token_uri": None},
    ],
)
def test_an_account_that_is_none_is_refused_and_not_quoted(changes: dict[str, Any]) -> None:
    table = json.loads(service_account("https://example.com"))
    table = {name: value for name, value in {**table, **changes}.items() if value is not None}
    with pytest.raises(ValueError, match="service account is not") as refusal:
        ServiceAccount(table)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "\ud800", '{"private_key": "-----BEGIN"}'])
def test_a_text_that_is_no_account_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="is not the JSON text of a key file") as refused:
        account_of(text)
    assert "BEGIN" not in str(refused.value)


def test_the_key_of_one_account_is_read_once() -> None:
    text = service_account("https://example.com")
    assert account_of(text) is account_of(text)
