"""Where Apple takes push messages: one app on one device."""

from __future__ import annotations

import re

import msgspec

from notify import address
from notify.address import BadAddress
from notify.discreet import Discreet

# 32 bytes by now; Apple says that the length may change (registerForRemoteNotifications).
_TOKEN = re.compile(r"(?:[0-9a-f]{2}){32,100}")


class ApnsDevice(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"token": "…", "registered_at": 1800000000000}`."""

    not_printed = ("token",)

    token: str
    """Hexadecimal, in small letters."""
    registered_at: int
    """When the app last told its token, milliseconds since 1970 UTC: Apple's word that it is gone may be older."""

    def __repr__(self) -> str:
        """Without the token."""
        return "ApnsDevice(…)"

    @classmethod
    def read(cls, text: str) -> ApnsDevice:
        """The device. Raises BadAddress: a token becomes a part of a path, and has nothing in it but digits."""
        found = address.read(text, cls)
        if not _TOKEN.fullmatch(found.token):
            raise BadAddress("the device's token is none")
        return found
