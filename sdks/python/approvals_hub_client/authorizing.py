"""One call before any risky action: `authorize` returns when the action may be done, and raises otherwise."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Unpack

from approvals_hub_client.asking import Asking, request_of
from approvals_hub_client.authorization import Authorization, NotAllowed, PeopleAsked, read_authorization
from approvals_hub_client.credential import Credential
from approvals_hub_client.errors import BadAnswer, Refused, StillOpen, Unreachable
from approvals_hub_client.executor import PublishedKeys
from approvals_hub_client.noting import Note
from approvals_hub_client.question import Approved, Question
from approvals_hub_client.transport import Transport

PATH: Final = "/v1/authorize"


class Authorizing(ABC):
    """The part of a client that asks policies. What it needs of the rest of the client is abstract here."""

    credential: Credential
    transport: Transport
    keys: PublishedKeys

    @abstractmethod
    async def wait(self, question: Question, *, within: float | None = None) -> Approved:
        """Wait until the question ends."""

    @abstractmethod
    async def question(self, escalation_id: str, action: Mapping[str, Any] | None = None) -> Question:
        """A question asked earlier."""

    @abstractmethod
    async def give_up(self, question: Question) -> None:
        """Withdraw it, unless it has ended or the hub does not answer."""

    async def authorize(
        self,
        action_type: str,
        payload: Mapping[str, Any],
        *,
        wait: bool = False,
        trace: bool = False,
        counterparty_proofs: Sequence[str] = (),
        within: float | None = None,
        note: Path | str | None = None,
        **asking: Unpack[Asking],
    ) -> Authorization:
        """Ask the organisation's policies before acting. Returns only when the action may be done, with the proof
        verified where there is one.

        Where policies want people, they have been asked in the same call: `wait` waits for them (`within` seconds; who
        stops waiting withdraws the question), spends the approval and returns; without it PeopleAsked is raised, whose
        `question` goes to `wait` and `spend`. `trace`: how the rules came out stands in the answer.

        `note`: a file to keep what is asked in, so that the same call after a crash goes on with the same action: it is
        decided, counted and asked about once, and its approval is spent once. Delete it when the action is done.

        Raises NotAllowed where policies deny it or want a deposit, PeopleAsked, Refused, Unreachable, BadAnswer; with
        `wait` what waiting and `spend` raise, NotApproved and its kinds among them; with `note` Changed where it is of
        another action, and BadNote.
        """
        kept = None if note is None else Note(note)
        decided = await self._decided(action_type, payload, asking, trace, counterparty_proofs, kept)
        if decided.allowed:
            return decided
        if decided.question is None:
            raise NotAllowed(decided)
        question = decided.question
        if kept is not None and kept.token is not None:
            spent = await self._spent_before(question, kept.token, counterparty_proofs)
            if spent is not None:
                return spent
        if not wait:
            raise PeopleAsked(decided)
        try:
            if not question.is_open:
                # An answer that is repeated has the question as it stands, and not its token.
                question = await self.question(question.escalation_id, question.action)
            approved = await self.wait(question, within=within)
        except (asyncio.CancelledError, KeyboardInterrupt, StillOpen, Unreachable):
            await self.give_up(question)
            if kept is not None:
                kept.drop()
            raise
        return await self._spend(approved, counterparty_proofs, kept)

    async def spend(
        self, approved: Approved, *, counterparty_proofs: Sequence[str] = (), note: Path | str | None = None
    ) -> Authorization:
        """Spend the approval as the agent itself, for a proof to show to the counterparty; again within a day it is
        the same. `note` is the one of `authorize`.

        Raises Refused (policies deny it by now, or it was redeemed), NotApproved, Unreachable, BadAnswer, BadNote.
        """
        return await self._spend(approved, counterparty_proofs, None if note is None else Note(note))

    async def _spend(self, approved: Approved, counterparty_proofs: Sequence[str], note: Note | None) -> Authorization:
        question, token = approved.question, approved.token
        for last in (False, True):
            if note is not None:
                note.spends(token)
            try:
                return await self._spent(question, token, counterparty_proofs)
            except Refused as refusal:
                if last or refusal.code != "invalid_token":
                    raise
            token = (await self.wait(await self.question(question.escalation_id, question.action))).token
        raise AssertionError("the second time returns or raises")

    async def _spent_before(
        self, question: Question, token: str, counterparty_proofs: Sequence[str]
    ) -> Authorization | None:
        """What an earlier run got for this token, or gets now; None where it ran out before it was spent."""
        try:
            return await self._spent(question, token, counterparty_proofs)
        except Refused as refusal:
            if refusal.code != "invalid_token":
                raise
            return None

    async def _decided(
        self,
        action_type: str,
        payload: Mapping[str, Any],
        asking: Asking,
        trace: bool,
        counterparty_proofs: Sequence[str],
        note: Note | None,
    ) -> Authorization:
        more: dict[str, Any] = {"trace": True} if trace else {}
        more |= {"counterparty_proofs": list(counterparty_proofs)} if counterparty_proofs else {}
        action, body = self._noted(action_type, payload, asking, note)
        try:
            view = await self.transport.call("POST", PATH, body=body | more)
        except Refused as refusal:
            # Where this machine's clock is wrong the hub has just said so: the action is dated by the hub's.
            # What an earlier run noted stays as it was: the answer to it is over when it is a day old.
            if refusal.code != "requested_at_out_of_range" or (note is not None and note.resumed):
                raise
            action, body = self._noted(action_type, payload, asking, note)
            view = await self.transport.call("POST", PATH, body=body | more)
        return await self._read(view, action, counterparty_proofs, None)

    async def _spent(self, question: Question, token: str, counterparty_proofs: Sequence[str]) -> Authorization:
        action = {name: value for name, value in question.action.items() if name != "salt"}
        body: dict[str, Any] = {"action": action, "approval_token": token}
        body |= {"counterparty_proofs": list(counterparty_proofs)} if counterparty_proofs else {}
        view = await self.transport.call("POST", PATH, body=body)
        spent = await self._read(view, action, counterparty_proofs, question.escalation_id)
        if not spent.allowed or spent.action_hash != question.action_hash:
            raise BadAnswer("the hub took an approval and allowed nothing")
        return spent

    async def _read(
        self,
        view: Mapping[str, Any],
        action: Mapping[str, Any],
        counterparty_proofs: Sequence[str],
        escalation_id: str | None,
    ) -> Authorization:
        token = view.get("proof_token")
        keys = await self.keys.for_token(token) if isinstance(token, str) else {}
        return read_authorization(
            view,
            action,
            agent_id=self.credential.agent_id,
            keys=keys,
            issuer=self.credential.issuer,
            now=self.transport.clock(),
            counterparty_proofs=counterparty_proofs,
            escalation_id=escalation_id,
        )

    def _noted(
        self, action_type: str, payload: Mapping[str, Any], asking: Asking, note: Note | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        action, body = self._request(action_type, payload, asking)
        if note is None:
            return action, body
        body = note.begin(body, asking)
        return body["action"], body

    def _request(
        self, action_type: str, payload: Mapping[str, Any], asking: Asking
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return request_of(action_type, payload, asking, credential=self.credential, now=self.transport.clock())
