"""Where a person's devices are told, and what became of what they were told, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Items, Line, at
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import PushChannel, SealKey, TriedPush

ChannelName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$(?!\n)")]
Language = Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$(?!\n)")]


class SealForm(Discreet, Form, frozen=True):
    """The device's key for sealed words: X25519, public, and the device key's signature over
    `approvals-hub.seal-key.v1`, a zero byte, and the canonical JSON of `audience, device_id, seal_key`."""

    not_printed = ("signature",)

    key: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$(?!\n)")]
    signature: Annotated[str, Meta(min_length=1, max_length=200)]


class PushForm(Discreet, Form, frozen=True):
    """Where this device takes push messages: what the browser or phone gave, as it gave it."""

    not_printed = ("address",)

    channel: ChannelName
    address: Annotated[str, Meta(min_length=1, max_length=8000)] | dict[str, Any]
    language: Language | None = None
    seal: SealForm | None = None
    """Left out: the device keeps the key that it has."""
    app_version: Line | None = None
    """Of the app or page that registers; left out, the one known stays."""


class PushView(msgspec.Struct, frozen=True):
    """Where a device is told: masked. Null where it is told nothing."""

    device_id: str
    channel: str | None
    address: str | None
    language: str | None
    registered_at: str | None
    opens_seals: bool
    """Whether words can be sealed to it."""


class PushReachView(msgspec.Struct, frozen=True):
    """Where one of the person's devices is told, masked, and how it stands with that.

    `told`: nothing says that it does not arrive. `stale`: nothing was heard of the device for thirty days. `gone`: the
    provider said that it takes nothing any more, and the device has named no other address since.
    """

    device_id: str
    channel: str
    address: str
    language: str
    registered_at: str
    heard_at: str
    state: Literal["told", "stale", "gone"]
    gone_at: str | None


class ReachedView(msgspec.Struct, frozen=True):
    """The person's devices that are told, and the working channels that reach the person, two at most. `enough`: there
    are two, or no more on which the person could be told; else one that fails would leave them without any."""

    items: list[PushReachView]
    channels: list[str]
    enough: bool
    next: str | None = None


class ReceiptForm(Form, frozen=True):
    """`delivered`: the device has it; `opened`: its person does."""

    kind: Literal["delivered", "opened"]


class TellingView(msgspec.Struct, frozen=True):
    """When it was first said to be there, and to be opened."""

    telling_id: str
    delivered_at: str | None
    opened_at: str | None


async def channels(call: Call[None]) -> Items[PushChannel]:
    """The channels at which a device can have an address, with what a page subscribes with."""
    return Items(await call.hub.push_addresses.channels(call.person))


async def register(call: Call[PushForm]) -> PushView:
    """Tell this device there from now on."""
    form = call.asked
    kept = await call.hub.push_addresses.set(
        call.person,
        call.part("id"),
        channel=form.channel,
        address=form.address,
        language=form.language,
        seal=None if form.seal is None else SealKey(form.seal.key, form.seal.signature),
        app_version=form.app_version,
    )
    return PushView(kept.device_id, kept.channel, kept.address, kept.language, at(kept.registered_at), kept.opens_seals)


async def remove(call: Call[None]) -> PushView:
    """Tell this device nothing any more."""
    await call.hub.push_addresses.remove(call.person, call.part("id"))
    return PushView(call.part("id"), None, None, None, None, opens_seals=False)


async def standing(call: Call[None]) -> ReachedView:
    """Where the person's devices are told, how it stands with each, and whether other channels reach the person."""
    reached = await call.hub.read_push_reach(call.person)
    return ReachedView(
        [
            PushReachView(
                device_id=each.device_id,
                channel=each.channel,
                address=each.address,
                language=each.language,
                registered_at=to_text(each.registered_at),
                heard_at=to_text(each.heard_at),
                state=each.state,
                gone_at=at(each.gone_at),
            )
            for each in reached.devices
        ],
        reached.channels,
        reached.enough,
    )


async def try_it(call: Call[None]) -> TriedPush:
    """Send a test message to this device, and hear what its provider answered. Three a minute."""
    return await call.hub.try_push(call.person, call.part("id"))


async def receipt(call: Call[ReceiptForm]) -> TellingView:
    """A device says what became of a message; the first of each kind counts."""
    kept = await call.hub.acknowledge(call.person, call.part("id"), call.asked.kind)
    return TellingView(kept.telling_id, at(kept.delivered_at), at(kept.opened_at))
