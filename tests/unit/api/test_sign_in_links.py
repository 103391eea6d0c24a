"""Links by mail over HTTP, where a hub offers none, and what is printed of them."""

from __future__ import annotations

import pytest

from approvals_hub.api.sign_in_links import AskedLinkView, LinkForm
from tests.unit.api.web_client import Web


async def test_a_hub_that_sends_no_links_says_so_for_every_address(api: Web) -> None:
    reply = await api.call("POST", "/v1/sign-in-links", {"email": "ada@example.com"})
    assert (reply.status, reply.code) == (404, "method_unknown")


async def test_an_unknown_link_signs_nobody_in_and_is_counted(api: Web) -> None:
    reply = await api.call("POST", "/v1/sessions/by-link", {"token": "lnk_0", "code": "123456"})
    assert (reply.status, reply.code) == (401, "link_invalid")


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "123456\n", "１２３４５６"])
async def test_digits_are_six_of_ascii(api: Web, code: str) -> None:
    reply = await api.call("POST", "/v1/sessions/by-link", {"token": "lnk_0", "code": code})
    assert reply.status == 422


async def test_a_link_is_used_by_no_get(api: Web) -> None:
    assert (await api.call("GET", "/v1/sessions/by-link")).status in (404, 405)


def test_neither_secret_nor_digits_are_printed() -> None:
    shown = repr(AskedLinkView("lnk_s3cret", "123456", "")) + repr(LinkForm(token="lnk_s3cret", code="123456"))
    assert "s3cret" not in shown
    assert "123456" not in shown
