"""The table of routes: complete, and nothing reachable beside it."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from approvals_hub.api.application import application
from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route
from approvals_hub.api.headers import PROBLEM, answer_headers
from approvals_hub.api.routes import ROUTES
from approvals_hub.api.served import Served
from tests.unit.api.web_client import Web
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub

PROVEN = (Caller.AGENT, Caller.PERSON, Caller.AGENT_OR_PERSON)
READ = {
    "/v1/verify-proof",
    "/v1/agents/register-with-invite",
    "/.well-known/approvals-hub",
    "/v1/public-keys",
    "/healthz/live",
    "/healthz/ready",
    "/v1/tokens/verify",
}
READ |= {"/v1/sign-in-ways", "/v1/sign-ins/{id}"}  # the latter tells nothing without its secret


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_no_two_rows_answer_the_same_request() -> None:
    assert len({named(route) for route in ROUTES}) == len(ROUTES)


def test_every_row_says_what_it_does() -> None:
    assert [named(route) for route in ROUTES if not route.handler.__doc__] == []


def test_what_needs_no_proof_is_known() -> None:
    assert {route.path for route in ROUTES if route.caller is Caller.PUBLIC} == READ


def test_reading_never_takes_a_body() -> None:
    assert [named(route) for route in ROUTES if route.method == "GET" and route.has_body] == []


async def test_nothing_is_served_beside_the_table(house: StaffedHub) -> None:
    app: web.Application = application(house.hub, Served(PUBLIC_URL))
    served = {f"{route.method} {route.resource.canonical}" for route in app.router.routes() if route.resource}
    assert served == {named(route) for route in ROUTES} | {"GET /openapi.json"}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.caller in PROVEN], ids=named)
async def test_a_stranger_is_refused_before_anything_is_read(api: Web, route: Route) -> None:
    path = re.sub(r"\{\w+\}", "x_1", route.path)
    reply = await api.send(route.method, path, b"{}" if route.has_body else b"", {"Content-Type": "text/html"})
    assert reply.status == 401
    assert dict(answer_headers(secure=True), **{"Content-Type": PROBLEM}).items() <= dict(reply.headers).items()


@pytest.mark.parametrize("route", [route for route in ROUTES if route.caller is Caller.PERSON], ids=named)
async def test_an_agent_is_no_person_anywhere(api: Web, route: Route) -> None:
    path = re.sub(r"\{\w+\}", "x_1", route.path)
    reply = await api.call(route.method, path, {} if route.has_body else None, api.house.bot)
    assert (reply.status, reply.code) == (401, "session_missing")


@pytest.mark.parametrize("route", [route for route in ROUTES if "{org}" in route.path], ids=named)
async def test_another_organisation_does_not_exist_anywhere(api: Web, route: Route) -> None:
    path = re.sub(r"\{\w+\}", "0", route.path.replace("{org}", "org_other"))
    reply = await api.call(route.method, path, {} if route.has_body else None, api.house.owner)
    assert (reply.status, reply.code) == (404, "org_unknown")
