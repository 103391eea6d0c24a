"""A decision is bytes: the same ones for the same input."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from approvals_hub.policies.decision import STRICTNESS, Decision
from approvals_hub_client.canonical import dumps, loads
from tests.house.tree import ROOT
from tests.unit.policies.written import action, decided, party

RULES = (
    "id: big, effect: allow, action: pay, constraints: {amount_min: 10.5}, approval: {quorum: 2, route: ops},"
    " proof: {required: true, ttl_seconds: 99.5}\n"
    "id: r, effect: allow, action: pay, spend: {limit: 100, currency: EUR, window: day, per: [team, vendor]}"
)


def made(amount: int) -> Decision:
    asked = action(payload={"amount_minor": amount, "currency": "EUR", "ü": "ö\U0001f600"}, **party("shop.example.com"))
    return decided(RULES, asked, teams=frozenset({"b", "a", "c"}))


@pytest.mark.parametrize("amount", [1, 11])
def test_the_same_input_gives_the_same_bytes_a_thousand_times(amount: int) -> None:
    assert {made(amount).text() for _ in range(1_000 if amount == 1 else 10)} == {made(amount).text()}


def test_another_process_whose_sets_lie_in_another_order_gives_the_same_bytes() -> None:
    program = "from tests.unit.policies.test_decision import made; print(made(11).text().decode())"
    environment = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"}
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == made(11).text().decode() + "\n"


def test_the_bytes_are_canonical_and_say_which_text_decided() -> None:
    members = loads(made(11).text())
    assert dumps(members) == made(11).text()
    assert members["policy"] == members["layers"][0]
    assert (members["policy"]["id"], members["rule_id"], members["rule_place"]) == ("test", "big", 0)
    assert members["policy"]["hash"].startswith("sha256:")
    assert members["asked"] == {"members": {"approvals": 2}, "route": "ops"}
    assert members["proof_ttl"] == 99


def test_a_decision_is_stricter_the_more_stands_between_the_agent_and_the_action() -> None:
    assert STRICTNESS["ALLOW"] < STRICTNESS["REQUIRE_DEPOSIT"] < STRICTNESS["REQUIRE_APPROVAL"] < STRICTNESS["DENY"]
    assert STRICTNESS["REQUIRE_APPROVAL"] == STRICTNESS["REQUIRE_STEP_UP"]
