"""What every answer carries."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from approvals_hub.api.headers import answer_headers, new_request_id
from web.render import security_headers

FORBIDDEN = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "bluetooth", "display-capture")


def test_an_answer_may_not_run_frame_or_be_kept() -> None:
    headers = answer_headers(secure=False)
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("feature", FORBIDDEN)
@pytest.mark.parametrize("headers", [answer_headers(secure=False), security_headers(secure=False)])
def test_neither_an_answer_nor_a_page_lets_a_script_ask_for_what_the_product_never_needs(
    headers: Mapping[str, str], feature: str
) -> None:
    assert f"{feature}=()" in headers["Permissions-Policy"].split(", ")


def test_a_page_may_use_passkeys_and_nothing_else() -> None:
    allowed = {each for each in security_headers(secure=True)["Permissions-Policy"].split(", ") if "=()" not in each}
    assert allowed == {"publickey-credentials-get=(self)", "publickey-credentials-create=(self)"}


def test_an_answer_tells_no_versions() -> None:
    assert answer_headers(secure=False)["Server"] == "approvals-hub"


def test_browsers_are_bound_to_https_where_the_hub_is_served_so() -> None:
    assert "Strict-Transport-Security" not in answer_headers(secure=False)
    assert answer_headers(secure=True)["Strict-Transport-Security"] == "max-age=31536000"


def test_no_two_requests_have_the_same_id() -> None:
    assert len({new_request_id() for _ in range(1000)}) == 1000
