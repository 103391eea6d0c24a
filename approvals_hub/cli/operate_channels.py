"""What the operator may do about organisations' channels and deliveries: a part of the table in `operate.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from approvals_hub.cli.arguments import Answer, Arguments, Nothing
from approvals_hub.cli.operate_presence import time_of
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import HubError
from approvals_hub.hub import Hub, ShownChannel, Wanted
from approvals_hub.people.acting import OperatorCredential


class OneChannel(Arguments, frozen=True):
    """A command about one channel; `version` is the one that is meant, the one that stands unless said."""

    name: str
    version: int | None = None


class NewChannel(Arguments, frozen=True):
    """A channel to set up, or to change; secrets that are left out stay."""

    name: str
    kind: str
    settings: dict[str, Any]
    language: str | None = None
    version: int | None = None

    def __repr__(self) -> str:
        """Without the settings: secrets are among them."""
        return f"NewChannel({self.name})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same, for printers that lay it out themselves."""
        return [("name", self.name), ("kind", self.kind)]


class OneTest(Arguments, frozen=True):
    """A channel, and the member who is told where it has no address of its own."""

    name: str
    person_id: str | None = None


class NewDisclosure(Arguments, frozen=True):
    """What to set; the rest stays as it is. Nothing at all: only read."""

    said: dict[str, str] = msgspec.field(default_factory=dict)


class Log(Arguments, frozen=True):
    """Which attempts, newest first."""

    escalation: str | None = None
    person: str | None = None
    channel: str | None = None
    status: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 100
    cursor: str | None = None


class OneDelivery(Arguments, frozen=True):
    """An attempt of the delivery log."""

    delivery_id: str


async def list_channels(hub: Hub, given: Nothing) -> Answer:
    """All, with how they do, and whom too few of them reach."""
    operator = OperatorCredential(await the_org(hub, given.org))
    found = await hub.channels.read.warnings(operator)
    few = [{"whom": each.whom, "name": each.name, "channels": each.channels} for each in found]
    return {"items": [_plain(each) for each in await hub.channels.read(operator)], "few_channels": few}


async def show_channel(hub: Hub, given: OneChannel) -> Answer:
    """One, without its secrets."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _plain(await hub.channels.read.one(operator, given.name))


async def set_channel(hub: Hub, given: NewChannel) -> Answer:
    """Set one up, or change it."""
    operator = OperatorCredential(await the_org(hub, given.org))
    version = await _standing(hub, operator, given.name) if given.version is None else given.version
    made = await hub.channels.put(
        operator, given.name, given.kind, given.settings, language=given.language, version=version
    )
    return _plain(made)


async def delete_channel(hub: Hub, given: OneChannel) -> Answer:
    """Take one away that no route names."""
    operator = OperatorCredential(await the_org(hub, given.org))
    version = await _standing(hub, operator, given.name) if given.version is None else given.version
    return _plain(await hub.channels.delete(operator, given.name, version=version))


async def try_channel(hub: Hub, given: OneTest) -> Answer:
    """Send a test message."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return msgspec.structs.asdict(await hub.channels.tried(operator, given.name, person_id=given.person_id))


async def disclosure(hub: Hub, given: NewDisclosure) -> Answer:
    """How much messages say, after the change if there is one."""
    operator = OperatorCredential(await the_org(hub, given.org))
    standing: dict[str, Any] = msgspec.to_builtins(await hub.set_disclosure.present(operator))
    if given.said:
        standing = msgspec.to_builtins(await hub.set_disclosure(operator, {**standing, **given.said}))
    return standing


async def list_deliveries(hub: Hub, given: Log) -> Answer:
    """Attempts to tell people, newest first."""
    operator = OperatorCredential(await the_org(hub, given.org))
    wanted = Wanted(
        escalation_id=given.escalation,
        person_id=given.person,
        channel=given.channel,
        status=given.status,
        since=None if given.since is None else time_of(given.since),
        until=None if given.until is None else time_of(given.until),
    )
    limit = max(1, min(given.limit, 500))
    found = await hub.channels.deliveries(operator, wanted, before=given.cursor, limit=limit + 1)
    items = [{**msgspec.structs.asdict(each), "at": to_text(each.at)} for each in found[:limit]]
    return {"items": items, "next": found[limit - 1].delivery_id if len(found) > limit else None}


async def retry_delivery(hub: Hub, given: OneDelivery) -> Answer:
    """Send once more what never arrived."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return msgspec.structs.asdict(await hub.channels.retried(operator, given.delivery_id))


CHANNELS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "channels.list": (Nothing, list_channels),
    "channels.show": (OneChannel, show_channel),
    "channels.set": (NewChannel, set_channel),
    "channels.delete": (OneChannel, delete_channel),
    "channels.disclosure": (NewDisclosure, disclosure),
    "channels.test": (OneTest, try_channel),
    "deliveries.list": (Log, list_deliveries),
    "deliveries.retry": (OneDelivery, retry_delivery),
}


async def _standing(hub: Hub, operator: OperatorCredential, name: str) -> int:
    try:
        return (await hub.channels.read.one(operator, name)).version or 0
    except HubError:
        return 0


def _plain(shown: ShownChannel) -> dict[str, Any]:
    """With times as texts."""
    members: dict[str, Any] = msgspec.to_builtins(shown)
    health = members["health"]
    for table in (members, health, health["last_error"] or {}, health["not_ready"] or {}):
        for name, value in table.items():
            if isinstance(value, int) and (name == "at" or name.endswith(("_at", "_until"))):
                table[name] = to_text(value)
    return {**members, "works": shown.health.works()}
