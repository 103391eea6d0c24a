"""Bytes to values: size, media type, strict JSON and the form that an operation reads."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from approvals_hub.api.limits import BODY, DEPTH
from approvals_hub.core.errors import Invalid, Malformed, TooLarge, UnsupportedMedia
from approvals_hub_client.canonical import CanonicalError, loads

T = TypeVar("T")

_JSON = re.compile(r'application/json(?:\s*;\s*charset="?utf-8"?)?', re.IGNORECASE)
_at = re.compile(r" - at `(\$[^`]*)`$")
_member = re.compile(r"(?:required|unknown) field `([^`]*)`")


async def read_body(request: web.Request) -> bytes:
    """The whole body, at most `BODY` bytes of it, however it was sent. Raises TooLarge, UnsupportedMedia."""
    if request.headers.get("Content-Encoding") is not None:
        raise UnsupportedMedia(
            "content_encoding",
            "compressed bodies are not read",
            next_step="Send the plain bytes.",
            field="Content-Encoding",
        )
    if (request.content_length or 0) > BODY:
        raise too_large()
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None


def refuse_body(request: web.Request) -> bytes:
    """No bytes. Raises Malformed where a request has a body that nobody reads: what is ignored could be smuggled."""
    if request.body_exists and request.content_length != 0:
        raise Malformed("body_not_expected", "this operation has no body", next_step="Send it without one.")
    return b""


def check_media_type(request: web.Request) -> None:
    """Raise UnsupportedMedia for anything but JSON: a form of another site cannot be sent as JSON."""
    given = request.headers.get("Content-Type", "")
    if given != "application/json" and _JSON.fullmatch(given) is None:
        raise UnsupportedMedia(
            "not_json", "the body is read as application/json only", next_step="Set Content-Type.", field="Content-Type"
        )


def decode(raw: bytes, form: type[T]) -> T:
    """The value of a JSON text in the form that is asked for.

    Raises Malformed for what is no strict JSON, Invalid with the member's path for another form.
    """
    try:
        value = loads(raw, max_depth=DEPTH)
    except CanonicalError as error:
        raise Malformed(
            "malformed_json",
            str(error)[:200],
            next_step="Send one JSON object without duplicate names.",
            field=error.path,
        ) from None
    return shaped(value, form)


def decode_query(request: web.Request, form: type[T] | None) -> T | None:
    """The query in the form that is asked for. Raises Invalid for unknown, repeated and wrong parameters."""
    query: dict[str, str] = {}
    _, _, text = request.raw_path.partition("?")
    if text:
        try:
            # Not `request.query`: aiohttp would keep the parsed one for as long as the request waits.
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=32)
        except ValueError:
            raise _invalid("the query is not well-formed", "$") from None
        query = dict(pairs)
        if len(query) != len(pairs):
            raise _invalid("a parameter is given twice", "$")
        if form is None:
            raise _invalid("this operation takes no parameters", f"$.{next(iter(query))[:64]}")
    return None if form is None else shaped(query, form, strict=False)


def shaped(value: Any, form: type[T], *, strict: bool = True) -> T:
    """The value as `form`. Raises Invalid with the path of the first member that is wrong."""
    try:
        return msgspec.convert(value, form, strict=strict)
    except msgspec.ValidationError as error:
        message = str(error)
        at = _at.search(message)
        path = at[1] if at else "$"
        member = _member.search(message)
        raise _invalid(message[:300], f"{path}.{member[1][:64]}" if member else path) from None


def too_large() -> TooLarge:
    """The body is over the limit."""
    return TooLarge(
        "body_too_large", f"a body has at most {BODY} bytes", next_step="Send large content as attachments by hash."
    )


def _invalid(detail: str, path: str) -> Invalid:
    return Invalid("invalid_request", detail, next_step="Correct the named member.", field=path)
