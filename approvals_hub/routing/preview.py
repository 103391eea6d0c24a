"""Shows what a route would do, saved or not, before it does it: the production engine, and no side effects."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.requirement import stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.routing.known import ChannelsIn, known_in, plan_in
from approvals_hub.routing.on_call import LAST_INSTANT
from approvals_hub.routing.plan import ROUTE, read
from approvals_hub.routing.question import Contact, Facts, Question, Telling
from approvals_hub.routing.refer import Missing, missing, refuse_unknown
from approvals_hub.routing.resolve import resolve_in, what_came_in
from approvals_hub.routing.route import Route, names
from approvals_hub.routing.timetable import End, answer


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Who would be told when, and how it would end, if nobody reacted and every channel took what it was given.
    `missing` is what a saved text names that is not there any more."""

    opened_at: int
    told: tuple[Telling, ...]
    end: End
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewRoute:
    """Works a route out for a question that opens at an instant.

    Everybody is taken to have one address on each of the route's channels, and whoever has a role that answers to be
    asked: which of them a question asks is its own requirement's to say.
    """

    db: Database
    clock: Clock
    channels_in: ChannelsIn

    async def __call__(
        self,
        reader: PersonCredential | OperatorCredential,
        name: str,
        text: str | None = None,
        *,
        at: int | None = None,
        expires_in: int | None = None,
        urgent: bool = False,
    ) -> Foreseen:
        """The saved route of this name, or the one in `text`, from `at` on (now unless said), for a question that lives
        `expires_in` seconds (as the organisation's requirement says unless said).

        Raises Invalid with line and column, NotFound, Unauthenticated, Forbidden.
        """
        now = self.clock.now()
        opened_at = now if at is None else at
        if not 0 <= opened_at <= LAST_INSTANT:
            raise Invalid("time_invalid", "that is too far away", next_step="Ask about a nearer time.", field="$.at")

        async def work(tx: Tx) -> Foreseen | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_ROUTES)
            if isinstance(who, HubError):
                return who
            written = text
            if written is None:
                plan = await plan_in(tx, who.org_id, ROUTE, name)
                if isinstance(plan, HubError):
                    return plan
                written = plan.text
            route = read(ROUTE, name, written)
            assert isinstance(route, Route)
            known = await known_in(tx, who.org_id, self.channels_in)
            if text is not None:
                refuse_unknown(ROUTE, written, known)
            gone = missing(ROUTE, written, known)
            org = await orgs.find(tx, who.org_id)
            assert org is not None
            people = await _answering_in(tx, who.org_id)
            question = Question(
                escalation_id="preview",
                opened_at=opened_at,
                people=people,
                may_stand_in=people,
                urgent=urgent,
                **(await resolve_in(tx, who.org_id, route, opened_at)).parts(),
            )
            came = await what_came_in(tx, who.org_id, opened_at)
            life = stored(org["requirement"]).expires_in if expires_in is None else expires_in
            expires_at = opened_at + life * SECOND
            facts = Facts(expires_at=expires_at, contacts=_contacts(route, people, known.channels), **came.parts())
            foreseen = answer(question, facts, expires_at)
            assert foreseen.end is not None
            return Foreseen(opened_at, foreseen.told, foreseen.end, tuple(gone))

        return settled(await self.db.read(work, org=reader.org_id))


async def _answering_in(tx: Tx, org_id: str) -> tuple[str, ...]:
    return tuple(
        row["id"]
        for row in await orgs.members(tx, org_id)
        if row["state"] == "active" and Permission.ANSWER in permissions(frozenset(row["roles"].split()))
    )


def _contacts(route: Route, people: tuple[str, ...], known: tuple[str, ...]) -> tuple[Contact, ...]:
    """Where no channel is set up yet, the route is worked out as if those that it names were."""
    return tuple(
        Contact(f"{person}/{channel}", person, channel)
        for person in people
        for channel in names(route).channels
        if channel in known or not known
    )
