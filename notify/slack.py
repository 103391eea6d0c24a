"""Messages to a Slack channel over its incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

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

WELL_KNOWN = ("hooks.slack.com", "hooks.slack-gov.com")
LONGEST_HEADER = 150
"""Characters of a header block."""
_WORD = re.compile(rb"[a-z_]{1,60}")
# The webhook was removed, its channel or its workspace is not there any more.
_GONE = frozenset(
    {"no_service", "no_active_hooks", "invalid_token", "no_team", "channel_not_found", "channel_is_archived"}
    | {"user_not_found", "team_disabled"}
)


class SlackSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    hosts: tuple[str, ...] = WELL_KNOWN
    """Where webhooks may be: Slack's own hosts, or those of a server that speaks its language, as Mattermost does."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        HostList(self.hosts)


class Slack(Chat):
    """The channel `slack`. Its answers carry no id."""

    name = "slack"
    longest = 3000

    def __init__(
        self,
        settings: SlackSettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(settings.hosts, session=session, clock=clock, time_limit=time_limit)

    def _message(self, notice: Notice, host: str) -> dict[str, Any]:
        """Texts in blocks of plain text, where nothing is markup; the link alone in one where it has to be."""
        kind = "header" if len(notice.title) <= LONGEST_HEADER else "section"
        blocks = [_plain(kind, notice.title)]
        if notice.text:
            blocks.append(_plain("section", notice.text))
        link = {"type": "mrkdwn", "text": f"<{escaped(notice.link)}|{escaped(host)}>", "verbatim": True}
        blocks.append({"type": "section", "text": link})
        # What phones show on their lock screens, and who reads no blocks: the title alone.
        return {
            "text": escaped(notice.title),
            "mrkdwn": False,
            "blocks": blocks,
            # Slack would fetch the link for a preview.
            "unfurl_links": False,
            "unfurl_media": False,
        }

    def _judged(self, answer: Answer) -> Delivery:
        """What the status and Slack's one word mean; see "Error handling" of the page above."""
        if answer.status == 200:
            if answer.body == b"ok":
                return Delivered()
            return TryLater(AFTER, "it answers 200 with none of Slack's answers", perhaps_sent=True)
        word = _word(answer)
        why = f"Slack answers {answer.status}{'' if word is None else f' {word}'}"
        if word in _GONE or answer.status == 410:
            return AddressGone(why)
        if answer.status == 403:
            return bad_settings(f"{why}: the workspace does not let this webhook write there")
        return self._later(answer) or refused(answer.status) or permanent(why)


def escaped(text: str) -> str:
    """The three letters that are Slack's own, as it wants them (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "text": {"type": "plain_text", "text": text, "emoji": False}}


def _word(answer: Answer) -> str | None:
    return answer.body.decode() if answer.body is not None and _WORD.fullmatch(answer.body) else None
