"""What a stranger's provider may say, and how much of what it says counts."""

from __future__ import annotations

from types import NoneType
from typing import Any

import pytest

from approvals_hub.stepup.said import NotSaid, checked, checked_refusal, is_json, pause
from identity.errors import NotProven, ProviderDown, Refused, WrongAnswer
from identity.proof import Challenge, Pending, Proof
from tests.fakes.step_up_plugin.moody import SECRET, proof_of

KINDS = (Challenge, Pending, Proof, NoneType)


@pytest.mark.parametrize(
    "said",
    [Challenge({"a": 1}, {}, 1), Pending({}, {"qr": "x"}, 2.0), proof_of("o", 1), proof_of("o", 1, data={}), None],
)
def test_what_fits_comes_back_as_it_is(said: object) -> None:
    assert checked("moody", said, KINDS) is said


@pytest.mark.parametrize("said", [None, True, "proven", {"method": "moody"}, object(), Refused("no")])
def test_an_answer_of_another_kind_is_refused(said: object) -> None:
    with pytest.raises(NotSaid):
        checked("moody", said, (Proof, Pending))


def test_a_challenge_where_a_proof_is_due_is_refused() -> None:
    with pytest.raises(NotSaid, match="Challenge"):
        checked("moody", Challenge({}, {}, 1), (Proof, Pending))


def test_a_subtype_of_a_proof_that_could_change_its_mind_is_refused() -> None:
    class Later(Proof):
        """Says something else when it is asked again."""

    with pytest.raises(NotSaid):
        checked("moody", Later("moody", (), proof_of("o", 1).binding, 1), KINDS)


CIRCLE: dict[str, Any] = {}
CIRCLE["itself"] = CIRCLE


@pytest.mark.parametrize("state", [object(), 7, None, {"key": object()}, CIRCLE])
def test_a_state_that_cannot_be_kept_is_refused(state: Any) -> None:
    with pytest.raises(NotSaid, match="state"):
        checked("moody", Pending(state, {}), KINDS)
    with pytest.raises(NotSaid, match="shown"):
        checked("moody", Challenge({}, state, 1), KINDS)


@pytest.mark.parametrize("every", [float("nan"), float("inf"), -1, "2", True, object()])
def test_a_pause_that_is_no_number_of_seconds_is_refused(every: Any) -> None:
    with pytest.raises(NotSaid, match="collect_every"):
        checked("moody", Pending({}, {}, every), KINDS)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("method", "webauthn"),
        ("amr", "pop"),
        ("amr", ("two words",)),
        ("amr", ("pop",) * 17),
        ("amr", (7,)),
        ("binding", "signed"),
        ("at", 1.5),
        ("at", True),
        ("subject", 7),
        ("subject", ""),
        ("subject", "x" * 1025),
        ("identified", "king"),
        ("acr_reported", 4),
        ("once", "order:1"),
        ("once", (None,)),
        ("data", {"key": object()}),
        ("data", {"n": 2**60}),
        ("evidence", {"signed": "text"}),
        ("evidence", b"bytes"),
        ("evidence", {"two words": b""}),
        ("auth_ref", "two\nlines"),
        ("facts", {"score": float("nan")}),
        ("facts", None),
    ],
)
def test_a_proof_with_a_member_that_cannot_be_kept_is_refused_by_its_name_alone(member: str, value: Any) -> None:
    with pytest.raises(NotSaid, match=member) as found:
        checked("moody", proof_of("o", 1, **{member: value}), KINDS)
    assert SECRET not in str(found.value)


def with_(error: NotProven, **members: Any) -> NotProven:
    for name, value in members.items():
        setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    "error",
    [
        with_(Refused("no"), code="two\nlines"),
        with_(Refused("no"), code=7),
        with_(Refused("no"), final="yes"),
        Refused("no", hint="two\nlines"),
        Refused("no", hint="x" * 1025),
        ProviderDown("no", retry_after=float("nan")),
        ProviderDown("no", retry_after=-5),
    ],
)
def test_a_refusal_that_cannot_be_told_is_refused_itself(error: NotProven) -> None:
    with pytest.raises(NotSaid):
        checked_refusal(error)


def test_a_refusal_that_fits_comes_back_as_it_is() -> None:
    for error in (WrongAnswer("no"), Refused("no", hint="userCancel"), ProviderDown("no", retry_after=3)):
        assert checked_refusal(error) is error


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [(None, None), (0, 500), (0.2, 500), (2, 2000), (2.5, 2500), (10, 10_000), (3600, 10_000)],
)
def test_no_vendor_is_asked_in_a_hurry_and_none_is_left_alone_for_long(
    seconds: float | None, milliseconds: int | None
) -> None:
    assert pause(seconds) == milliseconds


def test_a_picture_that_is_no_json_is_none() -> None:
    assert is_json({"qr": "x"})
    assert not is_json({"qr": object()})
