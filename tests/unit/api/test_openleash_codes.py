"""Refusals in the codes that OpenLeash clients know; whoever does not speak it reads ours."""

from __future__ import annotations

import json

import pytest

from approvals_hub.api import problems
from approvals_hub.api.openleash_codes import openleash_code
from approvals_hub.core.errors import Conflict, Unauthenticated


@pytest.mark.parametrize(
    ("code", "status", "theirs"),
    [
        ("nonce_replayed", 401, "NONCE_REPLAY"),
        ("already_redeemed", 409, "APPROVAL_TOKEN_CONSUMED"),
        ("escalation_unknown", 404, "NOT_FOUND"),
        ("org_stopped", 409, "ORG_STOPPED"),
    ],
)
def test_a_refusal_has_their_code_or_ours_in_their_form(code: str, status: int, theirs: str) -> None:
    assert openleash_code(code, status) == theirs


@pytest.mark.parametrize(("openleash", "told"), [(False, "nonce_replayed"), (True, "NONCE_REPLAY")])
def test_our_own_code_stays_where_it_is(openleash: bool, told: str) -> None:
    error = Unauthenticated("nonce_replayed", "again", next_step="Sign anew.")
    body = problems.refusal(error, "req_1", {}, openleash=openleash).body
    assert isinstance(body, bytes)
    assert (json.loads(body)["code"], json.loads(body)["error"]["code"]) == ("nonce_replayed", told)


def test_statuses_are_ours() -> None:
    assert problems.refusal(Conflict("already_redeemed", "x", next_step="y"), "r", {}, openleash=True).status == 409
