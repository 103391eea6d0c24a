"""Links as nouns."""

from __future__ import annotations

from approvals_hub.stepup.sign_in_link import AskedLink, code_hash, link_url


def test_the_token_stands_where_browsers_send_it_to_nobody() -> None:
    before, _, fragment = link_url("https://hub.example", "lnk_1").partition("#")
    assert (before, fragment) == ("https://hub.example/app/sign-in", "link=lnk_1")


def test_the_digits_are_hashed_for_one_link_under_one_key() -> None:
    hashes = {code_hash(bytes([key]), link, "123456") for key in (1, 2) for link in ("lnk_1", "lnk_2")}
    assert len(hashes) == 4


def test_what_the_asking_page_gets_is_printed_without_its_secrets() -> None:
    shown = repr(AskedLink("lnk_secret", "123456", 5))
    assert "lnk_secret" not in shown
    assert "123456" not in shown
