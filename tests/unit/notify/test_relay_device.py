"""What an app hands over, and what is made of its key."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode

import pytest

from notify.address import BadAddress
from notify.relay_device import RelayDevice
from tests.contracts.channels.stage_relay import HANDLE, TOPIC_KEY, device, hostile

RELAY = "https://push.example.com"
FOUND = RelayDevice.read(device(RELAY), relay=RELAY)


def test_the_topic_is_a_keyed_hash_of_the_id_that_the_app_can_make_too() -> None:
    key = urlsafe_b64decode(TOPIC_KEY + "=")
    assert FOUND.topic("tel_1") == hmac.new(key, b"approvals-hub.relay.topic.v1\0tel_1", hashlib.sha256).hexdigest()
    made = hmac.new(key, b"approvals-hub.relay.collapse.v1\0esc_1", hashlib.sha256).hexdigest()
    assert FOUND.collapse("esc_1") == made[:32]


def test_messages_about_one_thing_share_a_collapse_key_and_no_topic() -> None:
    assert FOUND.collapse("esc_1") == FOUND.collapse("esc_1") != FOUND.collapse("esc_2")
    assert FOUND.topic("tel_1") != FOUND.topic("tel_2")
    assert FOUND.topic("esc_1")[:32] != FOUND.collapse("esc_1")


def test_two_hubs_of_one_app_make_other_topics_of_the_same_id() -> None:
    other = RelayDevice.read(device(RELAY, topic_key="A" * 43), relay=RELAY)
    assert other.topic("tel_1") != FOUND.topic("tel_1")


@pytest.mark.parametrize("text", hostile(RELAY))
def test_what_is_no_handle_of_this_relay_is_no_address(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        RelayDevice.read(text, relay=RELAY)
    assert HANDLE not in str(refused.value)


def test_a_handle_of_another_relay_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(BadAddress, match="another relay"):
        RelayDevice.read(json.dumps({"relay": "https://evil.example", "handle": HANDLE, "topic_key": ""}), relay=RELAY)
