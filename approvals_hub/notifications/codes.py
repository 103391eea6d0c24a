"""One-time codes and links go out at once, never through the outbox: a late one is worth nothing, and none is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.ids import new_id
from approvals_hub.core.log import logger
from identity.code_mail import Mail
from identity.one_time_code import NotSent, Send, Sent
from notify import message
from notify.channel import Channel
from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed

log = logger("notifications")

WORTH_SENDING = 5 * MINUTE
"""How long a code is worth sending, in milliseconds: it lives no longer."""
AFTER_SETTINGS = 60.0
"""Seconds after which trying again may help where the operator has to mend something."""


def mail_sender(channel: Channel[Any], clock: Callable[[], int]) -> Send[Mail]:
    """Sends the mails of step-up providers over a channel; `clock` in milliseconds since 1970 UTC."""

    async def send(address: str, mail: Mail) -> Sent | NotSent:
        return _result(
            channel.name,
            await channel.send(
                address,
                message.Mail(
                    id=new_id("msg"),
                    language=mail.language,
                    expires_at=clock() + WORTH_SENDING,
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                ),
            ),
        )

    return send


def text_sender(channel: Channel[Any], clock: Callable[[], int]) -> Send[str]:
    """Sends the short texts of step-up providers over a channel."""

    async def send(address: str, text: str) -> Sent | NotSent:
        short = message.ShortText(id=new_id("msg"), expires_at=clock() + WORTH_SENDING, text=text)
        return _result(channel.name, await channel.send(address, short))

    return send


def _result(channel: str, delivery: Delivery) -> Sent | NotSent:
    """What a step-up provider makes of it. The person is told little, the operator's log what to mend."""
    if isinstance(delivery, Delivered):
        return Sent()
    log.warning("code_not_sent", channel=channel, what=type(delivery).__name__, why=delivery.why)
    if isinstance(delivery, AddressGone):
        return NotSent(permanent=True)
    if isinstance(delivery, Failed):
        of_message = delivery.cause is Cause.PERMANENT
        return NotSent(retry_after=AFTER_SETTINGS, permanent=of_message)
    return NotSent(retry_after=delivery.after)
