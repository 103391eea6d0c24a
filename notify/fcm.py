"""Push messages to Android over Firebase Cloud Messaging, for hubs that have an app of their own (HTTP v1).

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages

Google can read what is shown and the data: how much that is, the sender decides. Needs the extra `fcm`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import msgspec

from notify.address import BadAddress
from notify.channel import TIME_LIMIT
from notify.delivery import AddressGone, Delivery, TryLater, permanent
from notify.discreet import Discreet
from notify.exchange import Answer, Request, answered, ask, require_url
from notify.fcm_answer import judged
from notify.fcm_device import FcmDevice
from notify.fcm_sign_in import SignIn
from notify.message import Notice
from notify.sending import Attempt, Sender

if TYPE_CHECKING:
    from aiohttp import ClientSession

GOOGLE = "https://fcm.googleapis.com"
LONGEST_LIFE = 28 * 24 * 3600
"""Seconds that Google keeps a message for a device that is off."""
YOUNG = 60.0
"""Seconds within which an access token that is refused was never good: then it is the account that is refused."""
SOON = 1.0
"""Seconds to wait where another token will do."""


class Account(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """What is used here of a service account's key file."""

    not_printed = ("private_key",)

    project_id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9.:-]{1,100}\Z")]
    private_key: str
    client_email: str
    token_uri: str

    def __repr__(self) -> str:
        """Without the key."""
        return f"Account({self.project_id})"


class FcmSettings(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    not_printed = ("service_account",)

    service_account: str
    """The JSON text of the key file: `service_account_file` names it in the hub's settings."""
    android_channel: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}\Z")] | None = None
    """The app's notification channel, by which Android knows how loud it may be; None: the app's own default."""
    base_url: str = GOOGLE

    def __post_init__(self) -> None:
        """Raises ValueError."""
        require_url(self.base_url)
        require_url(self.account().token_uri)

    def account(self) -> Account:
        """The account. Raises ValueError, which quotes nothing of it."""
        try:
            return msgspec.json.decode(self.service_account, type=Account)
        except (msgspec.MsgspecError, UnicodeError):
            raise ValueError("the service account is not the JSON text of a key file") from None

    def __repr__(self) -> str:
        """Without the account."""
        return f"FcmSettings({self.base_url})"


class Fcm(Sender[Notice]):
    """The channel `fcm`; an address is `FcmDevice` as JSON. Delivered carries the last part of the message's name."""

    name = "fcm"
    takes = Notice

    def __init__(
        self,
        settings: FcmSettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """Raises ValueError for an account that is none, ModuleNotFoundError without the extra `fcm`."""
        # Now and not with the first message: it takes a second, in which the loop would stand still.
        from notify.fcm_google import account_of

        super().__init__(clock=clock, time_limit=time_limit)
        account = settings.account()
        service = account_of(settings.service_account)
        self._settings = settings
        self._session = session
        self._sign_in = SignIn(service, account.token_uri, session=session, clock=clock)
        self._url = f"{settings.base_url.rstrip('/')}/v1/projects/{account.project_id}/messages:send"

    def masked(self, address: str) -> str:
        """Four letters of the device's name: `…x9Qk`."""
        try:
            return f"…{FcmDevice.read(address).name[-4:]}"
        except BadAddress:
            return "…"

    async def rehearse(self) -> Delivery | None:
        """Sign the account in at Google, and look whether FCM answers."""
        return await self._within_limit(lambda attempt: self._rehearse())

    async def _rehearse(self) -> Delivery | None:
        token = await self._sign_in.token()
        return await answered(self._session, self._url) if isinstance(token, str) else token

    async def _send(self, address: str, message: Notice, attempt: Attempt) -> Delivery:
        from notify.fcm_google import TooLarge, request_body

        try:
            device = FcmDevice.read(address)
            body = request_body(message, device, ttl=self._ttl(message), android_channel=self._settings.android_channel)
        except BadAddress as error:
            return AddressGone(str(error))
        except TooLarge as error:
            return permanent(str(error))
        token = await self._sign_in.token()
        if not isinstance(token, str):
            return token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        answer = await ask(self._session, Request("POST", self._url, headers, body), attempt)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 401 and self._sign_in.forget(token, younger=YOUNG):
            return TryLater(SOON, "Google takes the access token no more: the next one is new")
        return judged(answer, now=self._clock())

    def _ttl(self, notice: Notice) -> int:
        """Seconds, never longer than the question lives."""
        if notice.expires_at is None:
            return LONGEST_LIFE
        return min((notice.expires_at - self._clock()) // 1000, LONGEST_LIFE)
