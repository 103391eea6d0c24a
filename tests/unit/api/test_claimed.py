"""Levels that a client claims: their names are noticed, their values are nobody's business."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.api.body import decode
from approvals_hub.api.claimed import CLAIMS, claimed
from approvals_hub.api.decisions import AnswerForm
from approvals_hub.api.step_ups import AnswerStepUp, StepUpForm
from approvals_hub.core.errors import Invalid

FORMS = pytest.mark.parametrize(
    ("form", "needed"),
    [
        (AnswerForm, {"statement": "AA"}),
        (StepUpForm, {"method": "totp", "intent": "AA"}),
        (AnswerStepUp, {"answer": {}}),
    ],
)


def read(form: type[Any], members: dict[str, Any]) -> Any:
    return decode(msgspec.json.encode(members), form)


@FORMS
@pytest.mark.parametrize("value", [None, "HIGH", 4, ["hwk"], {"x": 1}])
@pytest.mark.parametrize("name", CLAIMS)
def test_whatever_is_claimed_is_taken_and_named(form: type[Any], needed: dict[str, Any], name: str, value: Any) -> None:
    assert claimed(read(form, {**needed, name: value})) == (name,)


@FORMS
def test_who_claims_nothing_is_not_said_to_have_claimed(form: type[Any], needed: dict[str, Any]) -> None:
    assert claimed(read(form, needed)) == ()


@FORMS
def test_a_claim_under_another_name_is_refused(form: type[Any], needed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        read(form, {**needed, "loa": "high"})
    assert refused.value.field == "$.loa"
