"""What in a text may deceive the eye: hidden characters, look-alike letters, hosts that are not what they seem.

Closed tables of code points, so that the page's twin (`web/static/shared/warning.js`) gives the same answer.
"""

from __future__ import annotations

import re

from approvals_hub.core.visible import visible

CODES = ("hidden_characters", "lookalike_letters", "mixed_direction", "international_host", "user_in_url")
"""Every warning there is, in the order in which they are given."""

_LOOKALIKE = r"\u0370-\u03FF\u0400-\u052F\u0530-\u058F\u13A0-\u13FF\u1C80-\u1C8F\uFF21-\uFF3A\uFF41-\uFF5A"
"""Greek, Cyrillic, Armenian, Cherokee and full-width letters: many look like Latin ones."""
_RIGHT_TO_LEFT = r"\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\U00010800-\U00010FFF\U0001E800-\U0001EFFF"

# Each pattern is linear in the text: an agent chooses it.
_WORD = re.compile(r"[^ \t\n\r/]+")
_LOOKALIKES = re.compile(f"[{_LOOKALIKE}]")
_LATIN = re.compile(r"[A-Za-z]")
_RIGHT = re.compile(f"[{_RIGHT_TO_LEFT}]")
_LEFT = re.compile(r"[A-Za-z0-9]")
_AUTHORITY = re.compile(r"://([^/?# \t\n\r]*)")
_INTERNATIONAL = re.compile(r"[^\x00-\x7F]|(?:^|[.@])[Xx][Nn]--")
_DOMAIN_PATH = "/relying_party/domain"


def is_plain(text: str) -> bool:
    """Nothing in here can deceive, seen at a glance (most text is so)."""
    return text.isascii() and text.isprintable() and "://" not in text and "xn--" not in text.lower()


def warnings_of(path: str, text: str, *, is_text: bool) -> list[str]:
    """The codes of what may deceive in a field: its member name and, when `is_text`, its value."""
    if is_plain(path) and is_plain(text):
        return []
    shown = text if is_text else ""
    hosts = [shown] if path == _DOMAIN_PATH else _AUTHORITY.findall(shown)
    found = (
        visible(shown, lines=True).hidden or visible(path).hidden,
        _mixes(shown) or _mixes(path),
        bool(_RIGHT.search(shown) and _LEFT.search(shown)) or bool(_RIGHT.search(path)),
        any(_INTERNATIONAL.search(host) for host in hosts),
        any("@" in host for host in hosts),
    )
    return [code for code, here in zip(CODES, found, strict=True) if here]


def _mixes(text: str) -> bool:
    """Some word has Latin letters and such that look like them."""
    if _LOOKALIKES.search(text) is None:
        return False
    return any(_LOOKALIKES.search(word) and _LATIN.search(word) for word in _WORD.findall(text))
