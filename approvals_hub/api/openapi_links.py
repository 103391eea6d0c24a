"""Links of the OpenAPI document: what can be done next with the id that an answer brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec

from approvals_hub.api.endpoint import Route

_NAMED = re.compile(r"^/v1/(?P<collection>[a-z-]+)/\{id\}")
_MADE_BY = {"revisions": "escalations"}
"""What is made at an address that has not its name."""
_IRREGULAR = {"recoveries": "recovery"}


def links(route: Route, routes: Iterable[Route]) -> dict[str, Any]:
    """Of an operation's good answer, by the name of the operation that they lead to (OpenAPI 3.1, Link Object).

    What was just made leads on: `escalation_id` in the answer to `POST /v1/escalations` names the `{id}` of every
    operation at `/v1/escalations/{id}…`.
    """
    if route.method != "POST":
        return {}
    last = route.path.rpartition("/")[2]
    made = _MADE_BY.get(last, last)
    found: dict[str, Any] = {}
    for target in routes:
        named = _NAMED.match(target.path)
        if named is None or named["collection"] != made or target is route:
            continue
        member = _IRREGULAR.get(made, made.removesuffix("s")).replace("-", "_") + "_id"
        where = next(_places(route.gives, member), None)
        if where is not None:
            name = operation_id(target)
            found[name] = {"operationId": name, "parameters": {"id": f"$response.body#/{where}"}}
    return found


def operation_id(route: Route) -> str:
    """The name of an operation: its module and function."""
    part = ".partial" if "{width}" in route.path else ""
    return f"{route.handler.__module__.rpartition('.')[2]}.{route.handler.__name__}{part}"


def _places(form: Any, member: str, within: str = "") -> Iterator[str]:
    """Where a member stands in a form, at its top or in a form that it always holds, as a JSON Pointer."""
    if not (isinstance(form, type) and issubclass(form, msgspec.Struct)):
        return
    members = msgspec.structs.fields(form)
    for each in members:
        if each.encode_name == member and each.type is str:
            yield within + member
    if not within:
        for each in members:
            if not get_args(each.type):
                yield from _places(each.type, member, f"{each.encode_name}/")
