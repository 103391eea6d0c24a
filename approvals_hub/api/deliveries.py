"""The delivery log over HTTP: every attempt to tell somebody."""

from __future__ import annotations

from typing import Literal

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Id, Items, PageQuery, Time, instant, page
from approvals_hub.api.push import ChannelName
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Tried, Wanted

Status = Literal["delivered", "gone", "later", "settings", "refused", "permanent"]


class DeliveriesQuery(PageQuery, frozen=True):
    """Which attempts, newest first; `since` is included, `until` is not."""

    escalation: Id | None = None
    person: Id | None = None
    channel: ChannelName | None = None
    status: Status | None = None
    since: Time | None = None
    until: Time | None = None


class DeliveryView(msgspec.Struct, frozen=True):
    """One attempt, the `attempt`th of its telling; 0 for a test of settings that were not saved. The recipient is
    masked; no person where a chat or a program was told. `said` are the provider's words, as far as they are known. A
    telling `tst_…` is a test message."""

    delivery_id: str
    at: str
    telling_id: str
    escalation_id: str | None
    person_id: str | None
    channel: str
    recipient: str
    attempt: int
    status: Status
    provider_id: str | None
    latency_ms: int
    said: str | None


class RetriedView(msgspec.Struct, frozen=True):
    """What is sent once more, and how often it was before."""

    telling_id: str
    escalation_id: str
    attempts: int


async def listed(call: Call[DeliveriesQuery]) -> Items[DeliveryView]:
    """Attempts to tell people of questions, and of news of their accounts."""
    asked = call.asked
    wanted = Wanted(
        escalation_id=asked.escalation,
        person_id=asked.person,
        channel=asked.channel,
        status=asked.status,
        since=None if asked.since is None else instant(asked.since, "$.since"),
        until=None if asked.until is None else instant(asked.until, "$.until"),
    )
    found = await call.hub.channels.deliveries(call.person, wanted, before=asked.cursor, limit=asked.limit + 1)
    return page([_view(each) for each in found], asked.limit, lambda last: last.delivery_id)


async def retry(call: Call[None]) -> RetriedView:
    """Send once more what never arrived, while its question is open: with the same id, at the same address."""
    return RetriedView(**msgspec.structs.asdict(await call.hub.channels.retried(call.person, call.part("id"))))


def _view(tried: Tried) -> DeliveryView:
    return DeliveryView(**{**msgspec.structs.asdict(tried), "at": to_text(tried.at)})
