"""Waiters subscribe, read, then sleep."""

from __future__ import annotations

import asyncio
import time
import tracemalloc

import pytest

from approvals_hub.events.bus import LocalBus


async def asleep(*tasks: asyncio.Task[bool]) -> None:
    """Let the tasks run until each of them sleeps."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_a_published_topic_wakes_who_waits_for_it_and_nobody_else() -> None:
    bus = LocalBus()
    with bus.subscribe("esc_1") as first, bus.subscribe("esc_1") as second, bus.subscribe("esc_2") as other:
        waiting = [asyncio.create_task(subscription.wait()) for subscription in (first, second, other)]
        await asleep(*waiting)
        bus.publish(["esc_1"])
        assert await waiting[0] is True
        assert await waiting[1] is True
        await asleep(waiting[2])
        bus.publish(["esc_2"])
        assert await waiting[2] is True


async def test_what_is_published_between_subscribing_and_sleeping_is_not_lost() -> None:
    bus = LocalBus()
    with bus.subscribe("esc_1") as subscription:
        bus.publish(["esc_1"])
        bus.publish(["esc_1"])
        assert await subscription.wait() is True
        assert await subscription.wait(0.01) is False  # and is heard once


async def test_a_sleep_ends_with_its_time() -> None:
    with LocalBus().subscribe("esc_1") as subscription:
        assert await subscription.wait(0) is False


async def test_one_waiter_hears_several_topics() -> None:
    bus = LocalBus()
    with bus.subscribe("esc_1", "agt_1") as subscription:
        for topic in ("esc_1", "agt_1"):
            waiting = asyncio.create_task(subscription.wait())
            await asleep(waiting)
            bus.publish([topic])
            assert await waiting is True


async def test_a_cancelled_sleep_leaves_the_subscription_usable() -> None:
    bus = LocalBus()
    with bus.subscribe("esc_1") as subscription:
        waiting = asyncio.create_task(subscription.wait(60))
        await asleep(waiting)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        bus.publish(["esc_1"])
        assert await subscription.wait() is True


async def test_a_waiter_that_is_woken_and_times_out_at_once_hears_of_the_change() -> None:
    bus = LocalBus()
    with bus.subscribe("esc_1") as subscription:
        waiting = asyncio.create_task(subscription.wait(0))
        await asyncio.sleep(0)
        bus.publish(["esc_1"])
        assert await waiting is True


async def test_nothing_is_kept_of_a_closed_subscription() -> None:
    bus = LocalBus()
    subscriptions = [bus.subscribe("esc_1", "agt_1") for _ in range(3)]
    for subscription in subscriptions:
        subscription.close()
        subscription.close()
    assert len(bus) == 0
    bus.publish(["esc_1"])
    assert await subscriptions[0].wait(0) is False


async def test_everybody_can_be_woken() -> None:
    bus = LocalBus()
    waiting = [asyncio.create_task(bus.subscribe(f"esc_{number % 5}").wait()) for number in range(20)]
    await asleep(*waiting)
    bus.wake_everybody()
    assert await asyncio.gather(*waiting) == [True] * 20


async def test_a_waiter_among_ten_thousand_costs_little_memory_and_time() -> None:
    bus = LocalBus()
    topics = [f"esc_{number:026}" for number in range(10_000)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    subscriptions = [bus.subscribe(topic) for topic in topics]
    a_waiter = (tracemalloc.get_traced_memory()[0] - before) / len(topics)
    tracemalloc.stop()
    assert a_waiter < 300  # bytes: the object, its tuple of topics and a place in the dict

    def publish_seconds() -> float:
        began = time.perf_counter()
        for topic in topics[:100]:
            bus.publish([topic])
        return time.perf_counter() - began

    among_many = min(publish_seconds() for _ in range(5))
    for subscription in subscriptions[100:]:
        subscription.close()
    among_few = min(publish_seconds() for _ in range(5))
    assert among_many < among_few * 20
