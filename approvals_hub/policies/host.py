"""Host names and lists of them: one spelling for each host, and no `*.` over what anybody may register.

The list of public suffixes (publicsuffix.org) comes with the package `publicsuffixlist`; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import idna
import msgspec

LIST_LIMIT: Final = 1_000
"""Hosts of one list."""
LONGEST: Final = 2_048
"""Characters of a text that a host is looked for in."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,31}://([^/?#]*)")
_PORT = re.compile(r":[0-9]{1,5}")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+)*|0x[0-9a-f]*(\..*)?|.*\.(0x[0-9a-f]*|[0-9]+)")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
# What one reader drops, another takes for a slash and a third keeps: no host is read out of such a text.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\%]")


class Hosts(msgspec.Struct, frozen=True):
    """A list: exact hosts, and sites with everything below them."""

    exact: frozenset[str]
    below: frozenset[str]
    """Names of which every host below is in the list, as `*.name` is written; the name itself is not."""
    written: tuple[str, ...]

    def name(self, host: str) -> bool:
        """Whether a host, as `host_of` spells it, is in the list."""
        if host in self.exact:
            return True
        if not self.below:
            return False
        rest = host
        while "." in rest:
            rest = rest.partition(".")[2]
            if rest in self.below:
                return True
        return False


def hosts(written: Iterable[str]) -> Hosts:
    """A list as a policy has it: `example.com` is that host alone, `*.example.com` every host below it.

    Raises ValueError with the text that is none, or whose `*.` stands for hosts of everybody (`*.co.uk`).
    """
    texts = tuple(written)
    exact: set[str] = set()
    below: set[str] = set()
    for text in texts:
        wide = text.startswith("*.")
        host = host_of(text[2:] if wide else text)
        if host is None or _looks_like_more(text[2:] if wide else text):
            raise ValueError(f"{text[:80]!r} is no host name, and no '*.' before one")
        if wide and is_public_suffix(host):
            raise ValueError(f"{text[:80]!r} would name everybody's hosts: {host} is a public suffix")
        if wide and _IPV4.fullmatch(host):
            raise ValueError(f"{text[:80]!r}: nothing lies below an address")
        (below if wide else exact).add(host)
    return Hosts(frozenset(exact), frozenset(below), texts)


def host_of(text: Any) -> str | None:
    """The one spelling of the host in a host name, a URL or a mail address; None where readers could disagree.

    Lower case and ASCII (UTS 46, IDNA 2008), without the dot at the end, the port and whoever stands before an `@`. An
    address must be four decimal numbers: other forms (`0x7f.1`, `2130706433`) lead elsewhere in every second reader.
    """
    if type(text) is not str or not 1 <= len(text) <= LONGEST or _AMBIGUOUS.search(text):
        return None
    found = _URL.match(text)
    rest = found[1] if found else text
    if not found and ("/" in rest or "?" in rest or "#" in rest):
        return None
    rest = rest.rpartition("@")[2]
    name, colon, _ = rest.partition(":")
    if colon and not _PORT.fullmatch(rest[len(name) :]):
        return None
    return _spelled(name)


@lru_cache(maxsize=4_096)
def site_of(host: str) -> str:
    """What one party registered: `shop.example.co.uk` → `example.co.uk`. The host itself where it is a suffix."""
    if _IPV4.fullmatch(host):
        return host
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=4_096)
def is_public_suffix(host: str) -> bool:
    """Whether anybody may register names directly below it."""
    return bool(_suffixes().publicsuffix(host) == host)


def _looks_like_more(text: str) -> bool:
    return any(mark in text for mark in ":/@?#")


@lru_cache(maxsize=4_096)
def _spelled(name: str) -> str | None:
    plain = name.removesuffix(".")
    if not plain.isascii():
        # Full-width digits would become an address, full-width letters a name: UTS 46 says which.
        try:
            plain = idna.encode(plain, uts46=True, transitional=False).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    plain = plain.lower()
    if _ADDRESS.fullmatch(plain):
        return plain if _IPV4.fullmatch(plain) else None
    labels = plain.split(".")
    if len(plain) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return None
    if any(label.startswith("xn--") for label in labels) and not _is_real(plain):
        return None
    return plain


def _is_real(host: str) -> bool:
    """Whether its encoded labels are what their letters are encoded to: the same host in every browser."""
    try:
        return idna.encode(idna.decode(host)).decode() == host
    except (idna.IDNAError, UnicodeError):
        return False


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    # A tenth of a second, which only lists with `*.` and limits per vendor need.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
