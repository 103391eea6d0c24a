"""What a signal and a mode may be called, and how long they stand."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.signal import (
    MEASURED,
    MODES_LIMIT,
    MONITORS_LIMIT,
    Mode,
    Setting,
    Signal,
    checked_about,
    checked_modes,
    checked_name,
    checked_until,
    mode_in_use,
    refuse_mode,
    signal_in_use,
    signal_unknown,
)


@pytest.mark.parametrize("name", ["", "1st", "Incident", "an incident", "hub.mine", "a" * 64, "é", "a\n"])
def test_what_is_no_name_is_refused_and_nobody_declares_one_of_the_hubs(name: str) -> None:
    with pytest.raises(Invalid):
        checked_name(name)
    assert checked_name("change_freeze") == "change_freeze"


def test_what_the_hub_measures_can_be_declared_by_nobody_else() -> None:
    for name in MEASURED:
        with pytest.raises(Invalid):
            checked_name(name)


def test_nothing_is_set_for_ever_unless_that_is_said() -> None:
    assert checked_until("x", 60, False, 1_000) == 61_000
    assert checked_until("x", None, True, 1_000) is None
    assert checked_until("x", 30 * 86_400, False, 0) == 30 * 86_400_000
    for lasts, stays in ((None, False), (60, True), (59, False), (30 * 86_400 + 1, False), (-1, False)):
        with pytest.raises(Invalid):
            checked_until("x", lasts, stays, 0)


@pytest.mark.parametrize("words", ["", "x" * 201, "two\nlines", "turned \u202e round"])
def test_words_that_are_no_line_for_people_are_refused(words: str) -> None:
    with pytest.raises(Invalid):
        checked_until(words, 60, False, 0)
    with pytest.raises(Invalid):
        checked_about(words, ())
    assert checked_until("x" * 200, 60, False, 0) == 60_000
    assert checked_about("x" * 200, ["b", "a", "b"]) == ("a", "b")


def test_monitors_and_modes_have_limits() -> None:
    agents = [f"agt_{number}" for number in range(MONITORS_LIMIT + 1)]
    assert len(checked_about("x", agents[:-1])) == MONITORS_LIMIT
    with pytest.raises(Invalid, match="at most 10 monitors"):
        checked_about("x", agents)
    words = [f"mode_{number}" for number in range(MODES_LIMIT + 1)]
    assert checked_modes(words[:-1], "mode_0") == tuple(words[:-1])
    assert checked_modes(["normal"], "normal") == ("normal",)
    for wrong in (words, [], ["mode_0", "mode_0"], ["mode_0", "Mode"], ["mode_1"]):
        with pytest.raises(Invalid):
            checked_modes(wrong, "mode_0")


def test_a_signal_stands_as_long_as_somebody_holds_it() -> None:
    signal = Signal("incident", "x", (), 0, "per_1")
    assert not signal.stands
    assert Signal("incident", "x", (), 0, "per_1", (Setting("people", "x", 0, None, "per_1"),)).stands


def test_refusals_name_what_may_have_been_meant() -> None:
    assert "did you mean 'incident'?" in signal_unknown("incidnt", ("incident",)).detail
    refused = refuse_mode("lockdwn", Mode(known=("normal", "lockdown")))
    assert refused is not None
    assert "did you mean 'lockdown'?" in refused.detail
    assert "select by it: main, other" in signal_in_use(["main", "other"]).detail
    assert "is the mode now" in mode_in_use("lockdown", []).detail
    assert mode_in_use("lockdown", []).next_step == "Set another mode first."
    used = mode_in_use("lockdown", ["main"])
    assert (used.extra["policies"], used.next_step) == (["main"], "Take it out of them first.")
    assert "select by 'lockdown': main" in used.detail
