"""The table of routes: complete, and nothing reachable beside it."""

from __future__ import annotations

import re

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
    "/.well-known/approvals-hub",
    "/llms.txt",
    "/skill.md",
    "/v1/verify-proof",
    "/v1/agents/register-with-invite",  # how to, for OpenLeash agents
    "/v1/public-keys",
    "/healthz/live",
    "/healthz/ready",
    "/v1/tokens/verify",
}
READ |= {"/v1/sign-in-ways", "/v1/sign-ins/{id}"}  # the latter tells nothing without its secret


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route, name: str) -> str:
    """Where it is for everything of that name, in another organisation."""
    return re.sub(r"\{\w+\}", name, route.path.replace("{org}", "org_other"))


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


async def test_a_stranger_is_refused_before_anything_is_read(api: Web) -> None:
    refused = dict(answer_headers(secure=True), **{"Content-Type": PROBLEM})
    let_in = {}
    for route in ROUTES:
        if route.caller in PROVEN:
            body = b"{}" if route.has_body else b""
            reply = await api.send(route.method, path_of(route, "x_1"), body, {"Content-Type": "text/html"})
            if reply.status != 401 or not refused.items() <= dict(reply.headers).items():
                let_in[named(route)] = (reply.status, dict(reply.headers))
    assert let_in == {}


async def test_an_agent_is_no_person_anywhere(api: Web) -> None:
    let_in = {}
    for route in ROUTES:
        if route.caller is Caller.PERSON:
            body = {} if route.has_body else None
            reply = await api.call(route.method, path_of(route, "x_1"), body, api.house.bot)
            if (reply.status, reply.code) != (401, "session_missing"):
                let_in[named(route)] = (reply.status, reply.code)
    assert let_in == {}


async def test_another_organisation_does_not_exist_anywhere(api: Web) -> None:
    found = {}
    for route in ROUTES:
        if "{org}" in route.path:
            body = {} if route.has_body else None
            reply = await api.call(route.method, path_of(route, "0"), body, api.house.owner)
            if (reply.status, reply.code) != (404, "org_unknown"):
                found[named(route)] = (reply.status, reply.code)
    assert found == {}
