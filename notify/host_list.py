"""URLs that somebody else hands over, and the list of hosts that they may lead to.

A push endpoint or a chat's webhook is a URL from outside: without the list it could be any server, also one of the
inner network. Hosts are compared label by label. A pattern over the whole URL has been fooled before: ntfy's
`^https://.+\\.googleapis\\.com/` also matches `https://evil.example/x.googleapis.com/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 2048
"""Characters of a URL."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_PORT = r"[1-9][0-9]{0,4}"
# All of it, in letters that every reader takes alike: no user, no bracket, no backslash; no percent sign in the host.
_URL = re.compile(rf"https://(?P<host>{_HOST})(?::(?P<port>{_PORT}))?(?P<path>/[!-\"$-\[\]-~]*)")
_ENTRY = re.compile(rf"(?P<any>\*\.)?(?P<host>{_HOST})(?::(?P<port>{_PORT}))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    labels: tuple[str, ...]
    port: int | None
    """None: no port stands in the URL, which is 443."""
    below: bool
    """Whether it is any host below this one, and not the host itself."""

    @classmethod
    def of(cls, text: str) -> Entry:
        """`push.example`, `push.example:8443` or `*.push.example`. Raises ValueError."""
        found = _ENTRY.fullmatch(text)
        labels = tuple(found["host"].split(".")) if found else ()
        if found is None or (found["any"] and len(labels) < 2):
            raise ValueError(f"{text!r} is no host like push.example, push.example:8443 or *.push.example")
        return cls(labels, None if found["port"] is None else int(found["port"]), found["any"] is not None)

    def has(self, labels: tuple[str, ...], port: int | None) -> bool:
        """Whether the entry names this host and port."""
        if port != self.port:
            return False
        if not self.below:
            return labels == self.labels
        return len(labels) > len(self.labels) and labels[-len(self.labels) :] == self.labels


class HostList:
    """The hosts of the settings. Raises ValueError for an entry that is none."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = tuple(Entry.of(entry) for entry in entries)

    def origin(self, url: str) -> str | None:
        """Scheme, host and port of a URL that leads to one of the hosts (RFC 6454 section 6.2); else None.

        None as well for a URL that is not https, that is longer than `LONGEST`, or that no browser or vendor writes:
        capital letters in the host, a dot at its end, letters beyond ASCII or in punycode, a user, a fragment.
        """
        found = _URL.fullmatch(url) if len(url) <= LONGEST else None
        if found is None:
            return None
        labels = tuple(found["host"].split("."))
        port = None if found["port"] is None else int(found["port"])
        # A name in punycode looks like another one where people read it.
        if any(label.startswith("xn--") for label in labels):
            return None
        if not any(entry.has(labels, port) for entry in self._entries):
            return None
        return f"https://{found['host']}{'' if port is None else f':{port}'}"
