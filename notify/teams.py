"""Messages to Microsoft Teams: an Adaptive Card to a workflow's webhook.

https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook,
https://adaptivecards.io/explorer/RichTextBlock.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from notify.channel import TIME_LIMIT
from notify.chat import Chat
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent
from notify.exchange import Answer, refused
from notify.host_list import HostList
from notify.message import Notice

if TYPE_CHECKING:
    from aiohttp import ClientSession

WELL_KNOWN = (
    # Microsoft writes the port into the URLs that it hands out.
    "*.logic.azure.com:443",
    "*.logic.azure.com",
    "*.environment.api.powerplatform.com:443",
    "*.environment.api.powerplatform.com",
)
CARD = "application/vnd.microsoft.card.adaptive"
VERSION = "1.4"
"""Of Adaptive Cards: what Teams shows everywhere."""
_CODE = re.compile(r"[A-Za-z]{1,60}")
_GONE = frozenset({"WorkflowNotFound", "WorkflowTriggerNotFound", "WorkflowTriggerVersionNotFound"})
_OFF = frozenset({"WorkflowTriggerIsNotEnabled", "WorkflowDisabled"})


class TeamsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    hosts: tuple[str, ...] = WELL_KNOWN
    """Where webhooks may be: Microsoft's hosts for workflows; a national cloud has others."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        HostList(self.hosts)


class Teams(Chat):
    """The channel `teams`. Its answers carry no id."""

    name = "teams"
    # A message has 28 KB with everything around it, and a letter may have four bytes.
    longest = 5000

    def __init__(
        self,
        settings: TeamsSettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(settings.hosts, session=session, clock=clock, time_limit=time_limit)

    def _message(self, notice: Notice, host: str) -> dict[str, Any]:
        """Texts in runs: in a `TextBlock` they would be Markdown, and an agent could write links."""
        body = [_run(notice.title, weight="Bolder"), *([_run(notice.text)] if notice.text else [])]
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": VERSION,
            "lang": notice.language,
            "body": body,
            "actions": [{"type": "Action.OpenUrl", "title": host, "url": notice.link}],
        }
        return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}]}

    def _judged(self, answer: Answer) -> Delivery:
        """What the status and the code of Azure's error mean."""
        if answer.status == 202:
            return Delivered()
        if answer.status < 300:
            return TryLater(AFTER, f"it answers {answer.status}, which no workflow does", perhaps_sent=True)
        code = _code(answer)
        why = f"the workflow answers {answer.status}{'' if code is None else f' {code}'}"
        if code in _GONE or answer.status == 410:
            return AddressGone(why)
        if code in _OFF:
            return bad_settings(f"{why}: switch it on")
        return self._later(answer) or refused(answer.status) or permanent(why)


def _run(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _code(answer: Answer) -> str | None:
    told = answer.json()
    error = told.get("error") if isinstance(told, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None
