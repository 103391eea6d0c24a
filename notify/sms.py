"""SMS through a gateway over HTTP: one of the presets, or any other that settings describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import msgspec

from notify import telephone
from notify.channel import TIME_LIMIT
from notify.delivery import AddressGone, Delivery, permanent
from notify.exchange import Answer, answered, ask
from notify.message import ShortText
from notify.sending import Attempt, Sender
from notify.sms_answer import judged
from notify.sms_gateway import HttpGateway
from notify.sms_presets import Elks, Twilio, Vonage, VonageLegacy
from notify.sms_request import request
from notify.sms_text import size

if TYPE_CHECKING:
    from aiohttp import ClientSession

SENDER = r"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 ]{1,9}[A-Za-z0-9])\Z"
"""A number, a short code, or a name of 3 to 11 letters and digits with one letter at least."""


class SmsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    sender: Annotated[str, msgspec.Meta(pattern=SENDER)]
    """What the phone shows as the sender: a number, or up to eleven letters and digits."""
    gateway: HttpGateway | Elks | Twilio | Vonage | VonageLegacy
    """`kind = "http"` with a description, or `46elks`, `twilio`, `vonage`, `vonage_legacy` with its credentials."""
    most_parts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    """How many messages one text may cost; a longer one is not sent."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        self.described()

    def described(self) -> HttpGateway:
        """The gateway's description. Raises ValueError."""
        return self.gateway if isinstance(self.gateway, HttpGateway) else self.gateway.gateway()


class Sms(Sender[ShortText]):
    """The channel `sms`; addresses are numbers as in E.164, `+46701234567`. A title is not sent."""

    name = "sms"
    takes = ShortText

    def __init__(
        self,
        settings: SmsSettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(clock=clock, time_limit=time_limit)
        self._settings = settings
        self._gateway = settings.described()
        self._session = session

    def masked(self, address: str) -> str:
        """`+46…67`."""
        return telephone.masked(address)

    async def rehearse(self) -> Delivery | None:
        """Look whether the gateway answers. What it would be asked to prove who we are costs a message."""
        return await self._within_limit(lambda attempt: answered(self._session, self._gateway.url))

    async def _send(self, address: str, message: ShortText, attempt: Attempt) -> Delivery:
        if not telephone.is_number(address):
            return AddressGone("not a number in the form of E.164")
        cost = size(message.text)
        if cost.parts > self._settings.most_parts:
            return permanent(f"the text would be {cost.parts} messages; most_parts allows {self._settings.most_parts}")
        values = {
            "to": self._number(address),
            "from": self._number(self._settings.sender),
            "text": message.text,
            "id": message.id,
            "encoding": self._gateway.encodings.get(cost.encoding.value, ""),
        }
        answer = await ask(self._session, request(self._gateway, values), attempt)
        return judged(self._gateway, answer, now=self._clock()) if isinstance(answer, Answer) else answer

    def _number(self, text: str) -> str:
        return text.removeprefix("+") if self._gateway.numbers == "digits" else text
