"""How much and how often: which totals count, and what an action adds to them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.policies.decision import Decision
from approvals_hub.policies.document import WINDOWS
from approvals_hub.policies.facts import Counter
from approvals_hub.policies.limits import NOBODY, Unreadable, has_no_limit_in, passed, reservations
from approvals_hub.policies.policy import counters, decide
from approvals_hub.policies.view import View
from tests.unit.policies.written import action, decided, facts, one_rule, party, policy, stack, view

SPEND = "id: r, effect: allow, action: pay, spend: {limit: 100, currency: EUR, window: day"
EUROS = {"amount_minor": 40, "currency": "EUR"}


def spending(more: str = "", amount: Any = 40, currency: Any = "EUR", total: int = 0, **known: Any) -> Decision:
    asked = action(payload={"amount_minor": amount, "currency": currency}, **party("shop.example.com"))
    return decided(f"{SPEND}{more}}}", asked, total, **known)


@pytest.mark.parametrize(
    ("total", "decision"), [(0, "ALLOW"), (60, "ALLOW"), (61, "REQUIRE_STEP_UP"), (100, "REQUIRE_STEP_UP")]
)
def test_three_times_forty_do_not_fit_into_a_hundred(total: int, decision: str) -> None:
    assert spending(total=total).decision == decision


@pytest.mark.parametrize(
    ("above", "decision", "owed"),
    [
        ("", "REQUIRE_STEP_UP", ["STEP_UP_AUTH"]),
        (", above: step_up, min_assurance: HIGH", "REQUIRE_STEP_UP", ["STEP_UP_AUTH"]),
        (", above: approval", "REQUIRE_APPROVAL", ["HUMAN_APPROVAL"]),
        (", above: deny", "DENY", []),
    ],
)
def test_above_a_limit_the_policy_says_what_it_takes(above: str, decision: str, owed: list[str]) -> None:
    made = spending(above, total=100)
    assert (made.decision, made.code, [each.type for each in made.obligations]) == (decision, "limit", owed)
    if decision == "REQUIRE_STEP_UP":
        assert made.asked is not None
        assert made.asked.members == {"min_assurance": "HIGH" if "HIGH" in above else "SUBSTANTIAL"}


def test_what_passes_a_limit_and_is_approved_is_added_all_the_same() -> None:
    (found,) = spending(total=90).reservations
    assert (found.amount, found.most, found.total, found.fits) == (40, 100, 90, False)


def test_a_total_that_is_not_known_stands_above_every_limit() -> None:
    whole = stack(policy(f"{SPEND}}}"))
    made = decide(whole, action(payload=EUROS), facts())
    assert (made.decision, made.reservations[0].total) == ("REQUIRE_STEP_UP", None)


@pytest.mark.parametrize("currency", ["USD", "eur", "XTS"])
def test_another_currency_is_never_added_and_never_free(currency: str) -> None:
    made = spending(currency=currency)
    assert (made.decision, made.code, made.reservations) == ("REQUIRE_STEP_UP", "limit", ())


@pytest.mark.parametrize("amount", ["40", 40.5, -1, True, None, [40], 2**53])
def test_an_amount_that_cannot_be_counted_is_denied(amount: Any) -> None:
    assert (spending(amount=amount).decision, spending(amount=amount).code) == ("DENY", "amount_unreadable")


@pytest.mark.parametrize("currency", [None, 5, ["EUR"]])
def test_an_amount_without_a_currency_is_denied(currency: Any) -> None:
    assert spending(currency=currency).code == "amount_unreadable"


def test_nothing_is_spent_by_an_amount_of_nothing() -> None:
    assert spending(amount=0, total=100).decision == "ALLOW"


@pytest.mark.parametrize(
    ("per", "who"),
    [
        ("agent", [("agent:agt_1",)]),
        ("org", [("org:org",)]),
        ("vendor", [("vendor:example.com",)]),
        ("[agent, vendor]", [("agent:agt_1", "vendor:example.com")]),
        ("team", [("team:dev",), ("team:ops",)]),
    ],
)
def test_a_total_belongs_to_whom_the_limit_is_per(per: str, who: list[tuple[str, ...]]) -> None:
    made = spending(f", per: {per}", teams=frozenset({"ops", "dev"}))
    assert [each.counter.who for each in made.reservations] == who
    assert {
        (each.counter.policy_id, each.counter.name, each.counter.currency, each.counter.window)
        for each in made.reservations
    } == {("test", "r", "EUR", "day")}


def test_a_vendor_gets_no_new_limit_under_another_name_of_its_own() -> None:
    rule = one_rule(f"{SPEND}, per: vendor}}")
    made = policy(f"{SPEND}, per: vendor}}")

    def who(**more: Any) -> list[tuple[str, ...]]:
        return [
            each.counter.who for each in reservations(made, rule, view({**EUROS, **more.pop("payload", {})}, **more))
        ]

    same = [("vendor:example.co.uk",)]
    assert (
        who(**party("a.example.co.uk")) == who(**party("b.c.example.co.uk")) == who(**party("EXAMPLE.co.uk.")) == same
    )
    # Whoever names two counts for both; nobody, and what is no host, share one total.
    assert who(payload={"merchant_domain": "x.example"}, **party("y.example")) == [
        ("vendor:x.example",),
        ("vendor:y.example",),
    ]
    assert who() == who(payload={"merchant_domain": "no host"}) == [(f"vendor:{NOBODY}",)]


def test_the_limits_of_two_vendors_do_not_touch_each_other() -> None:
    whole = stack(policy(f"{SPEND}, per: vendor}}"))
    one, other = (action(payload=EUROS, **party(domain)) for domain in ("one.example", "other.example"))
    (spent,), (free,) = counters(whole, one, facts()), counters(whole, other, facts())
    totals = {spent: 100, free: 0}
    assert [decide(whole, each, facts(totals=totals)).decision for each in (one, other)] == ["REQUIRE_STEP_UP", "ALLOW"]


@pytest.mark.parametrize(("total", "decision"), [(0, "ALLOW"), (1, "ALLOW"), (2, "REQUIRE_APPROVAL")])
def test_how_often_is_counted_whatever_is_paid(total: int, decision: str) -> None:
    made = decided("id: r, effect: allow, action: pay, frequency: {most: 2, window: hour}", total=total)
    assert (made.decision, made.reservations[0].amount, made.reservations[0].counter.kind) == (decision, 1, "count")


def test_every_limit_must_hold_and_the_strictest_answer_counts() -> None:
    limits = "[{limit: 100, currency: EUR, window: day}, {limit: 50, currency: EUR, window: week, above: deny}]"
    rule = f"id: r, effect: allow, action: pay, spend: {limits}"
    whole = stack(policy(rule))
    day, week = counters(whole, action(payload=EUROS), facts())
    for totals, decision in (
        ({day: 0, week: 0}, "ALLOW"),
        ({day: 99, week: 0}, "REQUIRE_STEP_UP"),
        ({day: 0, week: 20}, "DENY"),
    ):
        assert decide(whole, action(payload=EUROS), facts(totals=totals)).decision == decision


def test_two_currencies_have_two_totals() -> None:
    limits = "[{limit: 100, currency: EUR, window: day}, {limit: 1000, currency: SEK, window: day}]"
    rule = f"id: r, effect: allow, action: pay, spend: {limits}"
    made = decided(rule, action(payload={"amount_minor": 900, "currency": "SEK"}))
    assert (made.decision, [each.counter.currency for each in made.reservations]) == ("ALLOW", ["SEK"])
    assert decided(rule, action(payload={"amount_minor": 1, "currency": "USD"})).decision == "REQUIRE_STEP_UP"


def test_rules_that_name_the_same_limit_share_its_total() -> None:
    shared = "spend: {limit: 100, currency: EUR, window: day, name: shop}"
    rules = f"id: a, effect: allow, action: pay.a, {shared}\nid: b, effect: allow, action: pay.b, {shared}"
    whole = stack(policy(rules))
    asked = [action(kind, EUROS) for kind in ("pay.a", "pay.b")]
    assert counters(whole, asked[0], facts()) == counters(whole, asked[1], facts()) != ()


def test_an_action_that_is_denied_needs_no_totals() -> None:
    assert counters(stack(policy("id: d, effect: deny, action: pay")), action(payload=EUROS), facts()) == ()
    assert counters(stack(policy(f"{SPEND}}}")), action(payload={"amount_minor": "x"}), facts()) == ()
    assert counters(stack(policy("")), action(), facts()) == ()


def test_a_counter_is_the_same_whatever_version_the_policy_has() -> None:
    made = policy(f"{SPEND}}}")
    newer = msgspec.structs.replace(made, version=2, hash="sha256:other")
    assert counters(stack(made), action(payload=EUROS), facts()) == counters(
        stack(newer), action(payload=EUROS), facts()
    )
    assert sorted([Counter("b", "", "", "", "", ()), Counter("a", "", "", "", "", ())])[0].policy_id == "a"


def test_what_is_passed_is_named_by_its_limit() -> None:
    rule = one_rule(f"{SPEND}}}")
    found = reservations(policy(f"{SPEND}}}"), rule, view(EUROS))
    assert passed(rule, found) == list(rule.limits)
    assert not has_no_limit_in(rule, "EUR")
    assert has_no_limit_in(rule, "SEK")
    assert not has_no_limit_in(one_rule("id: r, effect: allow, action: pay, frequency: {most: 1, window: day}"), "SEK")
    with pytest.raises(Unreadable, match="minor units"):
        reservations(policy(f"{SPEND}}}"), rule, View(action(), facts(), view().known))


def test_a_limit_in_one_currency_is_not_passed_by_another() -> None:
    limits = (
        "[{limit: 100, currency: EUR, window: day, name: shop},"
        " {limit: 100, currency: SEK, window: day, name: shop, above: deny}]"
    )
    whole = stack(policy(f"id: r, effect: allow, action: pay, spend: {limits}"))
    assert decide(whole, action(payload=EUROS), facts()).decision == "REQUIRE_STEP_UP"


def test_a_currency_without_a_limit_is_not_hidden_by_another_limit_that_is_passed() -> None:
    limits = "frequency: {most: 0, window: day}, spend: {limit: 9, currency: EUR, window: day}"
    rule = f"id: r, effect: allow, action: pay, {limits}"
    made = decided(rule, action(payload={"amount_minor": 1, "currency": "SEK"}))
    assert [each.type for each in made.obligations] == ["STEP_UP_AUTH", "HUMAN_APPROVAL"]
    assert made.asked is not None
    assert made.asked.members == {"min_assurance": "SUBSTANTIAL"}


def test_the_largest_amount_that_every_reader_holds_is_counted() -> None:
    assert spending(amount=2**53 - 1).code == "limit"


def test_a_month_is_its_longest_and_a_window_what_its_name_says() -> None:
    assert WINDOWS == {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_678_400}
