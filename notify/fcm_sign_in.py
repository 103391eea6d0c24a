"""Access tokens of Google for a service account: fetched when needed, one fetch at a time, without blocking anybody.

https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from notify.delivery import AFTER, Failed, TryLater, bad_settings
from notify.exchange import Answer, Request, ask, refused
from notify.sending import Attempt

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from notify.fcm_google import ServiceAccount

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MARGIN = 300
"""Seconds before its end from which a token is not used any more."""
_TOKEN = re.compile(r"[!-~]{1,4096}")
_ERROR = re.compile(r"[a-z_]{1,40}")


class SignIn:
    """Holds one token, for all messages of one account."""

    def __init__(self, account: ServiceAccount, url: str, *, session: ClientSession, clock: Callable[[], int]) -> None:
        """`url`: where assertions are exchanged; `clock`: milliseconds since 1970 UTC."""
        self._account = account
        self._url = url
        self._session = session
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._since = 0
        self._until = 0

    async def token(self) -> str | TryLater | Failed:
        """A token that is good for some minutes at least."""
        async with self._lock:
            if self._token and self._since <= self._clock() < self._until:
                return self._token
            return await self._fetch()

    def forget(self, token: str, *, younger: float) -> bool:
        """Use this token no more; False: it is so young, in seconds, that another would be refused as well."""
        if token != self._token:
            return True
        if self._clock() - self._since < younger * 1000:
            return False
        self._token = ""
        return True

    async def _fetch(self) -> str | TryLater | Failed:
        now = self._clock()
        form = urlencode({"grant_type": GRANT, "assertion": self._account.assertion(now=now)})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        # An attempt of its own: no message is on its way by this.
        answer = await ask(self._session, Request("POST", self._url, headers, form.encode()), Attempt())
        if isinstance(answer, TryLater):
            return replace(answer, perhaps_sent=False)
        if isinstance(answer, Failed):
            return answer
        return self._taken(answer, now)

    def _taken(self, answer: Answer, now: int) -> str | TryLater | Failed:
        told = answer.json()
        told = told if isinstance(told, dict) else {}
        token, seconds = told.get("access_token"), told.get("expires_in")
        if answer.status == 200 and isinstance(token, str) and _TOKEN.fullmatch(token) and type(seconds) is int:
            self._token, self._since, self._until = token, now, now + (min(seconds, 3600) - MARGIN) * 1000
            return token
        if answer.status == 429 or answer.status >= 500:
            return TryLater(answer.retry_after(now=now), f"signing in to Google fails with {answer.status}")
        if 400 <= answer.status < 500:
            error = told.get("error")
            word = f" {error}" if isinstance(error, str) and _ERROR.fullmatch(error) else ""
            return bad_settings(f"Google refuses the service account, or its time, with {answer.status}{word}")
        return refused(answer.status) or TryLater(AFTER, "it answers with no access token")
