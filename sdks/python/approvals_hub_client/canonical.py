"""JSON with one text per value: strict reading, RFC 8785 (JCS) writing, SHA-256 texts and canonical base64url.

What is hashed and signed anywhere in the hub goes through this file, so it refuses everything that two parsers
could read differently: duplicate keys, NaN, numbers that lose digits, lone surrogates, deep nesting.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec
import rfc8785

MAX_DEPTH = 32
"""How many arrays and objects may be nested in a text that `loads` reads."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON implementation keeps exactly."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_string = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
# From U+10000 on the order of UTF-16 units (RFC 8785) and of code points (msgspec) may differ.
_beyond_the_basic_plane = re.compile(rb"[\xf0-\xf4]")
_exponent_starts_at = 1e21  # RFC 8785 writes smaller numbers without an exponent, so they read back as integers


class CanonicalError(ValueError):
    """The text or value has no single canonical form. `path` (`$.payload.amount`) is None where it is not known."""

    def __init__(self, message: str, path: str | None = None) -> None:
        """Name the fault and, where it is known, its place."""
        super().__init__(f"{message} at {path}" if path else message)
        self.path = path


def loads(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Any:
    """Read one JSON text (RFC 8259, I-JSON RFC 7493) strictly.

    Raises CanonicalError for duplicate keys, NaN and infinities, integers beyond ±(2^53−1) (also those written as
    a float or that would be written back as one), lone surrogates, more than `max_depth` levels, invalid UTF-8, a
    byte order mark and everything else that is not JSON.
    """
    try:
        raw = data.encode() if isinstance(data, str) else data
        value = _decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise CanonicalError(f"not strict JSON: {error}") from None
    if not _only_plain((value,)):
        _check(value, "$")
    # Members that a duplicate key has swallowed are missing from the text written back.
    if _encode(value) != raw and _count_members(value) != _string.sub(b"", raw).count(b":"):
        raise CanonicalError("duplicate key", _find_duplicate(raw))
    if raw.count(b"{") + raw.count(b"[") > max_depth:
        _check_depth(value, max_depth, "$")
    return value


def dumps(value: Any) -> bytes:
    """The RFC 8785 (JCS) bytes of a value made of dict, list, str, int, float, bool and None.

    Raises CanonicalError for any other type (subclasses included), for numbers that `loads` would refuse, for
    lone surrogates, and for values nested beyond the interpreter's limit.
    """
    try:
        text = _encode_sorted(value)
        if _only_plain((value,)) and (text.isascii() or not _beyond_the_basic_plane.search(text)):
            return text
        _check(value, "$")
        return rfc8785.dumps(value)
    except CanonicalError:
        raise
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError, rfc8785.CanonicalizationError) as error:
        raise CanonicalError(f"no canonical form: {error}") from None


def sha256_text(data: bytes) -> str:
    """`sha256:` and 64 lower-case hexadecimal digits."""
    return "sha256:" + sha256(data).hexdigest()


def b64u(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    """The bytes of a base64url text without padding.

    Raises CanonicalError unless `text` is exactly what `b64u` writes: no padding, no other alphabet, no spare bits.
    """
    try:
        data = urlsafe_b64decode(text.encode() + b"==")
    except ValueError:
        raise CanonicalError("not base64url") from None
    if b64u(data) != text:
        raise CanonicalError("not canonical base64url")
    return data


def _only_plain(values: Iterable[Any]) -> bool:
    """Whether there are only strings, exact integers, booleans and nulls: the case msgspec writes as RFC 8785 does."""
    for value in values:
        kind = type(value)
        if kind is str:
            continue
        if kind is int:
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                return False
        elif kind is dict:
            if not _only_plain(value.values()):
                return False
        elif kind is list:
            if not _only_plain(value):
                return False
        elif value is not None and kind is not bool:
            return False
    return True


def _check(value: Any, path: str) -> None:
    """Raise CanonicalError with the path of the first value that has no canonical form."""
    kind = type(value)
    if kind is dict:
        for key, member in value.items():
            if type(key) is not str:
                raise CanonicalError("a key is not a string", path)
            _check(member, f"{path}.{key}")
    elif kind is list:
        for index, member in enumerate(value):
            _check(member, f"{path}[{index}]")
    elif kind is int:
        if abs(value) > MAX_INTEGER:
            raise CanonicalError("integer beyond 2^53-1", path)
    elif kind is float:
        if value != value or value in (float("inf"), float("-inf")):
            raise CanonicalError("not a finite number", path)
        if MAX_INTEGER < abs(value) < _exponent_starts_at:
            raise CanonicalError("integer beyond 2^53-1", path)
    elif value is not None and kind not in (str, bool):
        raise CanonicalError(f"a {kind.__name__} is not JSON", path)


def _check_depth(value: Any, left: int, path: str) -> None:
    if type(value) not in (dict, list):
        return
    if not left:
        raise CanonicalError("nested too deep", path)
    members = value.items() if type(value) is dict else enumerate(value)
    for key, member in members:
        _check_depth(member, left - 1, f"{path}.{key}" if type(value) is dict else f"{path}[{key}]")


def _count_members(value: Any) -> int:
    if type(value) is dict:
        return len(value) + sum(map(_count_members, value.values()))
    return sum(map(_count_members, value)) if type(value) is list else 0


class _Members(list[tuple[str, Any]]):
    """An object's members in the order of the text, duplicates kept."""


def _find_duplicate(raw: bytes) -> str | None:
    """The path of the first duplicate key of a text that is known to hold one."""
    todo: list[tuple[str, Any]] = [("$", json.loads(raw, object_pairs_hook=_Members))]
    for path, value in todo:
        if isinstance(value, _Members):
            seen = set()
            for key, member in value:
                if key in seen:
                    return f"{path}.{key}"
                seen.add(key)
                todo.append((f"{path}.{key}", member))
        elif isinstance(value, list):
            todo.extend((f"{path}[{index}]", member) for index, member in enumerate(value))
    return None
