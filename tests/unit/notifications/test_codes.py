"""What became of a message, as step-up providers are told it."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.codes import AFTER_SETTINGS, WORTH_SENDING, mail_sender, text_sender
from identity.code_mail import Mail
from identity.one_time_code import NotSent, Sent
from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent
from notify.message import Message

CODE = Mail("Your code", "12345678", "<p>12345678</p>", "sv")


class Postbox:
    """A channel that keeps what it gets, and says what it was told to."""

    name = "postbox"
    takes = Message

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.got: list[tuple[str, Message]] = []

    async def send(self, address: str, message: Message) -> Delivery:
        self.got.append((address, message))
        return self.delivery

    def masked(self, address: str) -> str:
        return "…"

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("delivery", "told"),
    [
        (Delivered("id"), Sent()),
        (AddressGone("no such user"), NotSent(permanent=True)),
        (TryLater(17, "busy"), NotSent(retry_after=17)),
        (permanent("too large"), NotSent(retry_after=AFTER_SETTINGS, permanent=True)),
        (bad_settings("the key is wrong"), NotSent(retry_after=AFTER_SETTINGS)),
    ],
)
async def test_what_a_provider_is_told_is_this_table(delivery: Delivery, told: Sent | NotSent) -> None:
    assert await mail_sender(Postbox(delivery), lambda: 1000)("ada@example.com", CODE) == told
    assert await text_sender(Postbox(delivery), lambda: 1000)("+46701234567", "12345678") == told


async def test_a_mail_goes_out_whole_in_its_language_and_only_while_it_is_worth_something() -> None:
    box = Postbox(Delivered())
    await mail_sender(box, lambda: 1000)("ada@example.com", CODE)
    [(address, message)] = box.got
    assert (address, message.language, message.expires_at) == ("ada@example.com", "sv", 1000 + WORTH_SENDING)
    assert (getattr(message, "subject", ""), getattr(message, "text", "")) == ("Your code", "12345678")


async def test_two_messages_have_two_ids() -> None:
    box = Postbox(Delivered())
    for _ in range(2):
        await text_sender(box, lambda: 0)("+46701234567", "12345678")
    assert len({message.id for _, message in box.got}) == 2
