"""What every channel owes (`notify/channel.py`), on every stage."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from notify.delivery import LONGEST_AFTER, AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.message import Message
from notify.registry import CHANNELS
from tests.contracts.channels.stage import PATIENCE, START, TEXT, Stage
from tests.contracts.channels.stages import OF_OTHERS, STAGES
from tests.fakes.trouble import Trouble

OTHER_TROUBLES = [trouble for trouble in Trouble if trouble not in (Trouble.THROTTLED, Trouble.REFUSES_US)]


async def send(stage: Stage, message: Any = None, address: str | None = None, *, impatient: bool = False) -> Delivery:
    """One send, on either channel."""
    channel = stage.impatient if impatient else stage.channel
    async with asyncio.timeout(PATIENCE):
        return await channel.send(address or stage.address, message or stage.message())


def as_it_arrives(stage: Stage, text: str) -> str:
    """A text of ours where the vendor took the message."""
    return text if stage.says_words else ""


def test_every_channel_of_this_package_is_on_a_stage() -> None:
    assert set(CHANNELS) == {name.split()[0] for name in STAGES} - OF_OTHERS


async def test_the_name_is_one_lower_case_word_of_the_registry(stage: Stage) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", stage.channel.name)
    assert stage.channel.name in {*CHANNELS, *OF_OTHERS}


async def test_it_says_which_kind_of_message_it_takes(stage: Stage) -> None:
    assert issubclass(stage.channel.takes, Message)
    assert type(stage.message()) is stage.channel.takes


async def test_a_message_arrives_as_it_was_sent_and_has_the_providers_id(stage: Stage) -> None:
    result = await send(stage)
    assert isinstance(result, Delivered)
    assert (result.id is not None) == stage.tells_an_id
    (arrival,) = stage.arrived()
    assert (arrival.to, arrival.text.rstrip("\r\n")) == (stage.address, as_it_arrives(stage, TEXT))
    assert stage.says_words or "48151623" not in repr(vars(arrival))


async def test_two_messages_have_two_ids_there(stage: Stage) -> None:
    first, second = await send(stage), await send(stage)
    assert isinstance(first, Delivered)
    assert isinstance(second, Delivered)
    assert first.id != second.id or not stage.tells_an_id


async def test_a_message_that_is_sent_again_carries_the_same_id(stage: Stage) -> None:
    message = stage.message()
    await send(stage, message)
    await send(stage, message)
    first, second = stage.arrived()
    assert first.id == second.id
    assert first.id in (message.id, "")


async def test_many_at_once_all_arrive_once(stage: Stage) -> None:
    texts = [f"Number {number}" for number in range(20)]
    results = await asyncio.gather(*(send(stage, stage.message(text=text)) for text in texts))
    assert all(isinstance(result, Delivered) for result in results)
    assert sorted(arrival.text.rstrip("\r\n") for arrival in stage.arrived()) == sorted(
        as_it_arrives(stage, text) for text in texts
    )


async def test_an_address_that_nobody_has_is_gone(stage: Stage) -> None:
    result = await send(stage, address=stage.gone)
    if stage.tells_who_is_gone:
        assert isinstance(result, AddressGone)
    else:
        assert isinstance(result, Failed)
        assert result.cause is Cause.PERMANENT


async def test_the_next_message_is_sent_after_one_to_nobody(stage: Stage) -> None:
    await send(stage, address=stage.gone)
    assert isinstance(await send(stage), Delivered)


async def test_a_throttling_provider_is_given_the_time_that_it_asks_for(stage: Stage) -> None:
    with stage.plays(Trouble.THROTTLED):
        result = await send(stage)
    assert isinstance(result, TryLater)
    assert not result.perhaps_sent
    assert result.after == stage.wait if stage.wait is not None else 1 <= result.after <= LONGEST_AFTER


async def test_settings_that_the_provider_refuses_are_an_operators_to_mend(stage: Stage) -> None:
    with stage.plays(Trouble.REFUSES_US):
        result = await send(stage)
    assert isinstance(result, Failed)
    assert result.cause is Cause.SETTINGS


@pytest.mark.parametrize("trouble", OTHER_TROUBLES, ids=lambda it: it.value)
async def test_any_other_trouble_means_later_within_the_time_limit(stage: Stage, trouble: Trouble) -> None:
    with stage.plays(trouble):
        result = await send(stage, impatient=trouble is Trouble.SILENT)
    # Whoever takes a message and then floods has taken it; which of the two it was, the status may tell.
    status_tells = trouble is Trouble.FLOODS or (trouble is Trouble.GARBLES and not stage.reads_answers)
    assert isinstance(result, TryLater | Delivered if status_tells else TryLater)
    assert stage.arrived() == []


async def test_a_provider_that_is_down_means_later(stage: Stage) -> None:
    async with stage.is_down():
        result = await send(stage)
    assert isinstance(result, TryLater)
    assert not result.perhaps_sent


@pytest.mark.parametrize("trouble", Trouble, ids=lambda it: it.value)
async def test_after_any_trouble_the_next_message_arrives(stage: Stage, trouble: Trouble) -> None:
    impatient = trouble is Trouble.SILENT
    await send(stage, impatient=impatient)
    with stage.plays(trouble):
        await send(stage, impatient=impatient)
    assert isinstance(await send(stage, impatient=impatient), Delivered)
    assert len(stage.arrived()) == 2


async def test_after_an_outage_the_next_message_arrives(stage: Stage) -> None:
    await send(stage)
    async with stage.is_down():
        await send(stage)
    assert isinstance(await send(stage), Delivered)


async def test_an_endless_answer_is_cut_off(stage: Stage) -> None:
    with stage.plays(Trouble.FLOODS):
        await send(stage)
    async with asyncio.timeout(PATIENCE):
        await stage.flood_ended()


async def test_whoever_waits_for_a_connection_to_a_silent_provider_waits_no_longer_than_others(stage: Stage) -> None:
    with stage.plays(Trouble.SILENT):
        results = await asyncio.gather(*(send(stage, impatient=True) for _ in range(10)))
    assert all(isinstance(result, TryLater) for result in results)
    assert {result.why for result in results if isinstance(result, TryLater)} == {"no answer within the time limit"}


async def test_a_message_that_is_too_large_fails_for_good_and_never_arrives_in_part(stage: Stage) -> None:
    text = "large " * 15_000
    result = await send(stage, stage.message(text=text))
    if isinstance(result, Delivered):
        assert [arrival.text.strip() for arrival in stage.arrived()] == [as_it_arrives(stage, text).strip()]
    else:
        assert isinstance(result, Failed)
        assert (result.cause, stage.arrived()) == (Cause.PERMANENT, [])


async def test_a_message_is_not_sent_when_it_has_expired(stage: Stage) -> None:
    result = await send(stage, stage.message(expires_at=START))
    assert isinstance(result, Failed)
    assert result.cause is Cause.PERMANENT
    assert stage.arrived() == []


async def test_a_message_without_an_end_is_sent(stage: Stage) -> None:
    assert isinstance(await send(stage, stage.message(expires_at=None)), Delivered)


async def test_an_address_that_would_add_a_receiver_header_field_or_command_is_gone_and_asks_nobody(
    stage: Stage,
) -> None:
    for address in stage.hostile_addresses():
        result = await stage.channel.send(address, stage.message())
        assert isinstance(result, AddressGone), address
    assert stage.arrived() == []


HOSTILE_TEXTS = (
    'x","to":"+46707654321',
    "x&to=%2B46707654321&message=evil",
    "{to} {from} {text} {id} {encoding} {0} {} %s $to",
    "line\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
    ".\n..\n.hidden",
    "Subject: other\n\nBcc: eve@evil.example",
    "</p><script>alert(1)</script>",
    "\u202eright to left",
)


async def test_a_text_that_looks_like_syntax_arrives_as_a_text(stage: Stage) -> None:
    for text in HOSTILE_TEXTS:
        assert isinstance(await send(stage, stage.message(text=text)), Delivered)
        wanted = as_it_arrives(stage, text).replace("\r\n", "\n").rstrip("\n")
        assert stage.arrived()[-1].text.replace("\r\n", "\n").rstrip("\n") == wanted
    assert {arrival.to for arrival in stage.arrived()} == {stage.address}
    assert len(stage.arrived()) == len(HOSTILE_TEXTS)


async def test_a_send_that_is_given_up_half_way_leaves_nothing_running(stage: Stage) -> None:
    with stage.plays(Trouble.SILENT):
        sending = asyncio.create_task(stage.channel.send(stage.address, stage.message()))
        await stage.asked()
        # Beside the vendor's own tasks, which were there before.
        others = asyncio.all_tasks() - {sending}
        sending.cancel()
        await asyncio.wait([sending])
        assert sending.cancelled()
        assert {task for task in asyncio.all_tasks() if not task.done()} <= others
    assert isinstance(await send(stage), Delivered)


async def test_closing_twice_raises_nothing_and_sending_goes_on_after_it(stage: Stage) -> None:
    await send(stage)
    await stage.channel.close()
    await stage.channel.close()
    assert isinstance(await send(stage), Delivered)


async def test_closing_raises_nothing_while_the_provider_is_down_or_silent(stage: Stage) -> None:
    await send(stage)
    async with stage.is_down():
        await stage.channel.close()
    await send(stage)
    with stage.plays(Trouble.SILENT):
        async with asyncio.timeout(PATIENCE):
            await stage.channel.close()
