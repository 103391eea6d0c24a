"""The `fresh` member of a body."""

from __future__ import annotations

import pytest

from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.errors import Invalid
from approvals_hub.hub import Fresh
from tests.unit.api.web_client import Web


def test_none_sent_is_none_used() -> None:
    assert fresh_of(None) is None


def test_a_signature_is_read_from_base64url() -> None:
    assert fresh_of(FreshForm("chl_1", "dev_1", "AQI")) == Fresh("chl_1", "dev_1", signature=b"\x01\x02")


@pytest.mark.parametrize("text", ["AQ==", "A", "A+/_", "ÅÄÖ", "AQI\n"])
def test_a_signature_that_is_not_base64url_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        fresh_of(FreshForm("chl_1", "dev_1", text))
    assert refused.value.field == "$.fresh.signature"


async def test_a_body_with_an_unknown_member_in_it_is_refused(api: Web) -> None:
    fresh = {"challenge_id": "chl_1", "device_id": "dev_1", "signature": "AQI", "acr": "HIGH"}
    reply = await api.call("POST", "/v1/factors", {"method": "totp", "fresh": fresh}, api.house.owner)
    assert (reply.status, reply.json["field"]) == (422, "$.fresh.acr")
