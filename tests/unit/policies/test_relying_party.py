"""Who is in the registry, in one spelling, and what it says of an action's counterparty."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.relying_party import (
    Trust,
    checked_domain,
    checked_profile,
    party_unknown,
    too_many_parties,
    trust_in_action,
)
from tests.unit.policies.written import action, party

REGISTRY = {"bank.example.com": "REGULATED", "*.example.com": "MEDIUM", "bad.example.com": "LOW"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("bank.example.com", "bank.example.com"),
        ("Bank.Example.COM.", "bank.example.com"),
        ("*.Example.com", "*.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("github.io", "github.io"),
    ],
)
def test_a_host_is_kept_in_one_spelling(written: str, kept: str) -> None:
    assert checked_domain(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "*.",
        "*.co.uk",
        "*.github.io",
        "**.example.com",
        "a.*.com",
        "https://bank.example.com",
        "user@bank.example.com",
        "bank.example.com:443",
        "bank.example.com/x",
        "0x7f.1",
        "*.10.0.0.1",
        "a b",
        "x" * 3_000,
    ],
)
def test_an_entry_that_would_be_everybodys_or_read_in_two_ways_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_domain(written)
    assert (refused.value.code, refused.value.field) == ("relying_party_invalid", "$.domain")


def test_a_profile_is_one_of_four_words() -> None:
    assert checked_profile("HIGH") == "HIGH"
    with pytest.raises(Invalid) as refused:
        checked_profile("high")
    assert refused.value.field == "$.trust_profile"


@pytest.mark.parametrize(
    ("asked", "trust"),
    [
        (action(), None),
        (action(**party("bank.example.com")), Trust("REGULATED")),
        (action(**party("bank.example.com", trust_profile="LOW")), Trust("REGULATED", "LOW")),
        (action(**party("shop.example.com", trust_profile="MEDIUM")), Trust("MEDIUM", "MEDIUM")),
        (action(**party("bad.example.com")), Trust("LOW")),
        (action(**party("example.com")), Trust("LOW")),
        (action(**party("bank.example.com.attacker.tld", trust_profile="HIGH")), Trust("LOW", "HIGH")),
        (action(**party("x", trust_profile={"a": 1})), Trust("LOW")),
    ],
)
def test_an_agent_that_calls_a_stranger_trusted_changes_nothing(asked: dict[str, Any], trust: Trust | None) -> None:
    assert trust_in_action(asked, REGISTRY) == trust


def test_the_agents_word_is_recorded_where_it_differs_alone() -> None:
    assert Trust("LOW", "HIGH").recorded() == {"trust_profile": "LOW", "claimed_trust_profile": "HIGH"}
    assert Trust("LOW", "LOW").recorded() == Trust("LOW").recorded() == {"trust_profile": "LOW"}


def test_refusals_say_what_to_do_next() -> None:
    assert party_unknown().next_step
    assert too_many_parties().next_step
