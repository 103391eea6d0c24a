"""What the reference hub knows of people who are away, of their delegates, and of groups that somebody left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.flows.model_nouns import Bucket, Member, Question, Vote
from tests.flows.model_rule import Rule

GROUPS = ("some", "others")
"""The groups of a rule that names groups, in the order of its parts."""


@dataclass(eq=False)
class Away:
    """One absence of a person; `ended` by somebody before its time."""

    person: str
    delegate: str
    writer: str
    until: int
    ended: bool = False


@dataclass
class Place:
    """Where somebody stands in a question: on these seats, for these people who are away."""

    seats: frozenset[str]
    places: tuple[Away, ...] = ()
    before: bool = False


@dataclass
class Places:
    """Who is where now. `groups` say since when somebody is in one."""

    people: dict[str, Member]
    groups: dict[str, dict[str, int]]
    now: int
    away: dict[str, Away] = field(default_factory=dict)
    buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    # Rules and people as they are now.

    def counts(self, person: str, device: str) -> bool:
        member = self.people[person]
        return member.state == "active" and device not in member.revoked

    def present(self, q: Question) -> Rule:
        """The frozen rule without those who left its groups; who joined since does not count."""
        if not q.rule.named:
            return q.rule
        stay = (
            frozenset(one for one in group if self.groups[name].get(one, q.created + 1) <= q.created)
            for name, group in zip(GROUPS, q.rule.groups, strict=False)
        )
        return replace(q.rule, groups=tuple(stay))

    def asked(self, q: Question, stage: int = 99) -> frozenset[str]:
        """Whom it asks once so many stages are complete."""
        rule = self.present(q)
        return rule.voters(q.people, stage) | (rule.veto or frozenset())

    # Absences.

    def is_away(self, person: str) -> bool:
        there = self.away.get(person)
        return there is not None and not there.ended and self.now < there.until

    def delegates(self) -> set[str]:
        return {one.delegate for name, one in self.away.items() if self.is_away(name)}

    def go_away(self, person: str, delegate: str, writer: str, milliseconds: int) -> str:
        if writer not in (person, "owner"):
            return "role_missing"
        if writer != person and writer == delegate:
            return "delegate_yourself"
        if self.people[delegate].state != "active":
            return "delegate_invalid"
        self.away[person] = Away(person, delegate, writer, self.now + milliseconds)
        return ""

    def holds(self, away: Away) -> bool:
        """Whether an answer in this person's place counts."""
        return not away.ended and self.people[away.person].state == "active"

    def comes_to(self, q: Question) -> frozenset[str]:
        """Whose inbox a new question comes into: those whom it asks first, and who stands in for them."""
        asked = self.asked(q, 0)
        away = (one for name, one in self.away.items() if name in asked)
        return asked | {one.delegate for one in away if self._stands_in(q, one, one.delegate)}

    def spend(self, q: Question) -> bool:
        """Take one of what its agent may ask, of what may come to each of those whom it comes to, and of what this
        agent may ask of each: of all of them, or of none."""
        people = self.comes_to(q)
        kinds = [("agent", q.agent), *(("person", one) for one in people), *(("pair", q.agent, one) for one in people)]
        found = [self.buckets.setdefault(name, Bucket.of(name[0])) for name in kinds]
        holds = all(bucket.has_one(self.now) for bucket in found)
        for bucket in found if holds else ():
            bucket.take(self.now)
        return holds

    # Places and seats.

    def place(self, q: Question, person: str) -> Place:
        asked = self.asked(q)
        mine = tuple(one for name, one in self.away.items() if name in asked and self._stands_in(q, one, person))
        seats = asked & {person, *(one.person for one in mine)}
        if seats & self.asked(q, q.stage) or person not in q.votes:
            return Place(seats, mine)
        kept = tuple(one for one in q.votes[person].places if self.holds(one) and one.person in asked)
        if not kept:
            return Place(seats, mine)
        return Place(asked & {person, *(one.person for one in kept)}, kept, before=True)

    def refuses(self, q: Question, place: Place, *, approves: bool) -> str | None:
        """Why an answer from there is not taken."""
        if not place.seats or (approves and place.before):
            return "not_eligible"
        if not place.seats & self.asked(q, q.stage):
            return "stage_not_open"
        rule = self.present(q)
        if not approves or place.seats & rule.voters(q.people, q.stage):
            return None
        return "stage_not_open" if place.seats & rule.voters(q.people) else "veto_only"

    def _stands_in(self, q: Question, away: Away, person: str) -> bool:
        """Not the agent's owner, nor who wrote it for somebody else; only who might when the question opened."""
        vote = q.votes.get(away.person)
        return (
            away.delegate == person
            and self.is_away(away.person)
            and self.holds(away)
            and person in q.may_stand_in
            and not (away.writer == person != away.person)
            and not (vote is not None and vote.device not in self.people[away.person].revoked)
        )

    def seats(self, name: str, vote: Vote) -> frozenset[str]:
        return frozenset({name, *(one.person for one in vote.places if self.holds(one))})

    def given(self, q: Question) -> dict[str, tuple[str, int]]:
        """Whose seat → who signed, and the stage that was open: one's own answer before a delegate's, the last of
        these, and nobody's where somebody on the seat said no."""
        counted = {name: vote for name, vote in q.votes.items() if self.counts(name, vote.device)}
        refused = {
            seat for name, vote in counted.items() if vote.decision != "approve" for seat in self.seats(name, vote)
        }
        yes = {name: vote for name, vote in counted.items() if vote.decision == "approve"}
        found = {seat: (name, vote.stage) for name, vote in yes.items() for seat in self.seats(name, vote) - {name}}
        found |= {name: (name, vote.stage) for name, vote in yes.items()}
        voters = self.present(q).voters(q.people)
        return {seat: one for seat, one in found.items() if seat in voters - refused}

    def enough(self, q: Question, given: dict[str, tuple[str, int]]) -> bool:
        return self.present(q).holds(q.people, *apart(given))

    def lapsed(self, q: Question, person: str, place: Place) -> bool:
        """Whether somebody's answer to an open question counts no more, so that they may give it again."""
        vote = q.votes.get(person)
        if vote is None or q.state != "open":
            return False
        elsewhere = bool(vote.places) and person not in self.asked(q) and not set(vote.places) & set(place.places)
        return vote.device in self.people[person].revoked or elsewhere

    def stands(self, q: Question) -> bool:
        """Whether those who were counted are enough still."""
        given = {
            seat: (name, stage)
            for name, device, stage, places in q.counted
            if self.counts(name, device)
            for seat in (name, *(one.person for one in places if self.holds(one)))
        }
        return self.enough(q, given)


def apart(given: dict[str, tuple[str, int]]) -> tuple[dict[str, int], dict[str, str]]:
    """Stages and signers, by seat."""
    return {seat: stage for seat, (_, stage) in given.items()}, {seat: name for seat, (name, _) in given.items()}
