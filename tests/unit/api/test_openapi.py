"""The document describes the table of routes, and nothing else."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import Any

import pytest

from approvals_hub.api.caller import Caller
from approvals_hub.api.openapi import document, refusals_of
from approvals_hub.api.problems import STATUSES, status_of
from approvals_hub.api.routes import ROUTES
from approvals_hub.core.errors import Invalid, Malformed, NotFound, TooLarge, Unauthenticated, UnsupportedMedia
from tests.unit.api.web_client import Web


def operations() -> list[dict[str, Any]]:
    return [operation for path in document(ROUTES)["paths"].values() for operation in path.values()]


def route(method: str, path: str) -> Any:
    return next(route for route in ROUTES if (route.method, route.path) == (method, path))


def test_every_row_is_an_operation_with_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in operations()]
    assert (len(names), len(set(names))) == (len(ROUTES), len(ROUTES))


def test_every_part_of_a_path_is_described() -> None:
    for path, methods in document(ROUTES)["paths"].items():
        for operation in methods.values():
            given = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
            assert given == set(re.findall(r"\{(\w+)\}", path))


def test_every_reference_leads_somewhere() -> None:
    found = document(ROUTES)
    names = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(found))
    assert set(names) <= set(found["components"]["schemas"])


def test_every_operation_may_fail_as_a_problem() -> None:
    for operation in operations():
        assert "application/problem+json" in operation["responses"]["500"]["content"]


def test_every_operation_may_be_told_that_the_database_is_busy_and_when_to_ask_again() -> None:
    assert all(one["responses"]["503"] == {"$ref": "#/components/responses/Busy"} for one in operations())
    busy = document(ROUTES)["components"]["responses"]["Busy"]
    assert "nothing was done" in busy["description"]
    throttled = [one["responses"]["429"] for one in operations() if "429" in one["responses"]]
    assert all("Retry-After" in each["headers"] for each in (busy, *throttled))


@pytest.mark.parametrize("kind", [Malformed, TooLarge, UnsupportedMedia, Invalid])
def test_whoever_reads_a_body_may_refuse_it(kind: Any) -> None:
    assert all(kind in refusals_of(route) for route in ROUTES if route.has_body)


def test_whoever_needs_proof_may_miss_it() -> None:
    assert Unauthenticated in refusals_of(route("GET", "/v1/agent"))
    assert Unauthenticated not in refusals_of(route("GET", "/v1/public-keys"))


def test_whoever_names_a_thing_may_not_find_it() -> None:
    assert NotFound in refusals_of(route("GET", "/v1/decisions/{id}"))


def test_a_form_refuses_unknown_members_in_the_document_too() -> None:
    assert document(ROUTES)["components"]["schemas"]["NewEscalation"]["additionalProperties"] is False


def test_statuses_are_those_of_the_tree() -> None:
    known = {str(status_of(kind)) for kind in STATUSES} | {"200", "201", "202", "101", "304", "500"}
    assert {status for operation in operations() for status in operation["responses"]} <= known


async def test_the_hub_serves_its_own_document(api: Web) -> None:
    reply = await api.send("GET", "/openapi.json")
    assert reply.json == json.loads(json.dumps(document(ROUTES)))


async def test_a_stranger_who_looks_for_an_old_release_is_told_of_none_on_any_public_path(api: Web) -> None:
    release = version("approvals-hub")
    open_to_all = [each.path for each in ROUTES if each.caller is Caller.PUBLIC and each.method == "GET"]
    assert "/healthz/ready" in open_to_all
    for path in ["/openapi.json", *(path for path in open_to_all if "{" not in path)]:
        reply = await api.send("GET", path)
        assert release not in f"{reply.raw.decode()} {dict(reply.headers)}", path
    assert (await api.send("GET", "/openapi.json")).json["info"]["version"] == "1"


def test_an_answer_of_two_media_types_is_documented_with_both() -> None:
    operation = document(ROUTES)["paths"]["/v1/orgs/{org}/audit/export"]["get"]
    assert set(operation["responses"]["200"]["content"]) == {"application/jsonl", "text/csv"}
