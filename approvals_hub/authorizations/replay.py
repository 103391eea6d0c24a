"""Decides recorded actions once more, by what is in force and by what is proposed. Pure: nothing is asked or counted.

Totals are those of then, as each text counts them: what was really done before, in the window that a limit looks at.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import msgspec

from approvals_hub.core.clock import SECOND
from approvals_hub.policies.decision import REQUIRE_APPROVAL, REQUIRE_STEP_UP, Decision, Reservation
from approvals_hub.policies.document import DENY, WINDOWS, Layer, Policy
from approvals_hub.policies.facts import Counter, Facts
from approvals_hub.policies.kept import Binding
from approvals_hub.policies.label_agents import Labels
from approvals_hub.policies.limits import Unreadable, reservations
from approvals_hub.policies.policy import match, settle, view_of
from approvals_hub.policies.stack import Stack
from approvals_hub.policies.standing import NOTHING, Standing, is_known

STACKS: Final = 256
"""Sets of layers that are remembered: one for each agent and what was said of it."""
ASKS: Final = (REQUIRE_APPROVAL, REQUIRE_STEP_UP)
NO_POLICY: Final = "no_policy"
PROOF: Final = "counterparty_proof"
NOT_RECORDED: Final = "action_not_recorded"
"""The action was not kept with the answer: it was decided by a version of the hub that did not."""
NO_PROOF: Final = "counterparty_proof_not_recorded"
"""A rule wants a counterparty's proof, and whether one was there then is not known."""
NOT_STOOD: Final = "signals_not_recorded"
"""A rule about this kind of action selects by a signal or mode, and whether that stood then is not known."""
ERASED: Final = "erased"
"""What lay beside the log was erased."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One real decision; times in milliseconds. `labels` None: nobody wrote down what was said of the agent then."""

    id: str
    agent_id: str
    at: int
    was: str
    action: dict[str, Any] | None
    labels: Labels | None
    done: bool
    """Whether it was allowed at once, or approved and spent: then it counts in the totals of what came after."""
    proven: bool | None
    """Whether a proof of the counterparty was there; None where that is not known."""
    standing: Standing | None = None
    """What stood in the organisation; None where nobody wrote it down."""
    why_not: str | None = None
    """Why it cannot be decided once more."""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What it came to: by what is in force, and by what is proposed."""

    recorded: Recorded
    now: str
    would_be: str
    asked_otherwise: bool
    """Whether people would be asked either way, and something else of them."""
    reason: str
    rule_id: str | None
    why_not: str | None = None

    @property
    def change(self) -> str | None:
        """The kind of change, like `ALLOW to DENY`; None where there is none."""
        if self.recorded.was != self.would_be:
            return f"{self.recorded.was} to {self.would_be}"
        return f"{self.would_be}, asked otherwise" if self.asked_otherwise else None


class Bound(msgspec.Struct, frozen=True):
    """A policy, and for whom it holds."""

    policy: Policy
    binding: Binding


class Replay:
    """Takes recorded decisions in the order of their times."""

    def __init__(self, present: tuple[Bound, ...], proposed: tuple[Bound, ...]) -> None:
        """Both are whole: `proposed` has the new text in the place of the one that it replaces."""
        self._sides = (_Side(present), _Side(proposed))

    @property
    def reaches_back(self) -> int:
        """Milliseconds: the longest window that any limit looks at, 0 without limits."""
        windows = [
            WINDOWS[limit.window]
            for side in self._sides
            for each in side.bound
            for rule in each.policy.rules
            for limit in rule.limits
        ]
        return max(windows, default=0) * SECOND

    def again(self, recorded: Recorded, labels: Labels) -> Again:
        """Decide it once more, and count what was done. `labels` are those of now, where those of then are not known.

        The action is there; an action that cannot be decided is one with `why_not`.
        """
        assert recorded.action is not None
        said = recorded.labels or labels
        present, proposed = (side.decide(recorded, recorded.action, said) for side in self._sides)
        unknown = NO_PROOF if recorded.proven is None and PROOF in (present.code, proposed.code) else None
        if any(not side.knows(recorded, recorded.action, said) for side in self._sides):
            unknown = NOT_STOOD
        asks = recorded.was in ASKS and proposed.decision == recorded.was
        return Again(
            recorded=recorded,
            now=present.decision,
            would_be=proposed.decision,
            asked_otherwise=asks and present.decision == recorded.was and present.asked != proposed.asked,
            reason=proposed.reason,
            rule_id=proposed.rule_id,
            why_not=unknown,
        )


class _Side:
    """One set of policies with the totals as it counts them."""

    def __init__(self, bound: tuple[Bound, ...]) -> None:
        self.bound = bound
        self._stacks: dict[tuple[str, tuple[str, ...]], Stack] = {}
        self._spent: dict[Counter, _Spent] = {}

    def decide(self, recorded: Recorded, action: dict[str, Any], labels: Labels) -> Decision:
        if not self.bound:
            return _NOTHING
        stack, stood = self._stack(recorded.agent_id, labels.teams), recorded.standing or NOTHING
        members = {name: value for name, value in action.items() if name != "salt"}
        facts = Facts(
            now=recorded.at,
            teams=frozenset(labels.teams),
            project=labels.project,
            environment=labels.environment,
            mode=stood.mode,
            signals=frozenset(stood.signals),
            counterparties=("recorded",) if recorded.proven else (),
        )
        view = view_of(stack, members, facts)
        placed = match(stack, view)
        found: tuple[Reservation, ...] = ()
        if placed is not None and placed.rule.effect != DENY:
            try:
                found = reservations(placed.policy, placed.rule, view)
            except Unreadable:
                found = ()
        totals = {each.counter: self._total(each.counter, recorded.at) for each in found}
        decision = settle(stack, placed, view_of(stack, members, msgspec.structs.replace(facts, totals=totals)))
        if recorded.done:
            for each in found:
                self._spent.setdefault(each.counter, _Spent()).add(recorded.at, each.amount)
        return decision

    def knows(self, recorded: Recorded, action: dict[str, Any], labels: Labels) -> bool:
        """Whether all that the rules about this kind of action select by was written down."""
        speaking = self._stack(recorded.agent_id, labels.teams).speaking_of(str(action.get("action_type")))
        return all(is_known(placed.rule, recorded.standing) for placed in speaking)

    def _total(self, counter: Counter, now: int) -> int:
        spent = self._spent.get(counter)
        return 0 if spent is None else spent.since(now - WINDOWS[counter.window] * SECOND)

    def _stack(self, agent_id: str, teams: tuple[str, ...]) -> Stack:
        key = agent_id, teams
        stack = self._stacks.get(key)
        if stack is None:
            held = [each for each in self.bound if each.binding.holds_for(agent_id, frozenset(teams))]
            stack = Stack([Layer(each.policy, each.binding.tier, each.binding.rank) for each in held])
            if len(self._stacks) >= STACKS:
                self._stacks.clear()
            self._stacks[key] = stack
        return stack


class _Spent:
    """What was done in a window that only moves on: a total costs what has left it, not what is in it."""

    def __init__(self) -> None:
        self._parts: deque[tuple[int, int]] = deque()
        self._total = 0

    def add(self, at: int, amount: int) -> None:
        self._parts.append((at, amount))
        self._total += amount

    def since(self, start: int) -> int:
        while self._parts and self._parts[0][0] <= start:
            self._total -= self._parts.popleft()[1]
        return self._total


_NOTHING: Final = Decision(
    decision=REQUIRE_APPROVAL,
    code=NO_POLICY,
    reason="there is no policy: people are asked about everything",
    policy=None,
)
