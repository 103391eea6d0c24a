"""Addresses that are more than one word: JSON objects, as devices and endpoints hand them over, read strictly."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import TypeVar

import msgspec

LONGEST = 8192
"""Characters of one address as text."""
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")

T = TypeVar("T", bound=msgspec.Struct)


class BadAddress(ValueError):
    """No address of this kind. The text does not quote it."""


def read(text: str, kind: type[T]) -> T:
    """The address that the text is. Raises BadAddress, also for members that `kind` does not have."""
    if len(text) > LONGEST:
        raise BadAddress("the address is too long")
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise BadAddress(f"the address is of another form: {_place(error)}") from None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise BadAddress("the address is no JSON") from None


def octets(text: str, *, length: int) -> bytes:
    """So many bytes from base64url without padding (RFC 4648 section 5). Raises ValueError."""
    if not _BASE64URL.fullmatch(text) or len(text) != (length * 4 + 2) // 3:
        raise ValueError(f"it is {length} bytes in base64url without padding")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _place(error: msgspec.ValidationError) -> str:
    """Where it is wrong. What msgspec says before the place may quote what stands there."""
    found = re.search(r"- at `(\$[a-zA-Z0-9_.\[\]]*)`$", str(error))
    return "its members" if found is None else found[1]
