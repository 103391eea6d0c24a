"""What is known of a kind of action: the narrowest within a policy, the worse among several."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.domain.requirement import RISKS
from approvals_hub.policies.document import Label
from approvals_hub.policies.index import covers
from approvals_hub.policies.labels import DEFAULT, Known, critical_within, known_of

WIDE = Label(action="*", reversible=False, risk="medium")
NARROW = Label(action="pay.*", reversible=True, risk="low")


def test_within_a_policy_the_narrowest_pattern_counts() -> None:
    for labels in ((WIDE, NARROW), (NARROW, WIDE)):
        assert known_of("pay.out", [labels]) == Known(True, "low")
        assert known_of("other", [labels]) == Known(False, "medium")


def test_a_narrow_label_that_says_one_thing_leaves_the_other_to_the_wider() -> None:
    assert known_of("pay", [(WIDE, Label(action="pay", risk="high"))]) == Known(False, "high")


def test_no_policy_calls_harmless_what_another_calls_dangerous() -> None:
    for policies in ([(WIDE,), (NARROW,)], [(NARROW,), (WIDE,)]):
        assert known_of("pay.out", policies) == Known(False, "medium")
    assert known_of("pay.out", [(NARROW,), (Label(action="*"),)]) == Known(True, "low")


def test_of_two_equally_narrow_labels_the_first_counts() -> None:
    assert known_of("pay", [(Label(action="pay", risk="low"), Label(action="pay", risk="high"))]).risk == "low"


def test_nothing_is_known_of_what_nobody_labelled() -> None:
    assert known_of("pay", []) == known_of("pay", [()]) == Known()


def risky(**risks: str) -> list[Label]:
    """Labels by pattern, `_` for a dot and `_all` for a star behind it."""
    return [Label(action=name.replace("_all", ".*").replace("_", "."), risk=risk) for name, risk in risks.items()]


@pytest.mark.parametrize(
    ("pattern", "labels", "found"),
    [
        ("pay", risky(), (False, None)),
        ("pay", risky(pay="high"), (False, None)),
        ("pay", risky(pay="critical"), (True, "pay")),
        ("pay.*", risky(pay_all="critical"), (True, "pay.*")),
        ("pay.out", risky(pay_all="critical"), (True, "pay.*")),
        ("pay.out", risky(pay_all="critical", pay_out="low"), (False, None)),
        ("pay.out", risky(pay_all="low", pay_out="critical"), (True, "pay.out")),
        ("pay.*", risky(pay_all="critical", pay_out="low"), (False, "pay.*")),
        ("pay.*", risky(pay_all="critical", pay_out="critical"), (True, "pay.*")),
        ("pay.*", risky(pay_out="critical"), (False, "pay.out")),
        ("pay.*", [*risky(pay_out="low"), *risky(pay_out="critical")], (False, None)),
        ("*", risky(pay_out="critical"), (False, "pay.out")),
        ("mail.*", risky(pay_all="critical"), (False, None)),
        ("*", [Label(action="*", reversible=False)], (False, None)),
        ("legal.*", list(DEFAULT), (True, "legal.*")),
        ("data.*", list(DEFAULT), (False, "data.personal.delete")),
    ],
)
def test_what_a_pattern_names_is_critical_as_a_whole_in_part_or_not_at_all(
    pattern: str, labels: list[Label], found: tuple[bool, str | None]
) -> None:
    assert critical_within(pattern, labels) == found


EVERY_KIND = [".".join(words) for depth in range(1, 4) for words in itertools.product("abc", repeat=depth)]
"""As far as patterns of two words of `a` and `b` can tell."""
PATTERNS = ["*", *(f"{kind}{end}" for kind in ("a", "b", "a.a", "a.b", "b.a") for end in ("", ".*"))]


@given(st.sampled_from(PATTERNS), st.lists(st.tuples(st.sampled_from(PATTERNS), st.sampled_from([None, *RISKS]))))
def test_what_is_critical_within_a_pattern_is_what_each_kind_is_that_it_names(
    pattern: str, said: list[tuple[str, str | None]]
) -> None:
    labels = tuple(Label(action=action, risk=risk) for action, risk in said)
    critical = [known_of(kind, [labels]).risk == "critical" for kind in EVERY_KIND if covers(pattern, kind)]
    everything, example = critical_within(pattern, labels)
    assert (everything, example is not None) == (all(critical), any(critical))


@pytest.mark.parametrize(
    ("kind", "reversible", "risk"),
    [
        ("communication.email.send", False, "medium"),
        ("communication.email.delete", False, "medium"),
        ("communication.sms.send", False, "medium"),
        ("communication.phone.call", False, "medium"),
        ("communication.social.post", False, "high"),
        ("data.personal.read", True, "high"),
        ("data.personal.share", False, "high"),
        ("data.personal.delete", False, "critical"),
        ("data.business.export", False, "high"),
        ("web.account.delete", False, "high"),
        ("system.file.read", True, "low"),
        ("system.file.write", True, "medium"),
        ("communication.email.read", None, None),
        ("finance.transfer", False, "high"),
        ("legal.sign", False, "critical"),
        ("web.browse", True, "low"),
        ("system.file.delete", False, "high"),
        ("system.software.install", None, "high"),
        ("scheduling.appointment.book", True, "low"),
        ("healthcare.records.share", False, "critical"),
        ("healthcare.appointment.book", None, "high"),
        ("commerce.purchase", None, "medium"),
    ],
)
def test_the_default_taxonomy_knows_what_cannot_be_undone(kind: str, reversible: bool | None, risk: str | None) -> None:
    assert known_of(kind, [DEFAULT]) == Known(reversible, risk)
