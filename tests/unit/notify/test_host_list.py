"""Which URLs lead to a listed host, and the tricks by which others pretend to."""

from __future__ import annotations

import pytest
from yarl import URL

from notify.host_list import LONGEST, HostList

HOSTS = HostList(["push.example", "*.push.apple.example", "self.example:8443", "127.0.0.1:9443"])


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://push.example/a/b?c=d:e", "https://push.example"),
        ("https://web.push.apple.example/Q_x-1", "https://web.push.apple.example"),
        ("https://a.b.push.apple.example/", "https://a.b.push.apple.example"),
        ("https://self.example:8443/push", "https://self.example:8443"),
        ("https://127.0.0.1:9443/", "https://127.0.0.1:9443"),
    ],
)
def test_a_url_at_a_listed_host_has_its_origin(url: str, origin: str) -> None:
    assert HOSTS.origin(url) == origin


@pytest.mark.parametrize("url", ["https://push.example/a%2Fb?c=%40evil", "https://web.push.apple.example/[x]"])
def test_who_connects_reads_the_same_host(url: str) -> None:
    assert HOSTS.origin(url) == str(URL(url).origin())


ATTACKS = {
    "the host in the path": "https://evil.example/push.example/",
    "the host in the path, by ntfy's old pattern": "https://evil.example/x.push.example/",
    "the host in the query": "https://evil.example/?push.example/",
    "the host in the fragment": "https://evil.example/#push.example/",
    "the host as a user": "https://push.example@evil.example/",
    "the host as a user with a password": "https://push.example:443@evil.example/",
    "a user before the host": "https://evil@push.example/",
    "the host behind a backslash": "https://evil.example\\.push.example/",
    "a backslash that some read as a slash": "https://push.example\\@evil.example/",
    "the host as a beginning": "https://push.example.evil.example/",
    "the host as an ending": "https://evilpush.example/",
    "the host as an ending of a wildcard": "https://evilpush.apple.example/",
    "the wildcard's own host": "https://push.apple.example/",
    "a host below one without a wildcard": "https://a.push.example/",
    "a dot at the end": "https://push.example./",
    "a dot at the beginning of a wildcard": "https://.push.apple.example/",
    "an empty label": "https://a..push.apple.example/",
    "capital letters": "https://PUSH.example/",
    "letters that fold to ASCII": "https://pu\u017fh.example/",
    "a dot of another script": "https://push\u3002example/",
    "fullwidth letters": "https://\uff50ush.example/",
    "punycode": "https://xn--pple-43d.push.apple.example/",
    "a percent sign in the host": "https://push%2Eexample/",
    "another port": "https://push.example:8080/",
    "the port that is meant anyway": "https://push.example:443/",
    "an empty port": "https://push.example:/",
    "a port with a zero before it": "https://self.example:08443/",
    "a port that overflows": "https://self.example:73979/",
    "no port where one is listed": "https://self.example/",
    "the address of this machine": "https://127.0.0.1/",
    "an address of version 6": "https://[::1]:9443/",
    "an address as one number": "https://2130706433:9443/",
    "http": "http://push.example/",
    "another scheme": "ftp://push.example/",
    "a scheme in capitals": "HTTPS://push.example/",
    "no scheme": "//push.example/",
    "one slash": "https:/push.example/",
    "no path": "https://push.example",
    "a fragment": "https://push.example/#a",
    "a line break": "https://push.example/\r\nHost: evil.example",
    "a line break at the end": "https://push.example/\n",
    "a space before it": " https://push.example/",
    "a tab in the host": "https://push.\texample/",
    "a zero byte": "https://push.example/\x00",
    "letters beyond ASCII in the path": "https://push.example/\u2028",
    "too long": f"https://push.example/{'a' * LONGEST}",
    "nothing": "",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_url_that_only_looks_like_a_listed_host_is_refused(attack: str) -> None:
    assert HOSTS.origin(ATTACKS[attack]) is None


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.",
        "*.example",
        "*.*.example",
        "push.*",
        "a.*.example",
        "https://push.example",
        "push.example/",
        "PUSH",
        "push.example:",
        "push.example:0",
        "push.example:x",
        ".push.example",
        "push.example.",
        "push..example",
        "-a",
        "å",
    ],
)
def test_an_entry_that_would_name_more_than_one_zone_or_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host like"):
        HostList([entry])


def test_an_empty_list_allows_nothing() -> None:
    assert HostList([]).origin("https://push.example/") is None
