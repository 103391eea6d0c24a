"""What stands, as the log has it, and what of it a rule needs."""

from __future__ import annotations

from approvals_hub.policies.load import load
from approvals_hub.policies.standing import NOTHING, Standing, is_known, measured_of, signals_of
from tests.unit.policies.kept_policies import rules

TEXT = rules(
    "id: none, effect: allow, action: '*'",
    "id: told, effect: deny, action: '*', where: {signal: incident}",
    "id: measured, effect: deny, action: '*', where: {signal: [incident, hub.approver_haste]}",
    "id: mode, effect: deny, action: '*', where: {mode: lockdown}",
)


def test_the_log_names_what_stands_out_and_nothing_else() -> None:
    assert NOTHING.recorded() == {}
    assert Standing("lockdown", ("a", "b")).recorded() == {"mode": "lockdown", "signals": ["a", "b"]}


def test_a_rule_says_which_signals_it_selects_by_and_which_of_them_the_hub_measures() -> None:
    read = load(TEXT).rules
    assert [signals_of(rule) for rule in read] == [(), ("incident",), ("incident", "hub.approver_haste"), ()]
    assert measured_of(read) == {"hub.approver_haste"}


def test_what_was_not_written_down_is_known_to_rules_alone_that_do_not_select_by_it() -> None:
    read = load(TEXT).rules
    assert [is_known(rule, None) for rule in read] == [True, False, False, False]
    assert [is_known(rule, NOTHING) for rule in read] == [True, True, False, True]
    assert all(is_known(rule, Standing(measured=("hub.approver_haste",))) for rule in read)
