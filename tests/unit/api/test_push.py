"""The forms of push addresses and receipts. What they do: tests/flows/test_reach.py."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub.api.push import PushForm, ReceiptForm


def test_an_address_is_not_printed() -> None:
    form = msgspec.convert({"channel": "phone", "address": {"token": "secret-7"}}, PushForm)
    assert "secret-7" not in repr(form)


@pytest.mark.parametrize("channel", ["", "Phone", "a b", "../x", "a" * 40])
def test_a_channel_that_can_have_no_such_name_is_refused(channel: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"channel": channel, "address": "x"}, PushForm)


def test_there_are_two_receipts() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "failed"}, ReceiptForm)
