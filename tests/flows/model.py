"""A small reference hub: what the design says of a question and its token, in plain Python without a database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.flows.model_nouns import Asker, Question, Vote
from tests.flows.model_places import GROUPS, Places, apart
from tests.flows.model_rule import SECOND, Rule
from tests.flows.town import LONGEST

TOKEN_LIFE = 60 * SECOND
SKEW = SECOND
POP_WINDOW = 120 * SECOND
NONCE_LIFE = 600 * SECOND
VALID_FOR = 600 * SECOND


@dataclass(kw_only=True)
class Model(Places):
    """Everything the rules decide about. Each method says what the hub must answer: a state, or a refusal's code."""

    agents: dict[str, Asker]
    rule: Rule = field(default_factory=Rule)
    stopped: bool = False
    questions: dict[str, Question] = field(default_factory=dict)

    # What follows from the state.

    def touch(self, q: Question) -> None:
        """The hub's clock decides, whoever looks first."""
        if q.state == "open" and self.now >= q.expires:
            q.end("expired_seen" if q.seen else "expired_unseen")

    def ready(self, q: Question) -> bool:
        return q.token == "ready" and self.now < q.valid_until

    def spendable(self, q: Question) -> str | None:
        """Why not, or None."""
        if q.token == "revoked":
            return "token_revoked"
        if not self.ready(q):
            return "token_expired"
        if self.agents[q.agent].state != "active":
            return f"agent_{self.agents[q.agent].state}"
        if self.stopped:
            return "org_stopped"
        return None if self.stands(q) else "approver_gone"

    def admitted(self, agent: str, *, paused_may: bool = False) -> str | None:
        state = self.agents[agent].state
        return None if state == "active" or (paused_may and state == "paused") else f"agent_{state}"

    def may_answer(self, agent: str) -> frozenset[str]:
        owner = self.agents[agent].owner
        return frozenset(name for name, one in self.people.items() if one.state == "active" and name != owner)

    def lines(self) -> list[tuple[str, str, bool]]:
        """The inbox: question, person, and whether there is time left, without which the line may be gone."""
        opened = [(name, one) for name, one in self.questions.items() if one.state == "open"]
        people = {name for name, one in self.people.items() if one.state == "active"}
        return [
            (name, person, one.expires > self.now)
            for name, one in opened
            for person in self.asked(one, one.stage) & people
        ]

    # What agents do.

    def ask(self, agent: str, seconds: int) -> Question | str:
        refusal = self.admitted(agent) or ("org_stopped" if self.stopped else None)
        able = self.may_answer(agent)
        groups = tuple(frozenset(self.groups[name]) for name in GROUPS)
        rule = (replace(self.rule, groups=groups) if self.rule.named else self.rule).frozen(able)
        people = rule.voters(able) | (rule.veto or frozenset())
        keys = {
            name for name, one in self.people.items() if one.revoked != {"phone", "spare"} and one.state == "active"
        }
        if refusal is not None or not rule.holds(rule.voters(able), dict.fromkeys(able & keys, 99)):
            return refusal or "no_approvers"
        times = [self.now + length * SECOND for length in (rule.wait, seconds, LONGEST)]
        may_stand_in = (people | keys) - {self.agents[agent].owner}
        question = Question(agent, people, rule, *times, self.now, may_stand_in)
        return question if self.spend(question) else "asked_too_often"

    def wait(self, q: Question) -> str:
        refusal = self.admitted(q.agent, paused_may=True)
        if refusal is None:
            self.touch(q)
        return refusal or q.state

    def withdraw(self, q: Question) -> str:
        refusal = self.admitted(q.agent, paused_may=True)
        if refusal is not None:
            return refusal
        self.touch(q)
        if q.state == "open":
            q.end("withdrawn")
        elif q.state != "withdrawn" and (q.token, q.cause) != ("revoked", "withdrawn"):
            if not self.ready(q):
                return "escalation_ended"
            q.revoke("withdrawn")
        return q.state

    def revise(self, q: Question, seconds: int) -> Question | str:
        refusal = self.admitted(q.agent)
        if refusal is not None:
            return refusal
        self.touch(q)
        if self.stopped:
            return "org_stopped"
        if q.state != "open" and not self.ready(q):
            return "escalation_ended"
        new = self.ask(q.agent, seconds)
        if isinstance(new, Question):
            if q.state == "open":
                q.end("superseded")
            else:
                q.revoke("superseded")
        return new

    def extend(self, q: Question, seconds: int, person: str | None = None) -> str:
        refusal = (self.admitted(q.agent) or ("org_stopped" if self.stopped else None)) if person is None else None
        if person is not None:
            asked = self.refuses(q, self.place(q, person), approves=False) is None
            refusal = self.entered(person) or (None if asked else "escalation_unknown")
        if refusal is not None:
            return refusal
        self.touch(q)
        if q.state != "open":
            return "escalation_ended"
        if not q.expires <= self.now + seconds * SECOND <= q.latest:
            return "expires_in_out_of_range"
        q.expires = self.now + seconds * SECOND
        return "open"

    def redeem(self, q: Question, collected: int, key: str) -> str:
        """`collected` is when the token was minted."""
        revoked = self.agents[q.agent].state == "revoked"
        if q.token == "redeemed":
            same = q.redeemed_with == key
            late = self.now - q.redeemed_at > POP_WINDOW or self.agents[q.agent].revoked_at <= q.redeemed_at
            if revoked and (late or not same):
                return "invalid_pop"
            return "repeated" if same else "already_redeemed"
        if self.now >= min(collected + TOKEN_LIFE, q.valid_until) + SKEW:
            return "invalid_token"
        refusal = "invalid_pop" if revoked else self.spendable(q)
        if refusal is None:
            q.token, q.redeemed_with, q.redeemed_at, q.version = "redeemed", key, self.now, q.version + 1
        return refusal or "redeemed"

    # What people do.

    def entered(self, person: str) -> str | None:
        return None if self.people[person].signed_in else "session_ended"

    def reads(self, person: str, q: Question) -> str | None:
        return self.entered(person) or (
            None if self.place(q, person).seats or self.people[person].role == "owner" else "escalation_unknown"
        )

    def look(self, q: Question, person: str, device: str) -> str | None:
        refusal = self.reads(person, q)
        if refusal is not None:
            return refusal
        self.touch(q)
        if q.state != "open" and not self.ready(q):
            return "escalation_ended"
        refusal = self.refuses(q, self.place(q, person), approves=False)
        if refusal is not None:
            return refusal
        if device in self.people[person].revoked:
            return "device_not_active"
        q.seen = q.seen or q.state == "open"
        return None

    def decide(
        self, q: Question, person: str, device: str, decision: str, nonce: tuple[str, int], *, spent: bool, right: bool
    ) -> str:
        """`nonce` with when it was issued, `spent`: some decision carries it already; `right`: the number is."""
        refusal = self.reads(person, q) or ("device_not_active" if device in self.people[person].revoked else None)
        place = self.place(q, person)
        refusal = refusal or self.refuses(q, place, approves=decision == "approve" and not place.before)
        if refusal is not None:
            return refusal
        before = q.votes.get(person)
        if before is not None and before.decision == decision and not self.lapsed(q, person, place):
            return q.state
        if place.before and decision == "approve":
            return "not_eligible"
        self.touch(q)
        if q.state == "open" and before is not None and before.decision != "approve":
            return "already_answered"
        if q.state != "open" and not (
            before is not None and before.decision == "approve" and decision != "approve" and self.ready(q)
        ):
            return "escalation_ended" if before is None else "already_answered"
        if spent or self.now >= nonce[1] + NONCE_LIFE:
            return "nonce_expired" if self.now >= nonce[1] + NONCE_LIFE else "nonce_invalid"
        refusal = q.typed(person, nonce[0], right=right) if decision == "approve" else None
        if refusal is not None:
            return refusal
        q.votes.pop(person, None)
        q.votes[person] = Vote(decision, device, q.stage, place.places)
        self.settle(q)
        return q.state

    def settle(self, q: Question) -> None:
        counted = {name: vote for name, vote in q.votes.items() if self.counts(name, vote.device)}
        asked = self.asked(q)
        said = {name: (vote.decision, self.seats(name, vote) & asked) for name, vote in counted.items()}
        against = {seat for decision, seats in said.values() if decision == "deny" for seat in seats}
        given = self.given(q)
        if any(decision == "not_me" and seats for decision, seats in said.values()):
            self.refuse(q, "not_me")
        elif q.state != "open" or against & (asked if q.rule.veto is None else q.rule.veto):
            self.refuse(q, "denied")
        elif self.enough(q, given):
            q.held = self.now < q.effective
            if not q.held:
                self.approve(q)
        elif against and not q.rule.reachable(q.people, against):
            self.refuse(q, "denied")
        else:
            q.held = False
        if q.state == "open":
            q.stage = max(q.stage, self.present(q).stage(q.people, *apart(given)))

    def refuse(self, q: Question, outcome: str) -> None:
        if q.state == "open":
            q.end(outcome)
        else:
            q.revoke(outcome)
        if outcome == "not_me":
            self.silence(q.agent, "paused", "withdrawn", but=q)

    def approve(self, q: Question) -> None:
        q.end("approved")
        q.token, q.valid_until = "ready", self.now + VALID_FOR
        signed = {seat: name for seat, (name, _) in self.given(q).items()}
        q.counted = [
            (name, vote.device, vote.stage, [one for one in vote.places if signed.get(one.person) == name])
            for name, vote in q.votes.items()
            if name in signed.values()
        ]

    def complete(self) -> None:
        """The worker looks at what waited for its time."""
        for q in self.questions.values():
            if q.state == "open" and q.held and q.effective <= self.now < q.expires:
                q.held = False
                if self.enough(q, self.given(q)):
                    self.approve(q)

    def recall(self, q: Question, person: str) -> str:
        refusal = self.reads(person, q)
        names = {each for name, *_, places in q.counted for each in (name, *(one.person for one in places))}
        counted = q.token is not None and person in names
        if refusal is None and not counted and self.people[person].role != "owner":
            refusal = "not_your_approval"
        if refusal is None and q.token != "revoked" and not self.ready(q):
            refusal = "nothing_to_recall"
        if refusal is None:
            q.revoke("recalled")
        return refusal or "revoked"

    # What those do who govern.

    def silence(self, agent: str, state: str | None, outcome: str, but: Question | None = None) -> None:
        """Stop an agent: its open questions end, its tokens are void."""
        if state is not None:
            if self.agents[agent].state in (state, "revoked"):
                return
            self.agents[agent].state, self.agents[agent].revoked_at = state, self.now
        for q in self.questions.values():
            if q.agent == agent:
                self.touch(q) if q is not but else None
                if q.state == "open" and q is not but:
                    q.end(outcome)
                q.revoke("stopped")

    def stop(self) -> None:
        self.stopped = True
        for agent in self.agents:
            self.silence(agent, None, "denied")

    def disable(self, person: str) -> None:
        member = self.people[person]
        if member.state == "active":
            member.state, member.signed_in, member.revoked = "disabled", False, {"phone", "spare"}
            for name, asker in self.agents.items():
                if asker.owner == person and asker.state == "active":
                    self.silence(name, "paused", "withdrawn")
