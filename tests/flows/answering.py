"""Steps of a life in which people decide, and type the number on the asker's screen."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.flows.chances import Draw, answers, number, seldom, some, who
from tests.flows.kept import Asked, Looked
from tests.flows.model import Model
from tests.flows.town import Town


class Answering:
    """Part of a life: it has a town, and the model of it."""

    town: Town
    model: Model
    asked: list[Asked]
    looked: list[Looked]
    nonces: set[str]
    look: Any
    look_at: Any

    def decide_late(self, draw: Draw) -> None:
        if self.looked:
            self.decide(draw, some(draw, self.looked))

    def decide(self, draw: Draw, looked: Looked) -> None:
        self.decide_so(looked, draw(answers), right=not draw(seldom))

    def guess(self, draw: Draw) -> None:
        """Somebody types one number after another, some with a statement that has come with one before."""
        known = self.model.questions
        found = [one for one in self.asked if known[one.id].state == "open" and known[one.id].rule.digits]
        if not found:
            return
        asked, person = some(draw, found), draw(who)
        looked = self.look_at(asked, known[asked.id], person, "phone")
        for right in draw(st.lists(seldom, min_size=3, max_size=5)):
            if looked is None:
                return
            self.decide_so(looked, "approve", right=right)
            if not draw(seldom):
                looked = self.look_at(asked, known[asked.id], person, "phone")

    def decide_so(self, looked: Looked, decision: str, *, right: bool = True) -> None:
        question, nonce = self.model.questions[looked.question], looked.statement["nonce"]
        before = question.votes.get(looked.person)
        spent = nonce in self.nonces
        issued = (nonce, looked.issued)
        expected = self.model.decide(question, looked.person, looked.device, decision, issued, spent=spent, right=right)
        code = next(one.code for one in self.asked if one.id == looked.question) if decision == "approve" else None
        statement = {**looked.statement, "decision": decision, "match_code": number(code, right=right)}
        code, receipt = self.town.tell(self.town.people[looked.person, looked.device].send(statement))
        assert (code or receipt.status) == expected
        if question.votes.get(looked.person) is not before:
            self.nonces.add(nonce)
