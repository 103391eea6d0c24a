"""What Slack is asked, and what its words mean."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from aiohttp import web

from notify.delivery import Delivered, Delivery, Failed, TryLater
from notify.host_list import HostList
from notify.slack import WELL_KNOWN, SlackSettings, escaped
from tests.contracts.channels.numbered import notice
from tests.unit.notify.test_chat import scene


async def sent(**changes: Any) -> Any:
    async with scene("slack") as found:
        assert await found.send(notice(**changes)) == Delivered()
        return found.server.arrived[0].body


async def test_a_message_has_plain_blocks_a_link_and_no_preview() -> None:
    assert await sent(title="A & B <ask>", text="En *fråga*") == {
        "text": "A &amp; B &lt;ask&gt;",
        "mrkdwn": False,
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "A & B <ask>", "emoji": False}},
            {"type": "section", "text": {"type": "plain_text", "text": "En *fråga*", "emoji": False}},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "<https://hub.example.se/app/#/q/esc_1|hub.example.se>",
                    "verbatim": True,
                },
            },
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


async def test_what_a_lock_screen_shows_is_the_title_alone() -> None:
    body = await sent(title="Robot asks", text="secret parameters")
    assert body["text"] == "Robot asks"


async def test_a_title_longer_than_a_header_is_a_section() -> None:
    assert (await sent(title="x" * 200))["blocks"][0]["type"] == "section"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;", "&amp;lt;"),
        ("a|b", "a|b"),
        ("<https://evil|x>", "&lt;https://evil|x&gt;"),
    ],
)
def test_slacks_own_letters_are_escaped_once(text: str, told: str) -> None:
    assert escaped(text) == told


def told(result: Delivery) -> str:
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, "ok", "Delivered"),
        (200, "ok\n", "TryLater"),
        (200, "<html>", "TryLater"),
        (200, "", "TryLater"),
        (400, "invalid_payload", "permanent"),
        (400, "invalid_blocks", "permanent"),
        (400, "user_not_found", "AddressGone"),
        (403, "action_prohibited", "settings"),
        (403, "posting_to_general_channel_denied", "settings"),
        (403, "invalid_token", "AddressGone"),
        (404, "no_service", "AddressGone"),
        (404, "no_active_hooks", "AddressGone"),
        (404, "channel_not_found", "AddressGone"),
        (404, "no_team", "AddressGone"),
        (404, "<html>not here", "settings"),
        (410, "channel_is_archived", "AddressGone"),
        (302, "", "settings"),
        (429, "rate_limited", "TryLater"),
        (500, "rollup_error", "TryLater"),
    ],
)
async def test_a_status_and_a_word_mean_what_slacks_page_says(status: int, body: str, means: str) -> None:
    async with scene("slack", web.Response(status=status, text=body)) as found:
        assert told(await found.send()) == means


async def test_an_answer_that_is_none_of_slacks_leaves_open_whether_it_was_taken() -> None:
    async with scene("slack", web.Response(text="<html>")) as found:
        result = await found.send()
    assert isinstance(result, TryLater)
    assert result.perhaps_sent


async def test_what_slack_says_beyond_one_word_is_not_told() -> None:
    async with scene("slack", web.Response(status=400, text="no room for 48151623")) as found:
        assert "48151623" not in repr(await found.send())


def test_slacks_hosts_are_known_and_others_are_the_operators_to_name() -> None:
    assert HostList(WELL_KNOWN).origin("https://hooks.slack.com/services/T0/B0/x") is not None
    assert msgspec.convert({"hosts": ["chat.example.se"]}, SlackSettings).hosts == ("chat.example.se",)


@pytest.mark.parametrize("table", [{"hosts": ["*"]}, {"hosts": ["https://hooks.slack.com"]}, {"token": "xoxb"}])
def test_settings_that_are_unsafe_or_unknown_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"no host|unknown field"):
        msgspec.json.decode(json.dumps(table), type=SlackSettings)
