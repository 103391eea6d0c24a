"""What rules see of an action: the hub's word where only the hub's counts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.policies.labels import Known
from approvals_hub.policies.path import MISSING
from approvals_hub.policies.view import CLAIMED, View, trust_of
from tests.unit.policies.written import action, facts, party

REGISTRY = {
    "bank.example.com": "REGULATED",
    "*.example.com": "MEDIUM",
    "*.shop.example.com": "HIGH",
    "odd.example.org": "SUPER",
}


@pytest.mark.parametrize(
    ("domain", "profile"),
    [
        ("bank.example.com", "REGULATED"),
        ("BANK.example.com.", "REGULATED"),
        ("other.example.com", "MEDIUM"),
        ("a.b.example.com", "MEDIUM"),
        ("a.shop.example.com", "HIGH"),
        ("example.com", "LOW"),
        ("bank.example.com.attacker.tld", "LOW"),
        ("odd.example.org", "LOW"),
        ("no host", "LOW"),
        (None, "LOW"),
        (MISSING, "LOW"),
    ],
)
def test_trust_is_what_the_registry_says_and_low_where_it_says_nothing(domain: Any, profile: str) -> None:
    assert trust_of(domain, REGISTRY) == profile


def seen(members: dict[str, Any], **known: Any) -> View:
    return View(members, facts(**known), Known())


def test_an_agent_that_calls_its_counterparty_trusted_is_not_believed() -> None:
    claimed = action(**party("attacker.tld", trust_profile="HIGH"))
    assert seen(claimed, registry=REGISTRY).at(("relying_party", "trust_profile")) == "LOW"
    assert (
        seen(action(**party("bank.example.com")), registry=REGISTRY).at(("relying_party", "trust_profile"))
        == "REGULATED"
    )
    assert seen(action()).at(("relying_party", "trust_profile")) is MISSING


def test_an_agents_own_assurance_is_a_claim() -> None:
    assert seen(action(payload={"assurance_level": "HIGH"})).at(("payload", "assurance_level")) is CLAIMED
    assert seen(action(payload={"x": 1})).at(("payload", "x")) == 1


@pytest.mark.parametrize(
    ("principal", "verified", "chain"),
    [
        ({"agent_id": "a"}, None, ()),
        ({"agent_id": "a", "chain": ["b", "c"]}, None, ("b", "c")),
        ({"agent_id": "a", "chain": ["b"]}, ("x",), ("x",)),
        ({"agent_id": "a", "chain": "b"}, None, None),
        ({"agent_id": "a", "chain": ["b", 1]}, None, None),
    ],
)
def test_the_chain_is_the_verified_one_else_as_it_is_asked(principal: Any, verified: Any, chain: Any) -> None:
    assert seen({**action(), "principal": principal}, chain=verified).chain == chain


def test_a_counterparty_is_named_by_payload_and_relying_party_alike() -> None:
    whole = seen(action(payload={"merchant_domain": "A.example", "domain": None}, **party("b.example")))
    assert whole.domains == {"merchant_domain": ("a.example", "b.example"), "domain": ("b.example",)}
    assert seen(action(payload={"domain": "b.example."}, **party("b.example"))).domains["domain"] == ("b.example",)
    assert seen(action(payload={"domain": 5})).domains == {"merchant_domain": (), "domain": (None,)}


def test_a_kind_that_is_no_text_is_none() -> None:
    assert seen({"action_type": 5, "payload": {}}).action_type == ""


def test_an_action_of_64_kib_is_judged_by_expressions_and_one_byte_more_is_not() -> None:
    bare = len(msgspec.json.encode(action(payload={"more": ""})))
    assert seen(action(payload={"more": "x" * (65_536 - bare)})).expressed is not None
    assert seen(action(payload={"more": "x" * (65_537 - bare)})).expressed is None
