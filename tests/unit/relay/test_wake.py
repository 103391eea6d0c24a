"""A phone is woken once for each id, within the limits of its handle, and with the relay's own words."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Gone, HubError, Invalid, TooMany, Unavailable
from approvals_hub.relay.handles import PhoneForm
from approvals_hub.relay.phones import WORDS
from approvals_hub.relay.wake import AT_ONCE, PER_MINUTE, refusal
from notify.delivery import AddressGone, Delivery, TryLater, bad_address_here, bad_settings, permanent
from tests.fakes.trouble import Trouble
from tests.unit.relay.relay_house import FID, GONE, TOKEN, RelayHouse, a_wake

PATIENCE = 20.0


async def test_a_wake_shows_the_relays_own_words_and_hands_the_hash_to_the_app(house: RelayHouse) -> None:
    app = await house.app()
    sent = await house.wake(app.handle, a_wake(id="tel_1"))
    [arrival] = house.google.arrived
    assert sent == "0:1%5641"
    data = arrival.body["data"]
    assert (data["title"], data["text"]) == WORDS["en"]
    assert (data["id"], data["reference"], data["tag"]) == ("tel_1", "a" * 64, "b" * 32)
    assert arrival.body["android"]["ttl"] == "60s"


async def test_a_replayed_wake_is_one_wake_also_while_the_first_is_under_way(house: RelayHouse) -> None:
    app, wake = await house.app(), a_wake()
    house.google.slow.add(FID)
    first = asyncio.create_task(house.wake(app.handle, wake))
    async with asyncio.timeout(PATIENCE):
        await house.google.waiting.acquire()
    second = asyncio.create_task(house.wake(app.handle, wake))
    house.google.go.set()
    assert await first == await second == await house.wake(app.handle, wake)
    assert len(house.google.arrived) == 1


async def test_the_same_id_of_another_handle_is_another_wake(house: RelayHouse) -> None:
    wake = a_wake()
    for _ in range(2):
        await house.wake((await house.app()).handle, wake)
    assert len(house.google.arrived) == 2


async def test_a_wake_that_is_worth_nothing_any_more_is_not_remembered(house: RelayHouse) -> None:
    app, wake = await house.app(), a_wake(ttl=5)
    await house.wake(app.handle, wake)
    house.time[0] += 5_000
    await house.wake(app.handle, wake)
    assert len(house.google.arrived) == 2


async def test_a_wake_that_was_not_sent_is_sent_when_it_comes_again(house: RelayHouse) -> None:
    app, wake = await house.app(), a_wake()
    with house.google.plays(Trouble.BROKEN), pytest.raises(Unavailable):
        await house.wake(app.handle, wake)
    await house.wake(app.handle, wake)
    assert len(house.google.arrived) == 1


async def test_whoever_hangs_up_stops_no_wake(house: RelayHouse) -> None:
    app = await house.app()
    house.google.slow.add(FID)
    hub = asyncio.create_task(house.wake(app.handle))
    async with asyncio.timeout(PATIENCE):
        await house.google.waiting.acquire()
    hub.cancel()
    await asyncio.wait([hub])
    house.google.go.set()
    await house.open.relay.wakes.finish()
    assert len(house.google.arrived) == 1


async def without_end(house: RelayHouse, handle: str) -> None:
    for _ in range(3 * PER_MINUTE):
        await house.wake(handle)


async def test_one_handles_flood_delays_no_other(house: RelayHouse) -> None:
    flooded, other = await house.app(), await house.app(token=TOKEN)
    house.google.slow.add(FID)
    flood = [asyncio.create_task(house.wake(flooded.handle)) for _ in range(AT_ONCE)]
    async with asyncio.timeout(PATIENCE):
        for _ in flood:
            await house.google.waiting.acquire()
        with pytest.raises(TooMany) as refused:
            await house.wake(flooded.handle)
        assert refused.value.retry_after == 1
        await house.wake(other.handle)
    house.google.go.set()
    await asyncio.gather(*flood)
    with pytest.raises(TooMany, match=str(PER_MINUTE)):
        await without_end(house, flooded.handle)
    await house.wake(other.handle)


async def test_a_handle_whose_token_the_vendor_calls_gone_is_gone_from_then_on(house: RelayHouse) -> None:
    app = await house.app(fid=GONE)
    for _ in range(2):
        with pytest.raises(Gone):
            await house.wake(app.handle)
    house.google.devices[GONE] = GONE
    with pytest.raises(Gone):
        await house.wake(app.handle)


async def test_a_token_that_was_told_meanwhile_does_not_go_with_the_old_one(house: RelayHouse) -> None:
    app = await house.app(fid=GONE)
    house.google.slow.add(GONE)
    hub = asyncio.create_task(house.wake(app.handle))
    async with asyncio.timeout(PATIENCE):
        await house.google.waiting.acquire()
    await house.open.relay.handles.renew(app.owner, PhoneForm(platform="fcm", address={"fid": FID}))
    house.google.go.set()
    with pytest.raises(Gone):
        await hub
    await house.wake(app.handle)
    assert [each.to for each in house.google.arrived] == [FID]


@pytest.mark.parametrize(
    ("delivery", "kind", "code", "after"),
    [
        (AddressGone("x"), Gone, "handle_gone", None),
        (TryLater(7.2, "x"), Unavailable, "vendor_unavailable", 8),
        # One phone that gets too much, or is another app's, does not make the relay look down for all others.
        (TryLater(7.0, "x", of_address=True), TooMany, "too_many_wakes", 7),
        (bad_address_here("x"), Invalid, "handle_unusable", None),
        (bad_settings("x"), Unavailable, "vendor_refuses_relay", 300),
        (permanent("x"), Invalid, "wake_refused", None),
    ],
)
def test_a_hub_hears_what_became_of_a_wake_and_none_of_the_vendors_words(
    delivery: Delivery, kind: type[HubError], code: str, after: int | None
) -> None:
    told = refusal(delivery)
    assert (type(told), told.code, told.retry_after) == (kind, code, after)


async def test_a_handle_of_a_platform_whose_keys_were_taken_away_is_tried_later(house: RelayHouse) -> None:
    app = await house.app()
    del house.open.channels["fcm"]  # type: ignore[attr-defined]  # a dict behind a Mapping
    with pytest.raises(Unavailable):
        await house.wake(app.handle)
