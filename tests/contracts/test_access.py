"""Who may call what: every kind of caller, every route, compared with a reviewed table.

A cell is the status: 2xx was carried out; 401, 403 and 404 were refused; 409 and 422 were let in and failed on the
state of what they were about.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from approvals_hub.api.call import COOKIE
from approvals_hub.api.caller import Caller
from approvals_hub.api.headers import answer_headers
from approvals_hub.api.routes import ROUTES
from approvals_hub.db.database import Tx
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub_client.canonical import b64u
from tests.contracts.rows import KEYED, LAST, ROWS
from tests.contracts.scene import CALLERS, PEOPLE, STRANGERS, Scene, scene
from tests.fakes.bankid_scene import authorities
from tests.fakes.google_push import service_account
from tests.flows.conftest import url_of
from tests.flows.signed import proven
from tests.flows.world import Given, serve, set_up

TABLE = Path(__file__).with_name("access_matrix.txt")
REFUSED = {"401", "403", "404"}
BY_ITSELF = {Caller.PUBLIC, Caller.VISITOR, Caller.EXECUTOR, Caller.PERSON_OR_VISITOR}
"""Rows whose proof lies in the body or is not needed: whoever else one is does not matter."""
ALWAYS = {name: value for name, value in answer_headers(secure=False).items() if name != "Content-Type"}
NO_ENTRY = {
    "POST /v1/tokens/verify": "says what a token says",
    "POST /v1/verify-proof": "says what a token says",
    "POST /v1/challenges": "gives something to sign",
    "POST /v1/agents/registration-challenge": "gives something to sign",
    "POST /v1/agent/approval-requests": "of an agent of our own signing it is the question that authorizing opened",
    "POST /v1/sessions/refresh": "goes on with a session; a token that comes twice ends it, which is an entry",
    "POST /v1/invitations": "says where a link leads",
    "POST /v1/factors": "begins; what is tied in the end is an entry",
    "PUT /v1/orgs/{org}/notices/read": "a mark of one's own in a list",
    "POST /v1/tellings/{id}/receipts": "stands in the delivery log",
    "POST /v1/orgs/{org}/routes/{name}/preview": "keeps nothing",
    "POST /v1/orgs/{org}/policies/explain": "keeps nothing",
    "POST /v1/orgs/{org}/policies/{name}/lint": "keeps nothing",
    "DELETE /v1/sessions": "ends others, of which there may be none",
}
"""Whose success leaves no entry, and why; everything else that is not a GET leaves one."""
STAYS = {
    "DELETE /v1/devices/{id}/push",
    "DELETE /v1/recoveries/{id}",
    "DELETE /v1/orgs/{org}/break-glass/{id}",
    "DELETE /v1/step-ups/{id}",
    "DELETE /v1/orgs/{org}/trusted-hubs/{id}/keys/{kid}",
    "DELETE /v1/orgs/{org}/policy-drafts/{id}",
    "DELETE /v1/sessions",
    "DELETE /v1/orgs/{org}/joinings/{id}",
    "DELETE /v1/orgs/{org}/signals/{name}/setting",
}
"""Whose end is a state of what stays: ended once more, they answer the same. Everything else is not there any more."""
CALLED_BY = {f"{route.method} {route.path}": route.caller for route in ROUTES}
OWNED = {name for name, caller in CALLED_BY.items() if caller not in BY_ITSELF}


def routes() -> list[str]:
    """Every row's name, in the table's order."""
    return [f"{route.method} {route.path}" for route in ROUTES]


def reviewed() -> dict[str, dict[str, str]]:
    """The table: caller, then route, then cell."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    header = re.split(r"\s{2,}", lines[0].strip())
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines[1:]]
    return {caller: {row[0]: row[1 + column] for row in rows} for column, caller in enumerate(header[1:])}


@pytest.fixture(params=[*CALLERS, *(f"{stranger} on postgres" for stranger in STRANGERS)])
def caller_and_place(request: pytest.FixtureRequest) -> tuple[str, Path | str]:
    """Every kind of caller; strangers on PostgreSQL too, whose row level security stands behind."""
    caller, _, engine = request.param.partition(" on ")
    return caller, request.getfixturevalue("postgres_uri" if engine else "sqlite_path")


@pytest.fixture
async def called(caller_and_place: tuple[str, Path | str], tmp_path: Path) -> AsyncIterator[Scene]:
    """An organisation and one kind of caller."""
    caller, place = caller_and_place
    # BankID and Google's push service are set up and never asked.
    android = {"kind": "fcm", "service_account": service_account("http://127.0.0.1:9")}
    bankid = {"url": "https://bankid.example/rp", **authorities().write(tmp_path)}
    limits = HubLimits(organisations_per_person=1)
    async with serve(
        tmp_path, url_of(place), step_up={"bankid": bankid}, channels={"android": android}, limits=limits
    ) as world:
        yield await scene(await set_up(world), caller)


async def test_every_caller_gets_what_the_table_says_from_every_route(called: Scene) -> None:
    found, leaks, bare, unrecorded, fooled, after = {}, [], [], [], [], []
    for route in [*(route for route in routes() if route not in LAST), *LAST]:
        path, body = await ROWS[route](called)
        before = await entries(called)
        given = await called.send(
            route.partition(" ")[0], path, body, key=os.urandom(4).hex() if route in KEYED else ""
        )
        found[route] = str(given.status)
        if called.caller in STRANGERS and route in OWNED and any(name in given.body for name in names(called)):
            leaks.append(route)
        if not ALWAYS.items() <= given.headers.items() or "Request-Id" not in given.headers:
            bare.append(route)
        if is_recorded(called.caller, route, given.status) and await entries(called) == before:
            unrecorded.append(f"{route} {given.status}")
        if called.caller == "nobody" and route in OWNED:
            fooled += [f"{route} {status}" for status in await forged(called, route, path, body) if status != 401]
        if called.caller == "owner" and route.startswith("DELETE ") and given.status < 300:
            after += await used_again(called, route, path, body, given)
    expected = reviewed()[called.caller]
    assert {route: found[route] for route in routes()} == {route: expected[route] for route in routes()}
    assert (leaks, bare, unrecorded, fooled, after) == ([], [], [], [], [])


async def forged(scene: Scene, route: str, path: str, body: Any) -> list[int]:
    """What the route answers to credentials, of the kinds that it takes, that somebody made up."""
    method, made_up = route.partition(" ")[0], b64u(os.urandom(32))
    signed, raw = proven(replace(scene.bot.credential, seed=os.urandom(32)), method, path, body, "key")
    proof = {name: value for name, value in signed.items() if name.startswith("Signature") or name == "Content-Digest"}
    of_agents = [{"Authorization": f"Bearer ahk_{made_up}"}, proof]
    cookie = {"Cookie": f"{COOKIE}=ses_{made_up}", "Sec-Fetch-Site": "same-origin"}
    of_people = [{"Authorization": f"Bearer ses_{made_up}"}, cookie]
    caller = CALLED_BY[route]
    proofs = (of_agents if caller is not Caller.PERSON else []) + (of_people if caller is not Caller.AGENT else [])
    plain = {name: value for name, value in signed.items() if name in ("Content-Type", "Idempotency-Key")}
    found = []
    async with aiohttp.ClientSession(scene.world.base_url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        for proof in proofs:
            async with http.request(method, path, data=raw or None, headers=plain | proof) as answer:
                found.append(answer.status)
    return found


async def used_again(scene: Scene, route: str, path: str, body: Any, ended: Given) -> list[str]:
    """What ends something, and what reads it, once more: the answers that it should not get."""
    if route in STAYS and body is not None and "fresh" in body:
        body = {**body, "fresh": await scene.fresh()}  # a factor is good for one call
    again, wrong = await scene.send("DELETE", path, body), []
    if (timeless(again) != timeless(ended)) if route in STAYS else again.status not in (401, 404):
        wrong.append(f"{route} again: {again.status} {again.body!r}")
    reading = route.replace("DELETE", "GET")
    if reading in ROWS and route not in STAYS and (read := await scene.send("GET", path)).status not in (401, 404):
        wrong.append(f"{reading} afterwards: {read.status}")
    return wrong


def timeless(given: Given) -> tuple[int, dict[str, Any]]:
    """The answer without the hub's time of it."""
    return given.status, {name: value for name, value in given.json().items() if name != "now"}


def is_recorded(caller: str, route: str, status: int) -> bool:
    """Whether the log must say that somebody did this, or that a person who is known was refused it."""
    if route.startswith("GET "):
        return False
    if status < 300:
        # The question of the paused agent has ended with its pause: withdrawing it once more is no change.
        return route not in NO_ENTRY and caller != "paused_agent"
    return status == 403 and caller in (*PEOPLE, "enrolment")


async def entries(scene: Scene) -> int:
    """How many entries all logs have."""

    async def work(tx: Tx) -> int:
        row = await tx.row("SELECT COUNT(*) AS count FROM audit_entries")
        assert row is not None
        return int(row["count"])

    return await scene.world.hub.db.read(work)


def names(scene: Scene) -> list[bytes]:
    """What a stranger must never read."""
    ids = (scene.world.org_id, scene.ada.person_id, scene.ada.device_id, scene.bot.credential.agent_id)
    return [text.encode() for text in ids]


def test_every_route_has_its_row_in_the_table_and_no_row_is_left_over() -> None:
    table = reviewed()
    assert tuple(table) == CALLERS
    assert list(table["nobody"]) == routes()


@pytest.mark.parametrize("stranger", [*STRANGERS, "nobody"])
def test_the_table_lets_no_stranger_near_what_belongs_to_an_organisation(stranger: str) -> None:
    named = {route for route in OWNED if "{" in route}
    let_in = {route: cell for route, cell in reviewed()[stranger].items() if route in named and cell not in REFUSED}
    assert let_in == {}
