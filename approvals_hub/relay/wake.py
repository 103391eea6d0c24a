"""Wake a phone: once for each id, within the limits of its handle, and with no word that a hub has chosen.

Nothing of a wake is written down. What was sent is remembered in memory alone, as hashes, for as long as it is worth
anything: a hub that asks again gets the same answer, and the phone is woken once.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from approvals_hub.api.pace import Pace
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, TooMany, Unavailable
from approvals_hub.core.log import logger
from approvals_hub.relay.handles import Handles, Phone, gone
from approvals_hub.relay.phones import Wake, notice
from notify.delivery import AddressGone, Cause, Delivered, Delivery, TryLater

if TYPE_CHECKING:
    from notify.channel import Channel

log = logger("relay")

PER_MINUTE: Final = 30
"""Wakes of one handle: more questions than anybody answers."""
AT_ONCE: Final = 4
"""Of one handle: whoever floods one waits for their own, and holds no connection that others need."""
HANDLES: Final = 100_000
"""Handles remembered for counting; the least recent one makes room."""
REMEMBERED: Final = 200_000
"""Wakes that are known again; the oldest one makes room."""
UNKNOWN: Final = "-"
"""The id of a wake whose vendor told none."""


class Wakes:
    """What is under way, and what was sent lately."""

    def __init__(self, handles: Handles, channels: Mapping[str, Channel[Any]], clock: Clock) -> None:
        self._handles = handles
        self._channels = channels
        self._clock = clock
        self._pace = Pace(PER_MINUTE, HANDLES)
        self._under_way: dict[bytes, asyncio.Task[Delivery]] = {}
        self._busy: Counter[bytes] = Counter()
        self._sent: OrderedDict[bytes, tuple[int, str]] = OrderedDict()

    async def __call__(self, handle: str, wake: Wake) -> str:
        """The vendor's id of what was sent, or would have been. A caller that leaves stops nothing.

        Raises Gone, TooMany for this handle alone, Invalid for what its vendor refuses under the relay's keys,
        Unavailable where the vendor or the relay's keys are in trouble.
        """
        phone = await self._handles.find(handle)
        if phone is None:
            raise gone()
        mark = sha256(phone.handle_hash + wake.id.encode()).digest()
        sent = self._sent.get(mark)
        if sent is not None and sent[0] > self._clock.now():
            return sent[1]
        under_way = self._under_way.get(mark)
        if under_way is None:
            under_way = self._begin(mark, phone, wake)
        delivery = await asyncio.shield(under_way)
        if isinstance(delivery, Delivered):
            return delivery.id or UNKNOWN
        raise refusal(delivery)

    async def finish(self) -> None:
        """Wait for what is under way: each ends within its time limit."""
        if self._under_way:
            await asyncio.wait(self._under_way.values())

    def _begin(self, mark: bytes, phone: Phone, wake: Wake) -> asyncio.Task[Delivery]:
        try:
            self._pace.take(phone.handle_hash.hex())
        except TooMany as error:
            raise too_many(f"more than {PER_MINUTE} wakes a minute of this handle", error.retry_after or 1) from None
        if self._busy[phone.handle_hash] >= AT_ONCE:
            raise too_many("other wakes of this handle are under way", 1)
        self._busy[phone.handle_hash] += 1
        task = asyncio.create_task(self._send(mark, phone, wake), name="relay:wake")
        self._under_way[mark] = task
        task.add_done_callback(lambda done: self._done(mark, phone.handle_hash, done))
        return task

    def _done(self, mark: bytes, handle_hash: bytes, done: asyncio.Task[Delivery]) -> None:
        if not done.cancelled():
            # Everybody who waited for it may have left: nobody else would look at it.
            done.exception()
        del self._under_way[mark]
        self._busy[handle_hash] -= 1
        if not self._busy[handle_hash]:
            del self._busy[handle_hash]

    async def _send(self, mark: bytes, phone: Phone, wake: Wake) -> Delivery:
        now = self._clock.now()
        channel = self._channels.get(phone.platform)
        if channel is None:
            # Its keys were taken out of the settings.
            return TryLater(3600.0, "the relay has no keys for this platform now")
        delivery: Delivery = await channel.send(phone.address, notice(wake, phone.language, now=now))
        if isinstance(delivery, Delivered):
            self._remember(mark, now + wake.ttl * 1000, delivery.id or UNKNOWN)
        elif isinstance(delivery, AddressGone):
            await self._handles.forget(phone)
        elif not isinstance(delivery, TryLater) and delivery.cause is Cause.SETTINGS and not delivery.of_address:
            log.error("vendor_refuses_relay", platform=phone.platform, why=delivery.why)
        return delivery

    def _remember(self, mark: bytes, until: int, id_: str) -> None:
        self._sent[mark] = (until, id_)
        now = self._clock.now()
        # Those at the front are the oldest: most of what is worth nothing any more stands there.
        while self._sent and (len(self._sent) > REMEMBERED or next(iter(self._sent.values()))[0] <= now):
            self._sent.popitem(last=False)


def refusal(delivery: Delivery) -> HubError:
    """What a hub is told of a wake that was not sent. None of the vendor's words go on."""
    if isinstance(delivery, AddressGone):
        return gone()
    if isinstance(delivery, TryLater) and delivery.of_address:
        return too_many("the vendor takes no more for this phone now", math.ceil(delivery.after))
    if isinstance(delivery, TryLater):
        return _unavailable("vendor_unavailable", "the vendor cannot be reached, or asks to wait", delivery.after)
    assert not isinstance(delivery, Delivered)
    if delivery.cause is Cause.SETTINGS and not delivery.of_address:
        return _unavailable("vendor_refuses_relay", "the vendor refuses this relay's keys", 300.0)
    code = "handle_unusable" if delivery.cause is Cause.SETTINGS else "wake_refused"
    return Invalid(code, "the vendor refuses this phone or this wake", next_step="Register the app anew.")


def too_many(what: str, seconds: int) -> TooMany:
    """A limit is reached, for this many seconds."""
    return TooMany("too_many_wakes", what, next_step="Wait, then try again.", retry_after=seconds)


def _unavailable(code: str, what: str, seconds: float) -> Unavailable:
    return Unavailable(code, what, next_step="Try again later.", retry_after=math.ceil(seconds))
