"""Whatever a host is dressed up as, it is found or not told at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.policies.host import host_of, hosts, is_public_suffix, site_of


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.Com.", "example.com"),
        ("example.com:8443", "example.com"),
        ("https://example.com/a?b#c", "example.com"),
        ("https://example.com:443", "example.com"),
        ("https://example.com@attacker.tld/", "attacker.tld"),
        ("https://user:pass@attacker.tld", "attacker.tld"),
        ("https://a@example.com@attacker.tld", "attacker.tld"),
        ("https://attacker.tld#@example.com", "attacker.tld"),
        ("https://attacker.tld?@example.com", "attacker.tld"),
        ("ada@example.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("ｅｘａｍｐｌｅ。com", "example.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("a" * 63 + ".com", "a" * 63 + ".com"),
        (".".join(["a" * 63] * 3 + ["a" * 61]), ".".join(["a" * 63] * 3 + ["a" * 61])),
        ("x" * 2_036 + "@example.com", "example.com"),
    ],
)
def test_every_dress_of_a_host_is_taken_off(text: str, host: str) -> None:
    assert host_of(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        7,
        ["example.com"],
        "exa mple.com",
        "https://example.com\\@attacker.tld",
        "https:\\\\example.com",
        "example%2ecom",
        "example.com/path",
        "example.com\n",
        "//example.com",
        "exаmple..com",
        "-example.com",
        "example.com..",
        "ex_ample.com",
        "0x7f.0.0.1",
        "0x7f000001",
        "2130706433",
        "127.1",
        "0177.0.0.1",
        "１２７．1",
        "a.b.0x1",
        "[::1]",
        "https://[::1]/",
        "xn--a.com",
        "xn--.com",
        "example.com:",
        "example.com:80:80",
        "a" * 64 + ".com",
        ".".join(["a" * 63] * 3 + ["a" * 62]),
        "x" * 2_037 + "@example.com",
        # A path before the `@`, for whoever takes it for a URL.
        "example.com/@attacker.tld",
        "example.com?@attacker.tld",
        "example.com#@attacker.tld",
        "☃" * 70 + ".com",
    ],
)
def test_what_readers_could_disagree_about_is_no_host(text: object) -> None:
    assert host_of(text) is None


@pytest.mark.parametrize(
    ("written", "host", "named"),
    [
        ("example.com", "example.com", True),
        ("example.com", "www.example.com", False),
        ("EXAMPLE.com.", "example.com", True),
        ("*.example.com", "www.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "notexample.com", False),
        ("*.example.com", "example.com.attacker.tld", False),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("*.bücher.example", "a.xn--bcher-kva.example", True),
    ],
)
def test_a_list_names_hosts_and_what_lies_below_a_star(written: str, host: str, named: bool) -> None:
    assert hosts([written]).name(host) is named


@pytest.mark.parametrize("written", ["*.com", "*.co.uk", "*.github.io", "*.nosuchsuffix"])
def test_a_star_over_a_public_suffix_is_refused_as_anybody_registers_there(written: str) -> None:
    with pytest.raises(ValueError, match="public suffix"):
        hosts([written])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "*.*.com",
        "a.*.com",
        "https://example.com",
        "a@example.com",
        "*.@example.com",
        "a:80",
        "*.1.2.3.4",
        "x y",
    ],
)
def test_an_entry_that_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        hosts([written])


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("a.b.example.com", "example.com"),
        ("shop.example.co.uk", "example.co.uk"),
        ("me.github.io", "me.github.io"),
        ("a.me.github.io", "me.github.io"),
        ("com", "com"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_a_site_is_what_one_party_registered(host: str, site: str) -> None:
    assert site_of(host) == site
    assert is_public_suffix(host) is (host == "com")


@given(st.text(max_size=40) | st.from_regex(r"https?://[a-z@:./\\?#%]{0,30}", fullmatch=True))
def test_a_host_that_was_read_reads_the_same_again(text: str) -> None:
    host = host_of(text)
    assert host is None or (host_of(host) == host and host_of(f"https://{host}/") == host)
