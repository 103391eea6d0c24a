"""Where a native app is woken through a relay: what the relay gave the app, and a key that the relay never has."""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import digest

import msgspec

from notify import address
from notify.address import BadAddress, octets
from notify.discreet import Discreet

TOPIC, COLLAPSE = b"approvals-hub.relay.topic.v1\0", b"approvals-hub.relay.collapse.v1\0"
"""Which of the two is made: neither ever passes for the other."""
COLLAPSE_DIGITS = 32
"""128 bits, which Apple's 64 bytes for a collapse id hold as hexadecimal."""
_HANDLE = re.compile(r"rh_[A-Za-z0-9_-]{43}")
_KEY_BYTES = 32


class RelayDevice(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"relay": "https://push.example.com", "handle": "rh_…", "topic_key": "…"}`."""

    not_printed = ("handle", "topic_key")

    relay: str
    """The relay that gave the handle, as the app knows it: a handle goes to no other."""
    handle: str
    """What wakes the app: 256 bits that nobody guesses."""
    topic_key: str
    """32 random bytes of the app in base64url, for this hub alone: the two of them know it."""

    def __repr__(self) -> str:
        """Without what it holds."""
        return "RelayDevice(…)"

    @classmethod
    def read(cls, text: str, *, relay: str) -> RelayDevice:
        """The device. Raises BadAddress, also where its handle is one of another relay than `relay`."""
        found = address.read(text, cls)
        if found.relay != relay:
            raise BadAddress("the handle is one of another relay")
        if not _HANDLE.fullmatch(found.handle):
            raise BadAddress("the handle is none")
        try:
            octets(found.topic_key, length=_KEY_BYTES)
        except ValueError:
            raise BadAddress("the topic key is not 32 bytes in base64url") from None
        return found

    def topic(self, id_: str) -> str:
        """HMAC-SHA-256 (RFC 2104) of a message's id, in hexadecimal.

        The app tries the keys of its hubs: which one fits says whose message it is, and that this hub has sent it. To
        the relay it is another random number each time.
        """
        return self._keyed(TOPIC, id_)

    def collapse(self, key: str) -> str:
        """The same of a collapse key, cut: equal for messages about the same thing, and nothing else is told by it."""
        return self._keyed(COLLAPSE, key)[:COLLAPSE_DIGITS]

    def _keyed(self, use: bytes, text: str) -> str:
        return digest(octets(self.topic_key, length=_KEY_BYTES), use + text.encode(), sha256).hex()
