"""Receipts over HTTP."""

from __future__ import annotations

from tests.unit.api.test_decisions import answered, opened
from tests.unit.api.web_client import Web


async def test_history_goes_on_where_the_last_page_ended(api: Web) -> None:
    made = [(await answered(api, await opened(api), api.house.owner)).json["decision_id"] for _ in range(3)]
    first = (await api.call("GET", "/v1/decisions?limit=2", who=api.house.owner)).json
    rest = (await api.call("GET", f"/v1/decisions?limit=2&cursor={first['next']}", who=api.house.owner)).json
    assert [item["decision_id"] for item in first["items"] + rest["items"]] == made[::-1]


async def test_a_sealed_answer_proves_that_the_log_has_it(api: Web) -> None:
    decision_id = (await answered(api, await opened(api), api.house.owner)).json["decision_id"]
    await api.house.hub.sealer.seal_all()
    inclusion = (await api.call("GET", f"/v1/decisions/{decision_id}", who=api.house.owner)).json["inclusion"]
    assert decision_id in inclusion["entry"]


async def test_somebody_elses_answer_does_not_exist(api: Web) -> None:
    decision_id = (await answered(api, await opened(api), api.house.owner)).json["decision_id"]
    ada = await api.house.person()
    assert (await api.call("GET", f"/v1/decisions/{decision_id}", who=ada)).status == 404
