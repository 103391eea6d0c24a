"""What every attempt's state holds, and how answers are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.attempt import LONGEST, MOST_WRONG, WrongTry, begun, code_in, digits_in, require_open, wrong_try
from identity.errors import Cancelled, Malformed, OtherIntent, Refused, TimedOut, WrongAnswer
from identity.proof import State
from tests.contracts.step_up import asked

STEP_UP = asked.step_up(asked.START)
STATE = begun(STEP_UP, STEP_UP.expires_at)
CODE = {"code": "123456"}


def test_an_attempt_is_open_until_the_millisecond_of_its_end() -> None:
    require_open(STATE, STEP_UP, CODE, now=STEP_UP.expires_at - 1)
    with pytest.raises(TimedOut):
        require_open(STATE, STEP_UP, CODE, now=STEP_UP.expires_at)


def test_a_state_that_outlives_its_step_up_ends_with_it() -> None:
    with pytest.raises(TimedOut):
        require_open(begun(STEP_UP, STEP_UP.expires_at + 1), STEP_UP, CODE, now=STEP_UP.expires_at)


@pytest.mark.parametrize("changes", [{"id": "stp_other"}, {"intent_hash": "sha256:00"}])
def test_a_state_swapped_between_two_step_ups_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OtherIntent):
        require_open(STATE, replace(STEP_UP, **changes), CODE, now=asked.START)


def test_an_empty_state_is_refused() -> None:
    with pytest.raises(OtherIntent):
        require_open({}, STEP_UP, CODE, now=asked.START)


def test_a_person_may_cancel_also_after_too_many_wrong_answers() -> None:
    with pytest.raises(Cancelled):
        require_open({**STATE, "wrong": MOST_WRONG}, STEP_UP, {"cancel": True}, now=asked.START)


@pytest.mark.parametrize("answer", [{"cancel": 1}, {"cancel": "true"}, {"cancel": False}, "cancel", ["cancel"]])
def test_nothing_but_true_cancels(answer: Any) -> None:
    require_open(STATE, STEP_UP, answer, now=asked.START)


def test_the_sixth_answer_is_refused_after_five_wrong_ones() -> None:
    state: State = STATE
    for _ in range(MOST_WRONG):
        require_open(state, STEP_UP, CODE, now=asked.START)
        state = wrong_try(state).state
    with pytest.raises(Refused, match="too many"):
        require_open(state, STEP_UP, CODE, now=asked.START)


def test_a_wrong_try_is_a_wrong_answer_that_leaves_the_old_state_alone() -> None:
    error = wrong_try(STATE)
    assert isinstance(error, WrongAnswer)
    assert not error.final
    assert (STATE["wrong"], error.state["wrong"]) == (0, 1)
    assert isinstance(error, WrongTry)


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "1 2 3 4 5 6", "--123456"])
def test_spaces_and_hyphens_of_a_code_do_not_matter(typed: str) -> None:
    assert digits_in({"code": typed}, length=6) == "123456"


NO_CODES = {
    "nothing": None,
    "a text alone": "123456",
    "a list": ["123456"],
    "a number": {"code": 123456},
    "null": {"code": None},
    "an empty text": {"code": ""},
    "five digits": {"code": "12345"},
    "seven digits": {"code": "1234567"},
    "a letter": {"code": "12345O"},
    "a sign": {"code": "+12345"},
    "a point": {"code": "12.345"},
    "full-width digits": {"code": "１２３４５６"},
    "arabic digits": {"code": "١٢٣٤٥٦"},
    "superscript digits": {"code": "¹²³⁴⁵⁶"},
    "a thin space": {"code": "123\u2009456"},
    "a no-break space": {"code": "123\u00a0456"},
    "a soft hyphen": {"code": "123\u00ad456"},
    "a tab": {"code": "123\t456"},
    "a line break": {"code": "123456\n"},
    "a null character": {"code": "123456\0"},
    "half a surrogate": {"code": "\ud80012345"},
    "a text beyond the limit": {"code": " " * LONGEST + "123456"},
}


@pytest.mark.parametrize("answer", NO_CODES.values(), ids=NO_CODES)
def test_what_is_no_code_is_malformed(answer: Any) -> None:
    with pytest.raises(Malformed):
        digits_in(answer, length=6)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner))
)
def test_any_json_value_is_a_code_or_malformed(answer: Any) -> None:
    try:
        code = code_in(answer)
    except Malformed:
        return
    assert code.isascii()


def test_no_error_quotes_what_was_typed() -> None:
    with pytest.raises(Malformed) as error:
        digits_in({"code": "hunter2"}, length=6)
    assert "hunter2" not in str(error.value)
