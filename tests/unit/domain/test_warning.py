"""What may deceive the eye is named."""

from __future__ import annotations

import time

import pytest

from approvals_hub.domain.warning import CODES, is_plain, warnings_of


def of(text: str, path: str = "/payload/a") -> list[str]:
    return warnings_of(path, text, is_text=True)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("DROP TABLE orders", []),
        ("Överför 100 kr till Åsa", []),
        ("привет", []),
        ("line 1\n\tline 2", []),
        ("https://example.com/path?a=b@c", []),
        ("file\u202egpj.exe", ["hidden_characters"]),
        ("p\u0430ypal", ["lookalike_letters"]),
        ("\uff41dmin", ["lookalike_letters"]),
        ("pay 100 \u05d0\u05d1\u05d2", ["mixed_direction"]),
        ("https://b\u00fccher.example/", ["international_host"]),
        ("go to HTTPS://XN--80AK6AA92E.COM", ["international_host"]),
        ("https://bank.example@evil.example", ["user_in_url"]),
        (
            "https://\u0430pple.com@x\u200b",
            ["hidden_characters", "lookalike_letters", "international_host", "user_in_url"],
        ),
    ],
)
def test_a_text_gets_these_warnings(text: str, codes: list[str]) -> None:
    assert of(text) == codes


def test_the_relying_partys_host_is_read_without_a_scheme() -> None:
    assert of("xn--pple-43d.com", "/relying_party/domain") == ["international_host"]


def test_hidden_characters_in_a_members_name_are_named() -> None:
    assert of("1", "/payload/a\u200bmount") == ["hidden_characters"]


def test_a_line_feed_in_a_members_name_is_hidden() -> None:
    assert of("1", "/payload/a\nb") == ["hidden_characters"]


def test_a_number_is_never_read_as_text() -> None:
    assert warnings_of("/payload/a", "p\u0430ypal", is_text=False) == []


def test_the_quick_look_lets_nothing_through_that_gets_a_warning() -> None:
    assert not any(is_plain(text) for text in ("\x1b", "å", "http://a", "XN--a"))


def test_all_codes_can_occur_together() -> None:
    assert of("\u200b \u0430a \u05d0 https://\u0430@b") == list(CODES)


def test_an_agent_cannot_make_the_search_slow() -> None:
    started = time.process_time()
    for attack in ("a" * 250_000 + "\u0430", "://" * 80_000, "a:/" * 80_000, "xn-" * 80_000, "\u0430 " * 100_000):
        of(attack)
    assert time.process_time() - started < 2
