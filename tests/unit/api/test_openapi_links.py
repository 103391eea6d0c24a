"""What was just made leads to what can be done with it."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.api.openapi import document
from approvals_hub.api.openapi_links import links, operation_id
from approvals_hub.api.routes import ROUTES


def led_from(method: str, path: str) -> dict[str, Any]:
    [source] = [route for route in ROUTES if (route.method, route.path) == (method, path)]
    return links(source, ROUTES)


@pytest.mark.parametrize(
    ("path", "operation", "where"),
    [
        ("/v1/escalations", "decisions.decide", "escalation_id"),
        ("/v1/escalations/{id}/revisions", "escalations.withdraw", "escalation_id"),
        ("/v1/escalations/{id}/decisions", "receipts.receipt", "decision_id"),
        ("/v1/escalations/{id}/step-ups", "step_ups.complete", "step_up_id"),
        ("/v1/devices", "devices.revoke", "device/device_id"),
        ("/v1/recoveries", "recoveries.cancel", "recovery/recovery_id"),
    ],
)
def test_the_id_of_what_was_made_is_named_where_it_stands(path: str, operation: str, where: str) -> None:
    led = led_from("POST", path)[operation]
    assert led == {"operationId": operation, "parameters": {"id": f"$response.body#/{where}"}}


def test_nothing_leads_on_from_what_makes_nothing() -> None:
    assert led_from("GET", "/v1/escalations/{id}") == {}
    assert led_from("POST", "/v1/tokens/redeem") == {}


def test_every_link_leads_to_an_operation_of_the_document() -> None:
    names = {operation_id(route) for route in ROUTES}
    found = [
        link
        for path in document(ROUTES)["paths"].values()
        for operation in path.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert len(found) > 30
    assert {link["operationId"] for link in found} <= names
