"""The fresh factor of a body."""

from __future__ import annotations

import pytest

from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.errors import Invalid


def test_none_stays_none() -> None:
    assert fresh_of(None) is None


def test_a_signature_is_read_as_bytes() -> None:
    fresh = fresh_of(FreshForm(challenge_id="chl_1", device_id="dev_1", signature="AQI"))
    assert fresh is not None
    assert (fresh.challenge_id, fresh.device_id, fresh.signature, fresh.assertion) == ("chl_1", "dev_1", b"\1\2", None)


def test_a_signature_that_is_no_base64url_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as found:
        fresh_of(FreshForm(challenge_id="chl_1", device_id="dev_1", signature="A"))
    assert found.value.field == "$.fresh.signature"
