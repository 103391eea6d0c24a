"""The OpenAPI 3.1 document, made from the route table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route, pattern_of
from approvals_hub.api.headers import JSON, PROBLEM
from approvals_hub.api.openapi_links import links, operation_id
from approvals_hub.api.problems import STATUSES, UNKNOWN, Problem, status_of
from approvals_hub.core.errors import (
    Forbidden,
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

_OF_BODY: tuple[type[HubError], ...] = (Malformed, TooLarge, UnsupportedMedia, Invalid)
_OF_CALLER: dict[Caller, tuple[type[HubError], ...]] = {
    Caller.PUBLIC: (),
    Caller.EXECUTOR: (),
    Caller.VISITOR: (Forbidden, TooMany),
    Caller.AGENT: (Malformed, Unauthenticated, Forbidden),
    Caller.PERSON: (Unauthenticated, Forbidden),
    Caller.AGENT_OR_PERSON: (Malformed, Unauthenticated, Forbidden),
    Caller.PERSON_OR_VISITOR: (Unauthenticated, Forbidden, TooMany),
}
_SIGNED: list[dict[str, list[str]]] = [{"signature": []}, {"openleash": []}, {"api_key": []}]
_SESSION: list[dict[str, list[str]]] = [{"session": []}, {"cookie": []}]
_SECURITY: dict[Caller, list[dict[str, list[str]]]] = {
    Caller.AGENT: _SIGNED,
    Caller.PERSON: _SESSION,
    Caller.AGENT_OR_PERSON: [*_SIGNED, *_SESSION],
    Caller.PERSON_OR_VISITOR: [{}, *_SESSION],
}
_SCHEMES = {
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421 with Ed25519 over the components that /.well-known/approvals-hub lists.",
    },
    "openleash": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Signature",
        "description": "Ed25519 over METHOD, path with query, X-Timestamp, X-Nonce and X-Body-Sha256, joined by LF;"
        " with X-Agent-Id beside them. Not where an Idempotency-Key is needed.",
    },
    "api_key": {"type": "http", "scheme": "bearer", "description": "`ahk_…`: an agent at lower trust."},
    "session": {"type": "http", "scheme": "bearer", "description": "`ses_…`: a person's session in an app."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-approvals-hub"},
}
_BUSY = str(STATUSES[Unavailable][0])
_BUSY_MEANS = (
    "The hub cannot do it now: `database_unavailable` and most others say that nothing was done, `outcome_unknown` that"
    " it may have been; the same request with the same key is safe to send again"
)
_THROTTLED = str(STATUSES[TooMany][0])
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
_parts = re.compile(r"\{(\w+)\}")


def refusals_of(route: Route) -> set[type[HubError]]:
    """Every kind of refusal that an operation may answer with."""
    kinds = {*route.refuses, *_OF_CALLER[route.caller], Misdirected, Malformed, Invalid}
    if route.has_body:
        kinds |= {*_OF_BODY}
    if _parts.search(route.path):
        kinds.add(NotFound)
    return kinds


INTERFACE = "1"
"""The version that a hub says in its own document: that of the interface, as in /v1. Which release runs is nobody's
business who has not signed in (OWASP ASVS 5.0, 13.4.6)."""


def document(routes: Iterable[Route], version: str = INTERFACE) -> dict[str, Any]:
    """The document of these rows, and of this version."""
    return _document(tuple(routes), version)


@cache
def _document(routes: tuple[Route, ...], version: str) -> dict[str, Any]:
    forms = {repr(form): form for route in routes for form in _forms(route)} | {repr(Problem): Problem}
    schemas, components = msgspec.json.schema_components(
        list(forms.values()), ref_template="#/components/schemas/{name}"
    )
    by_form = dict(zip(forms, schemas, strict=True))
    paths: dict[str, Any] = {}
    for route in routes:
        operation = paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_form, components)
        if led := links(route, routes):
            operation["responses"][str(route.status)]["links"] = led
    problem = {PROBLEM: {"schema": by_form[repr(Problem)]}}
    busy = {"description": _BUSY_MEANS, "content": problem, "headers": _RETRY_AFTER}
    for route in (each for each in routes if each.method == "GET"):
        for asks in (route.asks, None if route.otherwise is None else route.otherwise.asks):
            if asks is not None:
                components.pop(asks.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Approvals Hub", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": components, "responses": {"Busy": busy}, "securitySchemes": _SCHEMES},
    }


def _forms(route: Route) -> list[Any]:
    other = () if route.otherwise is None else (route.otherwise.asks, route.otherwise.gives)
    every = (route.asks, route.gives, route.later, *other)
    return [form for form in every if form is not None and not isinstance(form, str)]


def _operation(route: Route, schemas: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    other = route.otherwise
    operation: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": (route.handler.__doc__ or "").strip().splitlines()[0],
        "tags": [route.handler.__module__.rpartition(".")[2]],
        "parameters": _parameters(route, components),
        "responses": _responses(route, schemas),
    }
    if route.has_body:
        operation["requestBody"] = {
            "required": not route.body_may_be_empty,
            "content": {JSON: {"schema": _either(schemas, route.asks, None if other is None else other.asks)}},
        }
    if route.caller in _SECURITY:
        operation["security"] = _SECURITY[route.caller]
    return operation


def _either(schemas: dict[str, Any], ours: Any, theirs: Any) -> dict[str, Any]:
    """The form of a row; either of two where OpenLeash has one of its own there."""
    mine: dict[str, Any] = schemas[repr(ours)]
    return mine if theirs is None else {"anyOf": [mine, schemas[repr(theirs)]]}


def _parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{pattern_of(name)}$"},
        }
        for name in _parts.findall(route.path)
    ]
    if route.method == "GET":
        theirs = None if route.otherwise is None else route.otherwise.asks
        found += [each for asks in (route.asks, theirs) if asks is not None for each in _query(asks, components)]
    if route.keyed:
        key = {"type": "string", "pattern": "^[!-~]{1,128}$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key})
    return found


def _query(asks: Any, components: dict[str, Any]) -> list[dict[str, Any]]:
    schema = components[asks.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": member}
        for name, member in schema["properties"].items()
    ]


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"description": "Done"}
    if isinstance(route.gives, str):
        given["content"] = {kind: {} for kind in route.gives.split()}
    elif route.gives is not None:
        other = None if route.otherwise is None else route.otherwise.gives
        given["content"] = {JSON: {"schema": _either(schemas, route.gives, other)}}
    responses = {str(route.status): given}
    if route.later is not None:
        responses["202"] = {
            "description": "People are asked first",
            "content": {JSON: {"schema": schemas[repr(route.later)]}},
        }
    if route.path == "/v1/escalations/{id}" and route.method == "GET":
        responses["304"] = {"description": "Still the version of If-None-Match"}
    problem = {PROBLEM: {"schema": schemas[repr(Problem)]}}
    for kind in sorted(refusals_of(route), key=status_of):
        status, title = STATUSES[kind]
        responses[str(status)] = {"description": title, "content": problem}
    responses[str(UNKNOWN)] = {"description": "The hub failed", "content": problem}
    responses[_BUSY] = {"$ref": "#/components/responses/Busy"}
    if _THROTTLED in responses:
        responses[_THROTTLED]["headers"] = _RETRY_AFTER
    return responses
