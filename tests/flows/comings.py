"""Steps of a life in which people go away, come back, leave groups and join them again."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.flows.chances import Draw, seldom, some, who
from tests.flows.kept import Asked
from tests.flows.model import Model
from tests.flows.model_places import Place
from tests.flows.town import IN_GROUPS, PEOPLE, Town

NOT_HANDED = {
    "not_asked",
    "already_answered",
    "already_handed_over",
    "hand_over_to_oneself",
    "not_asked_from_the_start",
    "asks_themselves",
    "counts_no_more",
    "has_answered",
    "has_handed_over",
    "is_away",
    "asked_later",
}
"""Why a route lets nobody be told instead."""
LENGTHS = (30_011, 300_007, 3_600_017)
"""Milliseconds of an absence: no sum of moments meets them."""


class Comings:
    """Part of a life: it has a town, and the model of it."""

    town: Town
    house: Any
    model: Model
    asked: list[Asked]
    one: Any
    ask: Any
    look_at: Any
    decide_so: Any
    wait_for: Any

    def go_away(self, draw: Draw) -> None:
        """Somebody who is nobody's delegate, with a delegate who is there; the owner may say it for others."""
        busy = self.model.delegates() | {name for name in PEOPLE if self.model.is_away(name)}
        may, delegates = (
            [name for name in PEOPLE if name not in busy],
            [name for name in PEOPLE if not self.model.is_away(name)],
        )
        if not may or len(delegates) < 2:
            return
        person = some(draw, may)
        delegate = some(draw, [name for name in delegates if name != person])
        writer = draw(st.sampled_from((person, person, "owner")))
        writer = writer if self.model.people[writer].signed_in else "owner"
        lasts = draw(st.sampled_from(LENGTHS))
        code, _ = self.town.tell(self._say(person, delegate, writer, lasts))
        assert code == self.model.go_away(person, delegate, writer, lasts)

    def hand_over(self, draw: Draw) -> None:
        """Somebody names another to be told instead. Nobody may answer more than before, or less: the next comparisons
        say so. Who may be named is the route's to say; nobody who could not answer is."""
        asked, question = self.one(draw)
        person, to = draw(who), draw(who)
        hand_over = self.house.hub.hand_over
        by = self.town.people[person, "phone"].credential
        code, _ = self.town.tell(hand_over(by, asked.id, self.town.person(to)))
        refusal = self.model.reads(person, question)
        if refusal is None:
            self.model.touch(question)
            refusal = None if question.state == "open" else "escalation_ended"
        if refusal is None:
            place = self.model.place(question, person)
            own = Place(place.seats & {person})
            deputy = bool(place.places) and not own.seats
            refusal = "not_eligible" if deputy else self.model.refuses(question, own, approves=False)
        if refusal is not None:
            assert code == refusal
        elif code == "":
            able = question.people & {name for name, one in self.model.people.items() if one.state == "active"}
            assert to in able - {person, self.model.agents[asked.agent].owner}
        else:
            assert code in NOT_HANDED

    async def _say(self, person: str, delegate: str, writer: str, lasts: int) -> None:
        by, now = self.town.people[writer, "phone"], self.house.time.now
        await self.house.hub.be_absent(
            by.credential,
            since=now,
            until=now + lasts,
            delegate_id=self.town.person(delegate),
            person_id=self.town.person(person),
            fresh=await by.fresh(),
        )

    def come_back(self, draw: Draw) -> None:
        """Somebody is there again before their time."""
        away = [name for name in PEOPLE if self.model.is_away(name)]
        if away:
            person = some(draw, away)
            self.town.run(self._end(self.town.person(person)))
            self.model.away[person].ended = True

    async def _end(self, person_id: str) -> None:
        owner = self.town.people["owner", "phone"].credential
        for one in await self.house.hub.be_absent.present(owner, everybody=True):
            if one.person_id == person_id:
                await self.house.hub.be_absent.end(owner, one.absence_id)

    def deputise(self, draw: Draw) -> None:
        """Somebody goes away, delegates answer first, and something happens before the token is used."""
        self.go_away(draw)
        self.ask(draw)
        if not self.asked:
            return
        asked = self.asked[-1]
        question, first = self.model.questions[asked.id], self.model.delegates()
        for person in sorted(PEOPLE, key=lambda name: name not in first):
            may = self.model.place(question, person).seats and question.state == "open"
            looked = self.look_at(asked, question, person, "phone") if may else None
            if looked is not None and not draw(seldom):
                self.decide_so(looked, draw(st.sampled_from(("approve", "approve", "approve", "deny"))))
        getattr(self, draw(st.sampled_from(("come_back", "come_back", "change_group", "time_passes", "employ"))))(draw)
        for person in sorted(first):
            looked = self.look_at(asked, question, person, "phone") if draw(st.booleans()) else None
            if looked is not None:
                self.decide_so(looked, draw(st.sampled_from(("approve", "deny"))))
        self.wait_for(asked, question)

    def change_group(self, draw: Draw) -> None:
        """Somebody leaves a group, or is in it again; one stays."""
        name = draw(st.sampled_from(sorted(IN_GROUPS)))
        group, person = self.model.groups[name], some(draw, list(IN_GROUPS[name]))
        if person not in group:
            group[person] = self.model.now
        elif len(group) > 1:
            del group[person]
        self.town.run(self.town.put_group(name, group))
