"""Refusals as RFC 9457 problems. Which refusal has which status is known here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from approvals_hub.api.headers import PROBLEM, REQUEST_ID
from approvals_hub.api.openleash_codes import openleash_code
from approvals_hub.core.errors import (
    Conflict,
    Forbidden,
    Gone,
    HubError,
    Invalid,
    Malformed,
    Misdirected,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)

STATUSES: dict[type[HubError], tuple[int, str]] = {
    Malformed: (400, "The request cannot be read"),
    Unauthenticated: (401, "Who is calling is not proven"),
    Forbidden: (403, "Not allowed"),
    NotFound: (404, "Not found"),
    Conflict: (409, "The present state says no"),
    Gone: (410, "Not there any more"),
    TooLarge: (413, "Too large"),
    UnsupportedMedia: (415, "Not a media type that is read here"),
    Misdirected: (421, "Not a host of this hub"),
    Invalid: (422, "A value is wrong"),
    TooMany: (429, "Too many requests"),
    Unavailable: (503, "Not available now"),
}
UNKNOWN = 500
FIRST_REFUSAL = 400
EXPECTATION_FAILED = 417

_CODES = {
    400: ("malformed_request", "Send a well-formed HTTP/1.1 request."),
    404: ("route_unknown", "See /openapi.json for what there is."),
    405: ("method_not_allowed", "Use one of the methods in Allow."),
    413: ("body_too_large", "Send less."),
    417: ("expectation_failed", "Leave Expect out."),
}
_encode = msgspec.json.Encoder().encode


class ProblemError(msgspec.Struct, frozen=True):
    """The same once more, in the place where OpenLeash clients look, and for them in its codes."""

    code: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457. `code` is stable, `next_step` says what the caller can do; some codes carry further members."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None
    next_step: str
    request_id: str
    error: ProblemError


def status_of(kind: type[HubError]) -> int:
    """The status of a kind of refusal."""
    return STATUSES[kind][0]


def refusal(error: HubError, request_id: str, headers: Mapping[str, str], *, openleash: bool = False) -> web.Response:
    """The answer for a refusal; `headers` are those of every answer. `openleash`: whoever asked reads its codes."""
    status, title = STATUSES[type(error)]
    response = _problem(
        status, title, error.code, error.detail, error.next_step, request_id, headers, error, openleash=openleash
    )
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="approvals-hub"'
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def plain(status: int, request_id: str, headers: Mapping[str, str], allow: str | None = None) -> web.Response:
    """The answer where the HTTP layer itself refused: no such route, another method, no request at all."""
    code, next_step = _CODES.get(status, ("http_error", "See RFC 9110."))
    title = web.Response(status=status).reason
    response = _problem(status, title, code, title.lower(), next_step, request_id, headers)
    if allow is not None:
        response.headers["Allow"] = allow
    return response


def failure(request_id: str, headers: Mapping[str, str], *, who: str = "hub") -> web.Response:
    """The answer to an error that nobody foresaw in the program `who`: it tells the caller nothing, the log has
    everything."""
    return _problem(
        UNKNOWN,
        f"The {who} failed",
        "internal_error",
        "something went wrong here; whether it took effect is not known",
        "Try again with the same Idempotency-Key, or read the present state. Name the request id to the operator.",
        request_id,
        headers,
    )


def _problem(
    status: int,
    title: str,
    code: str,
    detail: str,
    next_step: str,
    request_id: str,
    headers: Mapping[str, str],
    error: HubError | None = None,
    *,
    openleash: bool = False,
) -> web.Response:
    extra: dict[str, Any] = {} if error is None else error.extra
    problem = Problem(
        type=f"urn:approvals-hub:problem:{code}",
        title=title,
        status=status,
        code=code,
        detail=detail,
        field=None if error is None else error.field,
        next_step=next_step,
        request_id=request_id,
        error=ProblemError(openleash_code(code, status) if openleash else code, detail),
    )
    body = _encode({**extra, **msgspec.structs.asdict(problem)} if extra else problem)
    return web.Response(body=body, status=status, headers={**headers, "Content-Type": PROBLEM, REQUEST_ID: request_id})
