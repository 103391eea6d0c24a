"""Devices as apps tell them, by installation id or token, and what is none."""

from __future__ import annotations

import pytest

from notify.address import BadAddress
from notify.fcm_device import FcmDevice
from tests.contracts.channels.stage_fcm import FID, TOKEN, device


@pytest.mark.parametrize("name", [{"fid": FID}, {"token": TOKEN}, {"token": "A" * 1000}])
def test_a_device_has_an_installation_id_or_a_token(name: dict[str, str]) -> None:
    assert FcmDevice.read(device(**name)).name == next(iter(name.values()))


@pytest.mark.parametrize(
    "name",
    [
        {},
        {"fid": FID, "token": TOKEN},
        {"fid": TOKEN},
        {"token": "short"},
        {"topic": "all"},
        {"fid": FID, "topic": "all"},
    ],
)
def test_a_device_with_both_or_neither_or_a_topic_is_refused(name: dict[str, str]) -> None:
    with pytest.raises(BadAddress):
        FcmDevice.read(device(**name))


@pytest.mark.parametrize("fid", [FID + "\n", FID[:-1] + "/", FID[:-1] + '"', FID[:-1] + "å", FID[:-1]])
def test_a_name_that_would_be_another_member_is_refused(fid: str) -> None:
    with pytest.raises(BadAddress):
        FcmDevice.read(device(fid=fid))


def test_a_device_does_not_show_its_name() -> None:
    assert FID not in repr(FcmDevice(fid=FID))
    assert TOKEN not in repr(FcmDevice(token=TOKEN))
