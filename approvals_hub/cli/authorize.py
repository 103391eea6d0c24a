"""`approvals-hub authorize`: ask policies before acting. Status 0 says allowed, nothing else does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.ask import Asking, payload_of
from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import speaks
from approvals_hub.cli.output import Output, shown

if TYPE_CHECKING:
    from approvals_hub_client import Approved, AsyncHub, Authorization, Question

TOLD = ("decision", "code", "decision_id", "action", "action_hash", "decided_by", "obligations")


@click.command()
@click.option("--action-type", required=True, help="What kind of thing it is, like db.drop or payment.execute.")
@click.option("--payload", required=True, metavar="@FILE|-|JSON", help="Exactly what would be done: a JSON object.")
@click.option("--relying-party", metavar="DOMAIN", help="Whom it is done with; proofs are made for them.")
@click.option("--subject", metavar="ID", help="Whom it is done for (default: the organisation).")
@click.option("--justification", help="Why, for people, where it takes people; in at most 280 characters.")
@click.option("--expires-in", type=int, help="Seconds until their question ends unanswered (default: 900).")
@click.option(
    "--counterparty-proof",
    "proofs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file with a proof token of another party, the oldest first.",
)
@click.option("--wait", is_flag=True, help="Where it takes people: wait for them, and spend their approval.")
@click.option(
    "--note",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what is asked in this file: after a crash the same command goes on with it. Delete it once it is done.",
)
@click.option("--trace", is_flag=True, help="Say how the rules about this kind of action came out.")
@click.option(
    "--credential",
    type=click.Path(path_type=Path),
    envvar="APPROVALS_HUB_CREDENTIAL",
    default=Path("agent.json"),
    show_default=True,
    help="The agent's credential file (also: APPROVALS_HUB_CREDENTIAL).",
)
@click.option(
    "--allow-http", is_flag=True, help="Let the hub be on another machine without https: tokens in the clear."
)
@speaks
def authorize(
    output: Output,
    action_type: str,
    payload: str,
    proofs: tuple[Path, ...],
    wait: bool,
    note: Path | None,
    trace: bool,
    credential: Path,
    allow_http: bool,
    **about: Any,
) -> int:
    """Ask the policies before acting, from a script or a CI job.

    Exit status: 0 allowed, 3 denied by policies or people, 4 expired, 5 taken back, 6 not authorised, 7 hub
    unreachable, 8 people were asked (without --wait), 130 Ctrl-C.
    """
    about = {name: value for name, value in about.items() if value is not None}
    content = payload_of(payload)
    tokens = [file.read_text().strip() for file in proofs]

    async def run() -> int:
        from approvals_hub_client import AsyncHub

        async with AsyncHub.from_file(credential, allow_http=allow_http) as hub:
            return await decide(hub, output, action_type, content, about, tokens, wait=wait, note=note, trace=trace)

    return asyncio.run(run())


async def decide(
    hub: AsyncHub,
    output: Output,
    action_type: str,
    payload: dict[str, Any],
    about: dict[str, Any],
    proofs: list[str],
    *,
    wait: bool,
    note: Path | None = None,
    trace: bool = False,
) -> int:
    """Ask, wait where that is wanted, tell. The exit status."""
    from approvals_hub_client import NotAllowed, PeopleAsked
    from approvals_hub_client.noting import Note

    try:
        allowed = await hub.authorize(action_type, payload, trace=trace, counterparty_proofs=proofs, note=note, **about)
    except NotAllowed as refusal:
        denied = refusal.authorization
        output.result(told(denied), lambda: f"Not allowed: {shown(denied.reason)}.")
        return Exit.DENIED
    except PeopleAsked as people:

        async def spend(approved: Approved) -> dict[str, Any]:
            return told(await hub.spend(approved, counterparty_proofs=proofs, note=note))

        asking = Asking(hub, output, beside=told(people.authorization), spend=spend)
        status = await asking.follow(_opened(hub, people.question), wait=wait, redeem=False)
        if note is not None and status in (Exit.INTERRUPTED, Exit.TERMINATED):
            # Its question was taken back: the next run asks another one.
            Note(note).drop()
        return status
    output.result(told(allowed), lambda: f"Allowed: {shown(allowed.reason)}.")
    return Exit.OK


def told(decided: Authorization) -> dict[str, Any]:
    """A decision as data. `why` is its reason: what people gave as theirs is `reason` of a question."""
    members = {name: getattr(decided, name) for name in TOLD}
    more = {"why": decided.reason, "trust_profile": decided.trust_profile, "proof_token": decided.proof_token}
    return {**members, **more, **({} if decided.trace is None else {"trace": decided.trace})}


async def _opened(hub: AsyncHub, question: Question) -> Question:
    # An answer that is repeated has the question as it stands, and not its token.
    return question if question.is_open else await hub.question(question.escalation_id, question.action)
