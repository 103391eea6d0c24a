"""One life of a hub for hypothesis: each step does the same to the hub and to the reference model, and compares.

One rule alone draws what happens: hypothesis leaves whole rules out of most lives, and some then tell nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from approvals_hub.db.database import Row
from approvals_hub.db.sql import In
from approvals_hub.escalations.escalate import Asking
from tests.flows.answering import Answering
from tests.flows.chances import MOMENTS, STEPS, Draw, digits, seconds, seldom, some, which, who
from tests.flows.comings import Comings
from tests.flows.kept import Asked, Looked
from tests.flows.model import Model
from tests.flows.model_nouns import LIMITS, Asker, Member, Question
from tests.flows.model_rule import RULES
from tests.flows.town import IN_GROUPS, LONGEST, PEOPLE, Town
from tests.unit.hub_fixture import Token

AGENTS = ("bot", "hers")


class Life(Comings, Answering, RuleBasedStateMachine):
    """Two agents, four people, and what they do to each other."""

    def __init__(self, town: Town) -> None:
        super().__init__()
        self.town, self.house, self.bots = town, town.house, town.agents()
        self.asked: list[Asked] = []
        self.looked: list[Looked] = []
        self.collected: list[tuple[Asked, Token, int]] = []
        self.nonces: set[str] = set()
        self.model = Model(
            agents={"bot": Asker("owner"), "hers": Asker("ada")},
            people={name: Member("owner" if name == "owner" else "approver") for name in PEOPLE},
            groups={name: dict.fromkeys(people, 0) for name, people in IN_GROUPS.items()},
            now=self.house.time.now,
        )

    def teardown(self) -> None:
        people = self.model.people
        gone = {name for name, one in people.items() if one.state != "active" or not one.signed_in}
        self.town.mend(self.bots, gone, {name for name, one in people.items() if one.revoked})

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.require(data.draw)
        self.ask(data.draw)

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        getattr(self, data.draw(st.sampled_from(STEPS)))(data.draw)

    def require(self, draw: Draw) -> None:
        rule = draw(st.sampled_from(RULES))
        self.model.rule = replace(rule, wait=draw(st.sampled_from((0, 0, 30))), digits=draw(digits))
        # How long an agent waits after denials has tests of its own, with a clock that stands still.
        limits: dict[str, Any] = {kind: {"burst": most, "hourly": each} for kind, (most, each) in LIMITS.items()}
        limits["back_off"] = False
        self.town.run(self.house.hub.set_limits(self.house.operator, limits))
        self.town.run(self.house.require(longest=LONGEST, **self.town.written(self.model.rule)))

    def time_passes(self, draw: Draw) -> None:
        moment = draw(st.sampled_from(MOMENTS))
        self.house.time.now += moment
        self.model.now += moment

    def restart(self, draw: Draw) -> None:
        self.town.restart()

    def expire(self, draw: Draw) -> None:
        self.town.run(self.house.hub.advance())
        for question in self.model.questions.values():
            self.model.touch(question)

    def complete(self, draw: Draw) -> None:
        self.town.run(self.house.hub.complete())
        self.model.complete()

    def ask(self, draw: Draw) -> None:
        agent, life = draw(st.sampled_from(AGENTS)), draw(seconds)
        sent = self.bots[agent].asking(expires_in=life)
        expected = self.model.ask(agent, life)
        self.opened(agent, sent, expected, self.house.hub.escalate(self.bots[agent].credential(), sent))

    def revise(self, draw: Draw) -> None:
        old, question = self.one(draw)
        life = draw(seconds)
        sent = self.bots[old.agent].asking(expires_in=life)
        expected = self.model.revise(question, life)
        self.opened(old.agent, sent, expected, self.house.hub.revise(self.bots[old.agent].credential(), old.id, sent))

    def opened(self, agent: str, sent: Asking, expected: Question | str, work: Any) -> None:
        code, opened = self.town.tell(work)
        assert code == (expected if isinstance(expected, str) else "")
        if isinstance(expected, Question):
            self.model.questions[opened.escalation.id] = expected
            self.asked.append(
                Asked(opened.escalation.id, agent, sent, opened.escalation.salt, opened.escalation.match_code)
            )

    def ask_again(self, draw: Draw) -> None:
        """The answer was lost: the same request gets the same question, whatever became of it."""
        old, _ = self.one(draw)
        code, opened = self.town.tell(self.house.hub.escalate(self.bots[old.agent].credential(), old.sent))
        assert code == (self.model.admitted(old.agent) or "")
        assert code or (opened.escalation.id, opened.repeated) == (old.id, True)

    def ask_the_same(self, draw: Draw) -> None:
        """The same action under another key: the same question while it is open."""
        old, question = self.one(draw)
        if question.state == "open" and self.model.now < question.expires:
            sent = self.bots[old.agent].asking(old.sent.action)
            code, opened = self.town.tell(self.house.hub.escalate(self.bots[old.agent].credential(), sent))
            assert code == (self.model.admitted(old.agent) or ("org_stopped" if self.model.stopped else ""))
            assert code or (opened.escalation.id, opened.repeated) == (old.id, True)

    def wait(self, draw: Draw) -> tuple[Asked, Token, int] | None:
        return self.wait_for(*self.one(draw))

    def wait_for(self, asked: Asked, question: Question) -> tuple[Asked, Token, int] | None:
        code, standing = self.town.tell(self.bots[asked.agent].standing(asked.id))
        assert (code or standing.escalation.state) == self.model.wait(question)
        if code:
            return None
        assert (standing.outcome_token is None) == (question.state == "open")
        spendable = question.state == "approved" and self.model.spendable(question) is None
        assert (standing.approval_token is not None) == spendable
        if not spendable:
            return None
        action = {**asked.sent.action, "salt": asked.salt}
        token = Token(self.bots[asked.agent], asked.id, standing.approval_token, standing.escalation.jti, action)
        self.collected.append((asked, token, self.model.now))
        return self.collected[-1]

    def use(self, draw: Draw) -> None:
        """Collect and spend at once, as agents mostly do."""
        collected = self.wait(draw)
        if collected is not None:
            self.redeem(draw, *collected)

    def redeem_late(self, draw: Draw) -> None:
        if self.collected:
            self.redeem(draw, *some(draw, self.collected))

    def redeem(self, draw: Draw, asked: Asked, token: Token, at: int) -> None:
        key = draw(st.sampled_from(("run-1", "run-2")))
        expected = self.model.redeem(self.model.questions[asked.id], at, key)
        code, redeemed = self.town.tell(token.redeem(key))
        assert (code or ("repeated" if redeemed.repeated else "redeemed")) == expected

    def withdraw(self, draw: Draw) -> None:
        asked, question = self.one(draw)
        code, ended = self.town.tell(self.house.hub.withdraw(self.bots[asked.agent].credential(), asked.id))
        assert (code or ended.state) == self.model.withdraw(question)

    def extend(self, draw: Draw) -> None:
        asked, question = self.one(draw)
        more, person = draw(seconds), draw(st.none() | who)
        extend = self.house.hub.extend
        if person is None:
            work = extend.by_agent(self.bots[asked.agent].credential(), asked.id, more)
        else:
            work = extend.by_person(self.town.people[person, "phone"].credential, asked.id, more)
        code, extended = self.town.tell(work)
        assert (code or extended.state) == self.model.extend(question, more, person)

    def look(self, draw: Draw) -> Looked | None:
        asked, question = self.one(draw)
        person = some(draw, [*PEOPLE, *sorted(question.people) * 2, *list(question.votes) * 3])
        return self.look_at(asked, question, person, draw(which))

    def look_at(self, asked: Asked, question: Question, person: str, device: str) -> Looked | None:
        code, statement = self.town.tell(self.town.people[person, device].statement(asked.id))
        assert code == (self.model.look(question, person, device) or "")
        if code:
            return None
        self.looked.append(Looked(asked.id, person, device, statement, self.model.now))
        return self.looked[-1]

    def answer(self, draw: Draw) -> None:
        """Look and decide at once, as people mostly do."""
        looked = self.look(draw)
        if looked is not None:
            self.decide(draw, looked)

    def agree(self, draw: Draw) -> None:
        """A question is asked, and one after another approves, as far as they may; its time may pass."""
        self.ask(draw)
        self.vote(draw, st.just("approve"))
        if draw(st.booleans()):
            self.time_passes(draw)
        self.complete(draw)

    def dispute(self, draw: Draw) -> None:
        """One after another approves or denies."""
        self.vote(draw, st.sampled_from(("approve", "deny")))

    def vote(self, draw: Draw, decisions: st.SearchStrategy[str]) -> None:
        asked = self.asked[-1] if self.asked and draw(st.booleans()) else self.one(draw)[0]
        question = self.model.questions[asked.id]
        for person in draw(st.permutations(PEOPLE)):
            looked = (
                self.look_at(asked, question, person, "phone") if self.model.place(question, person).seats else None
            )
            if looked is not None:
                self.decide_so(looked, draw(decisions))

    def recall(self, draw: Draw) -> None:
        asked, question = self.one(draw)
        person = draw(who)
        code, recalled = self.town.tell(self.house.hub.recall(self.town.people[person, "phone"].credential, asked.id))
        assert (code or recalled.token_state) == self.model.recall(question, person)

    def lose_the_spare(self, draw: Draw) -> None:
        votes = [vote for question in self.model.questions.values() for vote in question.votes.items()]
        person = some(draw, [name for name, vote in votes if vote.device == "spare"] or list(PEOPLE))
        lost = self.town.people[person, "spare"]
        code, _ = self.town.tell(lost.revoke())
        assert code == (self.model.entered(person) or "")
        self.model.people[person].revoked |= set() if code else {"spare"}

    def govern(self, draw: Draw) -> None:
        agent = draw(st.sampled_from(AGENTS))
        state = draw(st.sampled_from(("active", "paused", "active", "paused", "active", "revoked")))
        bot, before = self.bots[agent], self.model.agents[agent].state
        set_state = self.house.hub.govern.set_agent_state
        code, record = self.town.tell(set_state(self.house.operator, self.house.org_id, bot.agent_id, state))
        assert code == ("agent_revoked" if before == "revoked" != state else "")
        if before != "revoked" and state == "active":
            self.model.agents[agent].state = "active"
        elif before != "revoked":
            self.model.silence(agent, state, "withdrawn")
        assert code or record.state == self.model.agents[agent].state

    def stop_all(self, draw: Draw) -> None:
        govern = self.house.hub.govern
        if not self.model.stopped:
            self.town.run(govern.stop(self.house.operator, self.house.org_id))
            self.model.stop()
        if not draw(seldom):
            self.town.run(govern.resume(self.house.operator, self.house.org_id))
            self.model.stopped = False

    def employ(self, draw: Draw) -> None:
        person, state = draw(st.sampled_from(("ada", "bo"))), draw(st.sampled_from(("active", "disabled")))
        govern, person_id = self.house.hub.govern, self.town.person(person)
        self.town.run(govern.set_person_state(self.house.operator, self.house.org_id, person_id, state))
        if state == "disabled":
            self.model.disable(person)
        else:
            self.model.people[person].state = "active"

    @invariant()
    def both_say_the_same(self) -> None:
        columns = "id, state, version, seen_at IS NOT NULL AS seen, token_state"
        rows = self.read(f"SELECT {columns} FROM escalations WHERE agent_id IN :mine")
        found = {row["id"]: (row["state"], row["version"], bool(row["seen"]), row["token_state"]) for row in rows}
        told = {name: (one.state, one.version, one.seen, one.token) for name, one in self.model.questions.items()}
        assert found == told

    @invariant()
    def inboxes_show_what_is_open_alone(self) -> None:
        mine = "escalation_id IN (SELECT id FROM escalations WHERE agent_id IN :mine)"
        rows = self.read(f"SELECT escalation_id AS id, person_id AS who FROM inbox WHERE {mine}")
        shown = {(row["id"], row["who"]) for row in rows}
        due = {(name, self.town.person(person)): in_time for name, person, in_time in self.model.lines()}
        assert {line for line in due if due[line]} <= shown <= due.keys()

    def read(self, sql: str) -> list[Row]:
        return list(self.town.run(self.house.rows(sql, mine=In(bot.agent_id for bot in self.bots.values()))))

    def one(self, draw: Draw) -> tuple[Asked, Question]:
        """Some question; those more often that may still become something."""
        known = self.model.questions
        alive = [one for one in self.asked if known[one.id].state == "open" or known[one.id].token == "ready"]
        asked = some(draw, [*(alive or self.asked) * 4, *self.asked])
        return asked, known[asked.id]
