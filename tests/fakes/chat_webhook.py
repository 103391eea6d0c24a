"""Incoming webhooks of two chats on this machine, and what their readers see."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from aiohttp import web

from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

WAIT = 11


class ChatWebhook(VendorServer):
    """Has webhooks by their path. Whoever writes gets what a reader would see: text, and links."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(authority.server("127.0.0.1"))
        self.hooks: set[str] = set()
        self.links: list[tuple[str, str]] = []
        """What a reader can follow: where it leads, and what is written on it."""

    @property
    def host(self) -> str:
        """As settings name it."""
        return self.base_url.removeprefix("https://")

    def url(self, path: str) -> str:
        """Of a webhook; without being in `hooks`, one that was removed."""
        return f"{self.base_url}{path}"

    async def told(self, request: web.Request) -> Any:
        """The body, where a webhook is there and it is asked as it should be."""
        if request.method == "POST" and request.content_type == "application/json":
            return json.loads(await request.text())
        return None


class SlackWebhook(ChatWebhook):
    """Slack's: it answers in plain words."""

    async def answer(self, request: web.Request) -> web.Response:
        message = await self.told(request)
        if message is None:
            return web.Response(status=400, text="invalid_payload")
        if request.path not in self.hooks:
            return web.Response(status=404, text="no_service")
        shown: list[str] = []
        for block in message["blocks"]:
            wrong = self._read(block, shown)
            if wrong is not None:
                return web.Response(status=400, text=wrong)
        if not message["text"] or re.search(r"<(?!$)", message["text"]):
            return web.Response(status=400, text="no_text")
        self.keep(Arrival(self.url(request.path), shown[1], "", dict(request.headers), message))
        return web.Response(text="ok")

    def throttled(self) -> web.Response:
        return web.Response(status=429, text="rate_limited", headers={"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return web.Response(status=403, text="action_prohibited")

    def _read(self, block: Any, shown: list[str]) -> str | None:
        text, most = block["text"], {"header": 150, "section": 3000}[block["type"]]
        if not 0 < len(text["text"]) <= most:
            return "invalid_blocks"
        if text["type"] == "plain_text":
            shown.append(text["text"])
            return None
        # Between angle brackets Slack reads links and mentions; what is written there as &lt; it shows.
        for target, label in re.findall(r"<([^|>]+)\|([^>]*)>", text["text"]):
            self.links.append((html.unescape(target), html.unescape(label)))
        return None


class TeamsWorkflow(ChatWebhook):
    """A workflow's, "when a Teams webhook request is received": it answers before the message is posted."""

    success = 202

    async def answer(self, request: web.Request) -> web.Response:
        message = await self.told(request)
        if request.path not in self.hooks:
            return refused(404, "WorkflowNotFound")
        if message is None or message.get("type") != "message" or len(await request.read()) > 28_000:
            return refused(400, "TriggerInputSchemaMismatch")
        (attachment,) = message["attachments"]
        card = attachment["content"]
        if attachment["contentType"] != "application/vnd.microsoft.card.adaptive" or card["type"] != "AdaptiveCard":
            return refused(400, "TriggerInputSchemaMismatch")
        # Runs are shown as they are; a TextBlock would be Markdown.
        shown = [run["text"] for block in card["body"] if block["type"] == "RichTextBlock" for run in block["inlines"]]
        self.links += [(act["url"], act["title"]) for act in card["actions"] if act["type"] == "Action.OpenUrl"]
        self.keep(Arrival(self.url(request.path), shown[1], "", dict(request.headers), message))
        return web.Response(status=202)

    def throttled(self) -> web.Response:
        return refused(429, "WorkflowTriggerRequestsThrottled", {"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return refused(401, "DirectApiAuthorizationRequired")


def refused(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error in Azure's form."""
    return web.json_response({"error": {"code": code, "message": code}}, status=status, headers=headers)
