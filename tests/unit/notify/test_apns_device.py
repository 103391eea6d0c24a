"""Devices as apps tell them, and what is none."""

from __future__ import annotations

import json

import pytest

from notify.address import BadAddress
from notify.apns_device import ApnsDevice

TOKEN = "0f" * 32


@pytest.mark.parametrize("length", [32, 33, 100])
def test_a_token_may_be_longer_than_todays(length: int) -> None:
    assert ApnsDevice.read(json.dumps({"token": "0f" * length, "registered_at": 7})).registered_at == 7


@pytest.mark.parametrize(
    "token", ["", "0f", TOKEN[:-1], TOKEN[:-2], TOKEN.upper(), "0f" * 101, f"{TOKEN}/../other", f"{TOKEN}\n", "é" * 64]
)
def test_a_token_that_would_be_another_path_is_refused(token: str) -> None:
    with pytest.raises(BadAddress):
        ApnsDevice.read(json.dumps({"token": token, "registered_at": 7}))


@pytest.mark.parametrize("members", [{}, {"token": TOKEN}, {"token": TOKEN, "registered_at": 7, "topic": "other"}])
def test_a_device_has_a_token_and_a_time_and_nothing_else(members: dict[str, object]) -> None:
    with pytest.raises(BadAddress):
        ApnsDevice.read(json.dumps(members))


def test_a_device_does_not_show_its_token() -> None:
    assert TOKEN not in repr(ApnsDevice(token=TOKEN, registered_at=7))
