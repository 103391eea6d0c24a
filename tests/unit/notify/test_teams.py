"""What a Teams workflow is asked, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from aiohttp import web

from notify.delivery import Delivered, Delivery, Failed, TryLater
from notify.host_list import HostList
from notify.teams import WELL_KNOWN, TeamsSettings
from tests.contracts.channels.numbered import notice
from tests.fakes.chat_webhook import refused
from tests.unit.notify.test_chat import scene


async def test_a_message_is_a_card_whose_texts_are_no_markdown() -> None:
    async with scene("teams") as found:
        assert await found.send(notice(title="A & B", text="[En](fråga)")) == Delivered()
        body = found.server.arrived[0].body
    assert body == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "lang": "sv",
                    "body": [
                        {
                            "type": "RichTextBlock",
                            "inlines": [{"type": "TextRun", "text": "A & B", "weight": "Bolder"}],
                        },
                        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "[En](fråga)"}]},
                    ],
                    "actions": [
                        {
                            "type": "Action.OpenUrl",
                            "title": "hub.example.se",
                            "url": "https://hub.example.se/app/#/q/esc_1",
                        }
                    ],
                },
            }
        ],
    }


def told(result: Delivery) -> str:
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


@pytest.mark.parametrize(
    ("response", "means"),
    [
        (web.Response(status=202), "Delivered"),
        (web.Response(status=200, text="1"), "TryLater"),
        (web.Response(status=302), "settings"),
        (refused(400, "TriggerInputSchemaMismatch"), "permanent"),
        (refused(400, "WorkflowTriggerIsNotEnabled"), "settings"),
        (refused(401, "DirectApiAuthorizationRequired"), "settings"),
        (refused(403, "AuthorizationFailed"), "settings"),
        (refused(404, "WorkflowNotFound"), "AddressGone"),
        (refused(404, "WorkflowTriggerNotFound"), "AddressGone"),
        (web.Response(status=404, text="<html>"), "settings"),
        (web.Response(status=410), "AddressGone"),
        (web.Response(status=413), "permanent"),
        (refused(429, "WorkflowTriggerRequestsThrottled"), "TryLater"),
        (web.Response(status=502), "TryLater"),
        (web.json_response({"error": ["WorkflowNotFound"]}, status=400), "permanent"),
        (web.json_response({"error": {"code": 7}}, status=400), "permanent"),
    ],
    ids=lambda it: it if isinstance(it, str) else str(it.status),
)
async def test_a_status_and_a_code_mean_what_azure_says(response: web.Response, means: str) -> None:
    async with scene("teams", response) as found:
        assert told(await found.send()) == means


async def test_a_status_that_no_workflow_has_leaves_open_whether_it_was_taken() -> None:
    async with scene("teams", web.Response(status=200)) as found:
        result = await found.send()
    assert isinstance(result, TryLater)
    assert result.perhaps_sent


@pytest.mark.parametrize(
    "url",
    [
        "https://prod-12.westeurope.logic.azure.com:443/workflows/0a/triggers/manual/paths/invoke?sp=%2Ftriggers&sig=x-_",
        "https://prod-12.westeurope.logic.azure.com/workflows/0a/triggers/manual/paths/invoke?sig=x",
        "https://default0a1b.1f.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a?sig=x",
    ],
)
def test_the_urls_that_microsoft_hands_out_are_known(url: str) -> None:
    assert HostList(WELL_KNOWN).origin(url) is not None


@pytest.mark.parametrize("table", [{"hosts": ["*.com:"]}, {"hosts": [""]}, {"title": "x"}])
def test_settings_that_are_unsafe_or_unknown_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"no host|unknown field"):
        msgspec.json.decode(json.dumps(table), type=TeamsSettings)
