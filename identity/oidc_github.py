"""Sign in with GitHub: OAuth 2.0 (docs.github.com, "Authorizing OAuth apps"), which is no OpenID Connect.

GitHub signs nothing: who the person is, it says when it is asked. So nothing but the hub's record ties the answer to
anything, and it is for signing in and for linking alone. An account is named by its number: its login can be given to
somebody else.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from identity.attempt import wishes
from identity.discreet import Discreet
from identity.errors import Cancelled, Misconfigured, NotProven, ProviderDown, Refused, TimedOut, WrongPerson
from identity.oidc_answer import code_of, returned
from identity.oidc_claims import FEDERATED, LONGEST_EMAIL, LONGEST_NAME, Claims, text_of
from identity.oidc_request import Sent, with_query
from identity.oidc_token import error_in
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.provider import TIME_LIMIT
from identity.vendor_http import Answer, call, is_safe_url

if TYPE_CHECKING:
    from aiohttp import ClientSession

LARGEST_ANSWER = 256 * 1024
MOST_ADDRESSES = 100
SCOPE = "read:user user:email"


class GitHubSettings(Discreet, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OAuth app of GitHub, or of an Enterprise Server."""

    not_printed = ("client_secret",)

    client_id: str
    client_secret: str
    url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    """`https://HOST/api/v3` of an Enterprise Server."""

    def __repr__(self) -> str:
        """Without the secret."""
        return f"GitHubSettings(client_id={self.client_id!r}, url={self.url!r})"

    def __post_init__(self) -> None:
        """Refuse addresses that secrets must not go to. Raises ValueError."""
        if not all(is_safe_url(url) and not url.endswith("/") and "?" not in url for url in (self.url, self.api_url)):
            raise ValueError("url and api_url are https addresses without a slash at the end")


class GitHub:
    """The provider. Keeps nothing between two calls, and no token of anybody's."""

    signs_in = True
    proofs_expire = True

    def __init__(
        self,
        settings: GitHubSettings,
        session: ClientSession,
        *,
        name: str = "github",
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        time_limit: float = TIME_LIMIT - 1,
    ) -> None:
        """`name` as in settings; `session` keeps no cookies; `clock`: milliseconds since 1970 UTC; `time_limit`:
        seconds that a call may take."""
        self._settings = settings
        self._name = name
        self._session = session
        self._clock = clock
        self._time_limit = time_limit

    @property
    def name(self) -> str:
        """As the settings call it."""
        return self._name

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Where to send the person, as `shown["redirect"]`. Raises Refused for a decision, Misconfigured."""
        if step_up.purpose is Purpose.DECISION:
            raise Refused("GitHub is for signing in, not for decisions")
        sent = Sent.for_step_up(step_up)
        asked = {
            "client_id": self._settings.client_id,
            "redirect_uri": sent.redirect_uri,
            "scope": SCOPE,
            "state": sent.state,
            "code_challenge": sent.code_challenge,
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        url = with_query(f"{self._settings.url}/login/oauth/authorize", asked)
        return Challenge(sent.kept(), {"redirect": url}, step_up.expires_at)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        """Always Pending: the person's browser brings the answer."""
        return Pending(state, {})

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take `{"code", "state"}`, `{"error", "state"}` or `{"cancel": true}`. Raises any NotProven."""
        sent = Sent.of(state, step_up)
        if now >= step_up.expires_at:
            raise TimedOut("the step-up has ended")
        if wishes(answer, "cancel"):
            raise Cancelled("the person ended it")
        url = self._settings.url
        code = code_of(returned(answer, sent), (url, f"{url}/login/oauth"), sends_iss=False)
        async with self._in_time():
            token = await self._redeem(sent, code)
            user = _object(await self._get("/user", token))
            addresses = _list(await self._get("/user/emails", token))
        subject = f"{url}|{_number(user)}"
        if not factor.is_mine(subject):
            raise WrongPerson("somebody else signed in")
        return Proof(
            method=self.name,
            amr=FEDERATED,
            binding=Binding.SERVER,
            at=now,
            subject=subject,
            identified="idp",
            once=(f"code:{sha256(code.encode()).hexdigest()}", f"nonce:{sent.nonce}"),
            data={"claims": claims_of(user, addresses).kept()},
        )

    async def cancel(self, state: State) -> None:
        """Nothing runs at GitHub that could be ended; the caller forgets the state."""

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._time_limit):
                yield
        except TimeoutError:
            raise ProviderDown("GitHub did not answer in time") from None

    async def _redeem(self, sent: Sent, code: str) -> str:
        """The access token that the code is worth. GitHub answers 200 to errors too."""
        form = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
            "code": code,
            "redirect_uri": sent.redirect_uri,
            "code_verifier": sent.verifier,
        }
        answer = await call(
            self._session,
            "POST",
            f"{self._settings.url}/login/oauth/access_token",
            vendor="GitHub",
            largest=LARGEST_ANSWER,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            data=urlencode(form).encode(),
        )
        _require_success(answer)
        value = _object(answer)
        if error := error_in(value):
            raise _refusal(error)
        token = value.get("access_token")
        if not isinstance(token, str) or not 0 < len(token) <= 1024 or not token.isascii() or not token.isprintable():
            raise _garbled()
        return token

    async def _get(self, path: str, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        answer = await call(
            self._session,
            "GET",
            self._settings.api_url + path,
            vendor="GitHub",
            largest=LARGEST_ANSWER,
            headers=headers,
        )
        _require_success(answer)
        return answer


def claims_of(user: Mapping[str, Any], addresses: list[Any]) -> Claims:
    """The name, and the address that is the account's primary and confirmed; no other one is the person's for sure."""
    primary = [
        entry
        for entry in addresses[:MOST_ADDRESSES]
        if isinstance(entry, dict) and entry.get("primary") is True and entry.get("verified") is True
    ]
    email = text_of(primary[0].get("email"), LONGEST_EMAIL) if len(primary) == 1 else None
    if email is not None and email.count("@") != 1:
        email = None
    return Claims(email, email is not None, text_of(user.get("name"), LONGEST_NAME))


def _refusal(error: str) -> NotProven:
    if error == "bad_verification_code":
        return Refused("GitHub does not take the code", hint=error)
    return Misconfigured(f"GitHub says {error}: client_id, secret or return address are wrong", hint=error)


def _require_success(answer: Answer) -> None:
    if answer.status in (408, 429) or answer.status >= 500:
        raise ProviderDown(f"GitHub answered {answer.status}", retry_after=answer.retry_after)
    if answer.status in (401, 403):
        raise Refused(f"GitHub answered {answer.status}: the person did not allow what is needed")
    if answer.status != 200:
        raise Misconfigured(f"GitHub answered {answer.status}: url or api_url are wrong")


def _number(user: Mapping[str, Any]) -> int:
    number = user.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 1 << 63:
        raise _garbled()
    return number


def _object(answer: Answer) -> dict[str, Any]:
    value = answer.object() if answer.is_json else None
    if value is None:
        raise _garbled()
    return value


def _list(answer: Answer) -> list[Any]:
    try:
        value = json.loads(answer.octets) if answer.is_json else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise _garbled()
    return value


def _garbled() -> ProviderDown:
    return ProviderDown("GitHub's answer is none of its interface")
