"""`approvals-hub ask`: a question from a script or a CI job. Status 0 says approved, and nothing else does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import click

from approvals_hub.cli import asked
from approvals_hub.cli.exits import Exit, exit_of
from approvals_hub.cli.options import speaks
from approvals_hub.cli.output import Output, shown

if TYPE_CHECKING:
    from approvals_hub_client import Approved, AsyncHub, NotApproved, Question

T = TypeVar("T")

_FAREWELL = 5.0  # seconds for taking the question back after Ctrl-C


@click.command()
@click.option("--action-type", help="What kind of thing it is, like db.drop or payment.execute.")
@click.option("--payload", metavar="@FILE|-|JSON", help="Exactly what would be done: a JSON object.")
@click.option("--justification", help="Why, in at most 280 characters; people see it marked as unverified.")
@click.option("--expires-in", type=int, help="Seconds until the question ends unanswered (default: 900).")
@click.option("--relying-party", metavar="DOMAIN", help="Who will carry it out; only they can redeem the token.")
@click.option("--subject", metavar="ID", help="Whom it is done for (default: the organisation).")
@click.option("--number-match", type=click.Choice(["2", "6"]), help="Show so many digits here; approvers type them.")
@click.option("--wait", is_flag=True, help="Wait for the answer; Ctrl-C takes the question back.")
@click.option(
    "--resume", metavar="ID", help="Wait for a question asked before; given again, action and payload must match."
)
@click.option("--redeem", is_flag=True, help="Redeem the approval at once and give its proof (with --wait).")
@click.option(
    "--credential",
    type=click.Path(path_type=Path),
    envvar="APPROVALS_HUB_CREDENTIAL",
    default=Path("agent.json"),
    show_default=True,
    help="The agent's credential file (also: APPROVALS_HUB_CREDENTIAL).",
)
@click.option("--timeout", type=float, default=30.0, show_default=True, help="Seconds of silence of the hub to bear.")
@click.option(
    "--allow-http", is_flag=True, help="Let the hub be on another machine without https: tokens in the clear."
)
@speaks
def ask(
    output: Output,
    action_type: str | None,
    payload: str | None,
    credential: Path,
    timeout: float,
    allow_http: bool,
    wait: bool,
    resume: str | None,
    redeem: bool,
    **about: Any,
) -> int:
    """Ask people for approval, from a script or a CI job.

    Exit status: 0 approved, 3 denied, 4 expired, 5 taken back, 6 not authorised, 7 hub unreachable, 8 asked and not
    answered yet (without --wait), 130 Ctrl-C.
    """
    about = {name: value for name, value in about.items() if value is not None}
    if redeem and not wait and resume is None:
        raise click.UsageError("--redeem needs --wait")
    if resume is not None and about:
        raise click.UsageError("--resume asks nothing new: leave out " + ", ".join(_flag(name) for name in about))
    if resume is None and (action_type is None or payload is None):
        raise click.UsageError("--action-type and --payload say what to ask; --resume waits for what was asked")
    content = None if payload is None else payload_of(payload)
    if (digits := about.pop("number_match", None)) is not None:
        about["requirement"] = {"number_match": int(digits)}

    async def run() -> int:
        from approvals_hub_client import AsyncHub

        async with AsyncHub.from_file(credential, allow_http=allow_http) as hub:
            asking = Asking(hub, output, timeout)
            if resume is not None:
                return await asking.follow(asking.found(resume, action_type, content), wait=True, redeem=redeem)
            assert action_type is not None
            assert content is not None
            return await asking.run(action_type, content, about, wait=wait, redeem=redeem)

    return asyncio.run(run())


class _Stopped(Exception):
    """A signal came."""


@dataclass(slots=True)
class Asking:
    """One question from beginning to end."""

    hub: AsyncHub
    output: Output
    timeout: float = 30.0
    """Seconds that the question may take to be filed; one that is filed is waited for until it ends."""
    beside: dict[str, Any] = field(default_factory=dict)
    """What is told beside the question itself."""
    spend: Callable[[Approved], Awaitable[dict[str, Any]]] | None = None
    """What an approval is spent with, instead of being handed over or redeemed; it gives what is told of that."""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _signal: Exit = Exit.INTERRUPTED

    async def run(
        self, action_type: str, payload: dict[str, Any], asking: dict[str, Any], *, wait: bool, redeem: bool
    ) -> int:
        """Ask, wait, tell. The exit status."""
        return await self.follow(
            self.hub.ask(action_type, payload, within=self.timeout, **asking), wait=wait, redeem=redeem
        )

    async def found(self, escalation_id: str, action_type: str | None, payload: dict[str, Any] | None) -> Question:
        """A question that this agent asked before. Raises Changed where it was about something else than given."""
        from approvals_hub_client import Changed
        from approvals_hub_client.canonical import dumps

        question = await self.hub.question(escalation_id)
        if action_type not in (None, question.action["action_type"]):
            raise Changed(f"{escalation_id} is about {question.action['action_type']}, not about {action_type}")
        # Not ==, for which true is 1.
        if payload is not None and dumps(payload) != dumps(question.action["payload"]):
            raise Changed(f"{escalation_id} is about another payload")
        return question

    async def follow(self, filed: Coroutine[Any, Any, Question], *, wait: bool, redeem: bool) -> int:
        """Wait for a question that is being filed or found, and tell. The exit status."""
        from approvals_hub_client import NotApproved

        self._listen_to_signals()
        filing = asyncio.ensure_future(filed)
        try:
            question = await self._unless_stopped(filing)
        except _Stopped:
            return await self._take_back(filing)
        if not wait:
            self._tell_open(question)
            return Exit.OPEN
        waiting = asyncio.ensure_future(self._until_answered(question))
        try:
            approved = await self._unless_stopped(waiting)
        except _Stopped:
            waiting.cancel()
            await asyncio.wait({waiting})
            return await self._take_back(filing)
        except NotApproved as refusal:
            self._tell_refused(refusal)
            return exit_of(refusal)
        await self._tell_approved(approved, redeem=redeem)
        return Exit.OK

    def _listen_to_signals(self) -> None:
        def stop(status: Exit) -> Callable[[], None]:
            def heard() -> None:
                self._signal = status
                self._stop.set()

            return heard

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, stop(Exit.INTERRUPTED))
        loop.add_signal_handler(signal.SIGTERM, stop(Exit.TERMINATED))

    async def _unless_stopped(self, work: asyncio.Future[T]) -> T:
        """What `work` gives; it goes on by itself where a signal comes first."""
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]  # of two types
        finally:
            stop.cancel()
        if not work.done():
            raise _Stopped
        return work.result()

    async def _until_answered(self, question: Question) -> Approved:
        if question.is_open:
            self._tell_where(question)
        with self.output.status() as tell:
            while question.is_open:
                clock = asyncio.ensure_future(self._tell_time(question, tell))
                try:
                    question = await self.hub.poll(question)
                finally:
                    clock.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await clock
        return await self.hub.wait(question)

    def _tell_where(self, question: Question) -> None:
        """Where people answer, as a link and a picture for a phone, and how many may."""
        if self.output.as_json:
            return
        link = asked.link(question, self.hub.credential)
        self.output.note(f"Asked: {link}")
        if people := asked.people(question):
            self.output.note(people)
        if link.startswith("https://"):
            self.output.qr(link)

    async def _tell_time(self, question: Question, tell: Callable[[str], None]) -> None:
        """The one live line: what is asked, who has looked, how long is left."""
        end = monotonic() + (question.expires_at - self.hub.transport.clock()) / 1000
        while True:
            left = max(0, int(end - monotonic()))
            tell(f"{asked.standing(question)} · {left // 60}:{left % 60:02d} left · Ctrl-C takes it back")
            await asyncio.sleep(1)

    async def _take_back(self, filing: asyncio.Future[Question]) -> int:
        """Withdraw on the hub and say so; a question that was being filed may be there without our knowing its id."""
        from approvals_hub_client import ClientError

        try:
            async with asyncio.timeout(_FAREWELL):
                ended = await self.hub.withdraw(await filing, within=_FAREWELL)
            self.output.note(f"Taken back: {ended.escalation_id} is {ended.status}.")
            outcome = ended.status
        except (ClientError, TimeoutError) as error:
            self.output.note(f"The hub did not take the question back ({error}): it ends by itself, unused.")
            outcome = "unknown"
        finally:
            filing.cancel()
        if self.output.as_json:
            known = filing.result().escalation_id if filing.done() and not filing.cancelled() else None
            self.output.result({"escalation_id": known, "outcome": outcome})
        return self._signal

    def _tell_open(self, question: Question) -> None:
        self._tell_where(question)
        members = {**asked.members(question, self.hub.credential), "outcome": None, **self.beside}
        self.output.result(members, lambda: f"Asked: {question.escalation_id}. Nobody has answered yet.")

    def _tell_refused(self, refusal: NotApproved) -> None:
        reason = {"code": refusal.reason_code, "text": refusal.reason}
        members = {"escalation_id": refusal.escalation_id, "outcome": refusal.outcome, "by": refusal.by}
        members |= {"cause": refusal.cause, "reason": reason, **self.beside}
        words = f" ({shown(refusal.reason or refusal.reason_code)})" if refusal.reason_code else ""
        self.output.result(members, lambda: f"Not approved: {refusal.outcome}{words}.")

    async def _tell_approved(self, approved: Approved, *, redeem: bool) -> None:
        question = approved.question
        members = {**asked.members(question, self.hub.credential), "outcome": "approved"}
        if self.spend is not None:
            members |= await self.spend(approved)
            self.output.result(members, lambda: f"Allowed: {question.escalation_id} was approved, and is spent.")
            return
        if redeem:
            redemption = await self.hub.redeem(approved)
            members |= {"redeemed": True, "jti": redemption.jti, "proof_token": redemption.proof_token}
            self.output.result(members, lambda: f"Approved and redeemed: {question.escalation_id}.")
            return
        members |= {"redeemed": False, "hand_over": self.hub.hand_over(approved)}
        self.output.result(members, lambda: f"Approved: {question.escalation_id}.")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def payload_of(given: str) -> dict[str, Any]:
    """The JSON object of `@FILE`, `-` or the text itself. Raises UsageError."""
    from approvals_hub_client.canonical import CanonicalError, loads

    if given == "-":
        raw = sys.stdin.buffer.read()
    elif given.startswith("@"):
        raw = Path(given[1:]).read_bytes()
    else:
        raw = given.encode()
    try:
        value = loads(raw)
    except CanonicalError as error:
        raise click.UsageError(f"--payload is not strict JSON: {error}") from None
    if not isinstance(value, dict):
        raise click.UsageError("--payload is no JSON object")
    return value
