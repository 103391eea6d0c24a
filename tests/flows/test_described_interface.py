"""What the OpenAPI document says is what the hub does: no 5xx, no undocumented status, no answer of another form."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp import ClientSession
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from approvals_hub.api.openapi import document
from approvals_hub.api.routes import ROUTES
from tests.unit.api.web_client import HOST, serving
from tests.unit.hub_fixture import staffed_hub

pytestmark = pytest.mark.soak

EXAMPLES = 300 if os.environ.get("SOAK") else 4
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

    async def is_signed_in(self) -> bool:
        """Whether the person's session is still there."""
        headers = {**self.credentials["person"], "Host": HOST}
        async with ClientSession() as session, session.get(f"{self.base}/v1/session", headers=headers) as answer:
            return answer.status == 200


@pytest.fixture
async def callers(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Callers]:
    """A hub with an answered and an open question, on each engine."""
    async with staffed_hub(database_place, tmp_path) as house, serving(house) as api:
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
        )


def hold_to_the_document(callers: Callers, operation: Any, draws: int) -> None:
    """Send generated requests to this operation; fails with the first answer that the document does not know."""
    ids = next((ids for start, ids in callers.ids.items() if operation.path.startswith(start)), ["x"])

    @settings(max_examples=draws, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(), named=st.sampled_from([None, *ids]))
    def call(case: Any, named: str | None) -> None:
        if "org" in case.path_parameters:
            case.path_parameters["org"] = callers.org_id
        if named is not None and "id" in case.path_parameters:
            case.path_parameters["id"] = named
        query = case.query or {}
        if isinstance(query.get("wait"), int) or "since" in query:
            # Whoever asks about something open is held as long as it asks for: a second shows as much as a minute.
            case.query["wait"] = min(query.get("wait", 1), 1)
        for who, headers in callers.credentials.items():
            if who == "person" and operation.path in ENDS_ITS_SESSION:
                continue
            response = case.call(base_url=callers.base, headers={**headers, "Host": HOST}, timeout=30)
            assert response.status_code < 500
            case.validate_response(response, checks=CHECKS)

    call()


async def test_the_hub_does_what_its_document_says(callers: Callers) -> None:
    schema = schemathesis.openapi.from_dict(document(ROUTES))
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        if operation.path not in NO_ANSWER:
            await asyncio.to_thread(hold_to_the_document, callers, operation, EXAMPLES)
            assert await callers.is_signed_in(), f"{operation.label} ended the session that all others are tried with"
