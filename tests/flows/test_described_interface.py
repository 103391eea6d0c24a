"""What the OpenAPI document says is what the hub does: no 5xx, no undocumented status, no answer of another form."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from aiohttp import ClientSession
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from approvals_hub.api.openapi import document
from approvals_hub.api.routes import ROUTES
from approvals_hub_client.canonical import b64u, dumps
from tests.unit.api.web_client import HOST, serving
from tests.unit.hub_actors import Bot, Person
from tests.unit.hub_fixture import staffed_hub

pytestmark = pytest.mark.soak

EXAMPLES = 300 if os.environ.get("SOAK") else 4
AT_LEAST = [
    ("escalations.create", 201),
    ("escalations.read", 200),
    ("decisions.decide", 200),
    ("receipts.receipt", 200),
]
"""What a long walk reaches with the ids that it was given."""
WALKS = EXAMPLES // 2
BROKEN = EXAMPLES // 2
"""Of requests that break the document, for each operation."""
CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
ENDS_ITS_SESSION = {"/v1/sign-out", "/v1/sessions/{id}"}
NO_ANSWER = {"/v1/agent/stream"}


@dataclass
class Callers:
    """A served hub, who calls it, and ids of things that are really there."""

    base: str
    org_id: str
    ids: dict[str, list[str]]
    credentials: dict[str, dict[str, str]]
    owner: Person
    script: Bot
    line: requests.Session
    """Connections that are kept: a new one for each of thousands of requests takes as long as all that is said."""

    async def is_signed_in(self) -> bool:
        """Whether the person's session is still there."""
        headers = {**self.credentials["person"], "Host": HOST}
        async with ClientSession() as session, session.get(f"{self.base}/v1/session", headers=headers) as answer:
            return answer.status == 200


@pytest.fixture
async def on_both(sqlite_path: Path, postgres_uri: str, tmp_path: Path) -> AsyncIterator[list[Callers]]:
    """Two hubs that are told the same, one on each engine: to make a request takes as long as to answer it."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(callers(sqlite_path, tmp_path / "sqlite")),
            await stack.enter_async_context(callers(postgres_uri, tmp_path / "postgres")),
        ]


@asynccontextmanager
async def callers(database_place: Path | str, folder: Path) -> AsyncIterator[Callers]:
    """A hub with an answered and an open question."""
    folder.mkdir()
    line = requests.Session()
    line.trust_env = False
    # Who calls is in each request, and never what an answer before has set.
    line.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    async with staffed_hub(database_place, folder) as house, serving(house) as api:
        answered, opened = (await api.escalate()).json, (await api.escalate()).json
        receipt = await house.owner.answer(answered["escalation_id"])
        script = await house.api_key_agent()
        mine = (await house.hub.escalate(script.credential(), script.asking())).escalation.id
        yield Callers(
            base=f"http://127.0.0.1:{api.port}",
            org_id=house.org_id,
            ids={
                "/v1/escalations": [answered["escalation_id"], opened["escalation_id"], mine],
                "/v1/decisions": [receipt.decision_id],
                "/v1/devices": [house.owner.device_id],
            },
            credentials={
                "agent": {"Authorization": f"Bearer {script.api_key}"},
                "person": {"Authorization": f"Bearer {await api.token(house.owner)}"},
                "nobody": {},
            },
            owner=house.owner,
            script=script,
            line=line,
        )
    line.close()


def shortened(query: dict[str, Any]) -> dict[str, Any]:
    """Whoever asks about something open is held as long as it asks for: a second shows as much as a minute."""
    wait = query.get("wait", 25 if "since" in query else 0)
    return {**query, "wait": 1} if str(wait).isdigit() and int(wait) > 1 else query


def hold_to_the_document(on_both: list[Callers], operation: Any, mode: GenerationMode) -> None:
    """Send each hub the same generated requests to this operation.

    It fails with the first answer that the document does not know.

    Where the mode is negative they break the document on purpose: another type, a member too many or one too few.
    """
    draws = EXAMPLES if mode is GenerationMode.POSITIVE else BROKEN
    here = next((start for start in on_both[0].ids if operation.path.startswith(start)), None)
    known = range(0 if here is None else len(on_both[0].ids[here]))

    @settings(max_examples=draws, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode), named=st.sampled_from([None, *(known or ["x"])]))
    def call(case: Any, named: int | str | None) -> None:
        case.query = shortened(case.query or {})
        for callers in on_both:
            if "org" in case.path_parameters:
                case.path_parameters["org"] = callers.org_id
            if named is not None and "id" in case.path_parameters:
                case.path_parameters["id"] = callers.ids[here][named] if isinstance(named, int) and here else named
            send(callers, case)

    call()


def send(callers: Callers, case: Any) -> None:
    """By everybody who may call; fails with an answer that the document does not know."""
    for who, credentials in callers.credentials.items():
        if who == "person" and case.operation.path in ENDS_ITS_SESSION:
            continue
        headers = {**credentials, "Host": HOST}
        response = case.call(base_url=callers.base, session=callers.line, headers=headers, timeout=30)
        assert response.status_code < 500
        case.validate_response(response, checks=CHECKS)


async def test_the_hub_does_what_its_document_says_on_both_engines(on_both: list[Callers]) -> None:
    # It is read once in each process, and what reads it here writes into it.
    schema = schemathesis.openapi.from_dict(deepcopy(document(ROUTES)))
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        if operation.path not in NO_ANSWER:
            # A request without a form has nothing to break.
            modes = list(GenerationMode) if list(operation.body) or list(operation.query) else [GenerationMode.POSITIVE]
            for mode in modes:
                await asyncio.to_thread(hold_to_the_document, on_both, operation, mode)
            for callers in on_both:
                assert await callers.is_signed_in(), f"{operation.label} ended the session that all are tried with"
    for callers in on_both:
        reached = await asyncio.to_thread(walk_along_the_links, callers, schema)
        if os.environ.get("SOAK"):
            assert {reached[name] > 0 for name in AT_LEAST} == {True}, f"the links led nowhere: {reached}"


def walk_along_the_links(callers: Callers, schema: Any) -> Counter[tuple[str, int]]:
    """Ask, and go on as the document's links lead: what each operation was answered, by its name.

    What no generator can make is put in: the agent's action, and the signature under what the person was shown.
    """
    reached: Counter[tuple[str, int]] = Counter()
    signed = schema.include(path_regex="^/v1/(escalations|decisions|step-ups)")

    class Walk(signed.as_state_machine()):  # type: ignore[misc]  # made by schemathesis
        def before_call(self, case: Any) -> None:
            case.query = shortened(case.query or {})
            name = case.operation.definition.raw["operationId"]
            by_agent = {"signature": []} in case.operation.definition.raw.get("security", [])
            case.headers.pop("Signature", None)  # made up: it would count before the key
            case.headers.update(callers.credentials["agent" if by_agent else "person"])
            if name in ("escalations.create", "escalations.revise"):
                case.body = {"action": callers.script.action(), "justification": "needed", "expires_in": 900}
            elif name == "decisions.view":
                case.body = {"device_id": callers.owner.device_id}
            elif name == "decisions.decide":
                case.body = answer(callers, case.path_parameters["id"]) or case.body

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": callers.base, "session": callers.line, "headers": {"Host": HOST}, "timeout": 30}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            reached[case.operation.definition.raw["operationId"], response.status_code] += 1
            assert response.status_code < 500
            case.validate_response(response, checks=CHECKS)

    Walk.run(
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=6,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
    )
    return reached


def answer(callers: Callers, escalation_id: str) -> dict[str, str] | None:
    """The signed approval of a question that the owner may look at."""
    viewed = callers.line.post(
        f"{callers.base}/v1/escalations/{quote(escalation_id, safe='')}/views",
        json={"device_id": callers.owner.device_id},
        headers={**callers.credentials["person"], "Host": HOST},
        timeout=30,
    )
    if viewed.status_code != 200:
        return None
    statement = {**viewed.json()["statement"], "decision": "approve"}
    signature = callers.owner.signs(statement).signature
    return {"statement": b64u(dumps(statement)), "signature": b64u(signature)}
