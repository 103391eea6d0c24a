"""Where Google takes push messages: one app on one device, by its installation's id or by the older token."""

from __future__ import annotations

import re

import msgspec

from notify import address
from notify.address import BadAddress
from notify.discreet import Discreet

_TOKEN = re.compile(r"[A-Za-z0-9_:-]{20,1000}")
_FID = re.compile(r"[A-Za-z0-9_-]{22}")


class FcmDevice(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"fid": "…"}`, or `{"token": "…"}` of an app that registers in the older way."""

    not_printed = ("fid", "token")

    fid: str | None = None
    """The Firebase installation id, 22 letters of base64url."""
    token: str | None = None
    """The registration token."""

    def __repr__(self) -> str:
        """Without what it holds."""
        return "FcmDevice(…)"

    @classmethod
    def read(cls, text: str) -> FcmDevice:
        """The device. Raises BadAddress unless there is one of the two, in its letters."""
        found = address.read(text, cls)
        fid_is_one = found.fid is not None and _FID.fullmatch(found.fid) is not None
        token_is_one = found.token is not None and _TOKEN.fullmatch(found.token) is not None
        if (found.fid is None) == (found.token is None) or not (fid_is_one or token_is_one):
            raise BadAddress("the device has one fid, or one token")
        return found

    @property
    def name(self) -> str:
        """Whichever of the two it has."""
        return self.fid or self.token or ""
