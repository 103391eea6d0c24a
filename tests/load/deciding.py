"""How many decisions a second the policy engine makes: pure, in this process, by its own processor time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from approvals_hub.policies.document import Layer
from approvals_hub.policies.facts import Facts
from approvals_hub.policies.load import load
from approvals_hub.policies.policy import counters, decide
from approvals_hub.policies.stack import Stack
from approvals_hub.policies.trace import explain

SIZES = (10, 100, 1_000)
RULE = """\
  - id: rule-{number}
    effect: allow
    action: kind{number}.pay
    when: {{match: {{path: $.payload.category, op: in, value: [books, food]}}}}
    constraints: {{amount_max: 5000, currency: [EUR], merchant_domain: ["*.example.com"]}}
    spend: {{limit: 100000, currency: EUR, window: day}}
"""


def stack(size: int) -> Stack:
    """A policy of so many rules, each about a kind of its own, behind one that denies and is about every kind."""
    first = '  - {id: never, effect: deny, action: "*", where: {signal: injection}}\n'
    rules = "".join(RULE.format(number=number) for number in range(size - 1))
    return Stack([Layer(load(f"version: 1\ndefault: deny\nrules:\n{first}{rules}"))])


def action(size: int) -> dict[str, object]:
    """An action that the rule in the middle allows."""
    return {
        "action_type": f"kind{size // 2}.pay",
        "principal": {"agent_id": "agt_1"},
        "relying_party": {"domain": "shop.example.com"},
        "payload": {"amount_minor": 1_999, "currency": "EUR", "category": "books"},
    }


def measure(quick: bool) -> dict[int, float]:
    """Decisions a second for each size."""
    made = {size: (stack(size), action(size)) for size in SIZES}
    found = {}
    for size, (whole, asked) in made.items():
        known = Facts(now=0, totals=dict.fromkeys(counters(whole, asked, Facts(now=0)), 0))
        assert decide(whole, asked, known).decision == "ALLOW"
        found[size] = _rate(lambda whole=whole, asked=asked, known=known: decide(whole, asked, known), quick)
    return found


def explained(quick: bool) -> float:
    """Explanations a second of the largest."""
    whole, asked = stack(SIZES[-1]), action(SIZES[-1])
    return _rate(lambda: explain(whole, asked, Facts(now=0)), quick, 20)


def _rate(call: Callable[[], object], quick: bool, count: int = 3_000) -> float:
    rounds = []
    for _ in range(3 if quick else 9):
        began = time.process_time()
        for _ in range(count):
            call()
        rounds.append(time.process_time() - began)
    return count / statistics.median(rounds)
