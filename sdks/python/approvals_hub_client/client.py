"""Ask people before acting, from asyncio: `hub.approval(…)` returns when somebody approved, and raises otherwise."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Final, Unpack

from approvals_hub_client.asking import Asking
from approvals_hub_client.authorizing import Authorizing
from approvals_hub_client.canonical import dumps
from approvals_hub_client.credential import Credential
from approvals_hub_client.errors import (
    BadAnswer,
    BadCredential,
    NoConnection,
    Refused,
    StillOpen,
    Unreachable,
    not_approved,
)
from approvals_hub_client.executor import AsyncExecutor, PublishedKeys, Redemption, Status
from approvals_hub_client.question import Approved, Question
from approvals_hub_client.signalling import Signalling
from approvals_hub_client.stream import Change, Known, Stream
from approvals_hub_client.times import present
from approvals_hub_client.transport import Transport, rest_of
from approvals_hub_client.trust import published_of

LONG_POLL: Final = 50
"""Seconds that one waiting request stays open: below the hub's 60 and most proxies' limits."""

_short = 15.0  # seconds for an answer that the hub does not hold back
_grace = 60.0  # seconds after the question's end in which the hub's word on it is still waited for


class AsyncHub(Authorizing, Signalling):
    """One agent at one hub. Only `wait` and `approval` return an `Approved`, and only for an approval that holds."""

    def __init__(
        self,
        credential: Credential,
        *,
        tls: ssl.SSLContext | None = None,
        allow_http: bool = False,
        clock: Callable[[], int] = present,
    ) -> None:
        """Opens nothing yet. Raises BadCredential for one that is not registered, ValueError for plain http."""
        if not credential.agent_id:
            raise BadCredential("the agent is not registered yet")
        self.credential = credential
        self.transport = Transport(credential.hub, credential, tls=tls, allow_http=allow_http, clock=clock)
        self.keys = PublishedKeys(self.transport)
        self.executor = AsyncExecutor(self.transport, None, self.keys)
        """Redeems as the agent itself; an executor elsewhere makes its own from a `Transport` and its name."""

    @classmethod
    def from_file(cls, path: Path | str, **options: Any) -> AsyncHub:
        """The agent of a credential file. Raises BadCredential."""
        return cls(Credential.load(path), **options)

    async def approval(
        self,
        action_type: str,
        payload: Mapping[str, Any],
        *,
        within: float | None = None,
        **asking: Unpack[Asking],
    ) -> Approved:
        """Ask and wait. Whoever stops waiting (cancelled, `within` seconds over, no network) withdraws the question.

        Raises NotApproved and its kinds, StillOpen, Refused, Unreachable, BadAnswer.
        """
        question = await self.ask(action_type, payload, **asking)
        try:
            return await self.wait(question, within=within)
        except (asyncio.CancelledError, KeyboardInterrupt, StillOpen, Unreachable):
            await self.give_up(question)
            raise

    async def ask(
        self,
        action_type: str,
        payload: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        within: float = 30.0,
        **asking: Unpack[Asking],
    ) -> Question:
        """Put the question to people and return at once. An identical open one is not put twice.

        Raises Refused, Unreachable after `within` seconds, BadAnswer.
        """
        action, body = self._request(action_type, payload, asking)
        key = idempotency_key or secrets.token_urlsafe(16)
        try:
            view = await self.transport.call("POST", "/v1/escalations", body=body, idempotency_key=key, within=within)
        except Refused as refusal:
            # Where this machine's clock is wrong the hub has just said so: the question is dated by the hub's.
            if refusal.code != "requested_at_out_of_range":
                raise
            action, body = self._request(action_type, payload, asking)
            view = await self.transport.call("POST", "/v1/escalations", body=body, idempotency_key=key, within=within)
        return Question.read(view, action, self.credential.agent_id)

    async def wait(self, question: Question, *, within: float | None = None) -> Approved:
        """Wait until the question ends, `within` seconds at most: also through restarts of the hub and lost networks.

        Raises NotApproved and its kinds for every end that is no usable approval, StillOpen when the time is over,
        Refused, BadAnswer; Unreachable when the hub is silent until a minute past the question's end, or past `within`:
        NoConnection at once then, and where it took connections and gave no answer, after 15 seconds more.
        """
        end = monotonic() + (within if within is not None else 366 * 86_400)
        while question.is_open:
            left = end - monotonic()
            if left <= 0:
                raise StillOpen(question.escalation_id)
            question = await self.poll(question, left)
        return await self._approved(question)

    async def poll(self, question: Question, seconds: float = LONG_POLL) -> Question:
        """The question's next state, or its present one after `seconds`. Raises Refused, Unreachable, BadAnswer."""
        started = monotonic()
        until_end = max(question.expires_at - self.transport.clock(), 0) / 1000 + _grace
        wait = max(1, int(min(seconds, LONG_POLL)))
        path = f"/v1/escalations/{question.escalation_id}"
        query = {"wait": wait, "since": question.version}
        try:
            view = await self.transport.call(
                "GET", path, query=query, within=min(seconds + 1, until_end), answer_within=wait + 15
            )
        except (Refused, Unreachable) as cut:
            if not cut.retryable or isinstance(cut, NoConnection):
                raise
            # A proxy may let no long wait through: a hub is away only where it gives no short answer either.
            view = await self.transport.call("GET", path, within=_short)
        news = Question.read(view, question.action, self.credential.agent_id)
        if news.is_open and news.version == question.version and monotonic() - started < 1:
            # A hub that is stopping, or a proxy that cuts long polls, must not turn waiting into hammering.
            await asyncio.sleep(min(rest_of(view.get("retry_after")), max(seconds, 0)))
        return news

    async def stream(
        self, known: Mapping[str, int] | None = None, *, within: float | None = None
    ) -> AsyncGenerator[Change, None]:
        """Every change of this agent's questions on one connection, also through lost ones; ends by an exception alone.

        First come those that are open, and those that ended in the last thirty days and are not in `known` (version by
        escalation id, from an earlier run). A lost connection is made again and told what is known: nothing is lost,
        and nothing comes twice. What another process of the agent asks is told with the next word, 15 seconds later at
        most. `within`: seconds without the hub to bear. `change.of(question)` is a question in its
        new state, for `wait`.

        Raises NotAuthorised when the agent is revoked, Refused, Unreachable after `within` seconds, BadAnswer.
        """
        stream = Stream(self.transport, self.credential.agent_id, Known(known or {}), within)
        async with aclosing(stream.changes()) as changes:
            async for change in changes:
                yield change

    async def question(self, escalation_id: str, action: Mapping[str, Any] | None = None) -> Question:
        """A question asked earlier, for example before a restart; `action` is what was asked.

        Without `action` the hub says what it was: compare that with what you are about to do. Raises Refused,
        Unreachable, and BadAnswer when it was about another action.
        """
        query = {"action": "true"} if action is None else None
        view = await self.transport.call("GET", f"/v1/escalations/{escalation_id}", query=query)
        told = view.pop("action", None)
        if action is None and not isinstance(told, dict):
            raise BadAnswer("the hub does not say what was asked")
        return Question.read(view, told if action is None else action, self.credential.agent_id)

    async def withdraw(self, question: Question, *, within: float = 30.0) -> Question:
        """Take the question back; an approval that was not redeemed yet is void. Raises Conflict after another end."""
        view = await self.transport.call("DELETE", f"/v1/escalations/{question.escalation_id}", within=within)
        return Question.read(view, question.action, self.credential.agent_id)

    async def revise(
        self, question: Question, payload: Mapping[str, Any], *, within: float = 30.0, **asking: Unpack[Asking]
    ) -> Question:
        """Ask about the edited action instead: a new question with its own votes; the old one ends superseded.

        What is not given again (subject, relying party, …) stays as it was. Raises Refused, Unreachable, BadAnswer.
        """
        old = question.action
        edited, body = self._request(old["action_type"], payload, asking)
        for name in ("subject", "relying_party", "attachments"):
            if name not in asking and name in old:
                edited[name] = old[name]
        path = f"/v1/escalations/{question.escalation_id}/revisions"
        key = secrets.token_urlsafe(16)
        view = await self.transport.call("POST", path, body=body, idempotency_key=key, within=within)
        return Question.read(view, edited, self.credential.agent_id)

    async def extend(self, question: Question, expires_in: int) -> Question:
        """Ask for time until `expires_in` seconds from now. Raises Refused beyond the requirement's maximum."""
        path = f"/v1/escalations/{question.escalation_id}/extensions"
        view = await self.transport.call("POST", path, body={"expires_in": expires_in})
        return Question.read(view, question.action, self.credential.agent_id)

    async def redeem(
        self, approved: Approved, *, idempotency_key: str | None = None, counterparty_proofs: Sequence[str] = ()
    ) -> Redemption:
        """Spend the approval as the executor of the agent's own action; a token that ran out is fetched again.
        `counterparty_proofs` as in `AsyncExecutor.redeem`.

        Raises Refused, NotApproved (revoked meanwhile), Unreachable, BadAnswer: then nothing may be done.
        """
        key = idempotency_key or secrets.token_urlsafe(16)
        try:
            handed = self.hand_over(approved, idempotency_key=key)
            return await self.executor.redeem(handed, counterparty_proofs=counterparty_proofs)
        except Refused as refusal:
            if refusal.code != "invalid_token":
                raise
        fresh = await self._approved(await self.question(approved.question.escalation_id, approved.question.action))
        handed = self.hand_over(fresh, idempotency_key=key)
        return await self.executor.redeem(handed, counterparty_proofs=counterparty_proofs)

    def hand_over(self, approved: Approved, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """What an executor elsewhere needs to redeem, good for a minute; it goes nowhere else."""
        return approved.hand_over(self.credential, self.transport.clock(), idempotency_key)

    async def report(self, redemption: Redemption, status: Status, detail: str | None = None) -> None:
        """Say what came of the action. Raises Refused, Unreachable."""
        await self.executor.report(redemption, status, detail)

    async def bundle(self, escalation_id: str, *, within: float = 30.0) -> bytes:
        """The receipt bundle of a question of this agent that has ended, as a file's bytes; `verify_bundle` checks it.

        Raises Conflict while the question is open, Refused, Unreachable.
        """
        path = f"/v1/escalations/{escalation_id}/bundle"
        return dumps(await self.transport.call("GET", path, within=within))

    async def public_keys(self) -> dict[str, Any]:
        """The hub's public keys with validity and revocation, to keep and to hand to whoever verifies offline.

        Raises Unreachable, BadAnswer for what is not such an answer.
        """
        answer = await self.transport.call("GET", "/v1/public-keys", anonymous=True)
        try:
            published_of(dumps(answer))
        except ValueError as error:
            raise BadAnswer(str(error)) from error
        return dict(answer)

    async def close(self) -> None:
        """Close the connections for good; a call that still waits raises Closed. Open questions stay open."""
        await self.transport.close()

    async def __aenter__(self) -> AsyncHub:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def _approved(self, question: Question) -> Approved:
        token = question.view.get("approval_token")
        ready = question.status == "approved" and question.view.get("token_state") == "ready"
        if not ready or not isinstance(token, str):
            if question.is_open:
                raise BadAnswer("the question is open again, which no ended one ever is")
            raise not_approved(question.view)
        keys = await self.keys.for_token(token)
        return Approved.read(question, keys, self.credential.issuer, self.transport.clock())

    async def give_up(self, question: Question) -> None:
        """Withdraw it, unless it has ended or the hub does not answer: then it ends by itself."""
        try:
            await self.withdraw(question, within=5.0)
        except (Refused, Unreachable, BadAnswer):
            return  # it ended otherwise, or ends by itself; its approval was never collected
