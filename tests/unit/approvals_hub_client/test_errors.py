"""The tree of what can go wrong."""

from __future__ import annotations

import pytest

from approvals_hub_client import authorization, errors


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = {line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line}
    known = {**vars(authorization), **vars(errors)}
    kinds = {name for name, kind in known.items() if isinstance(kind, type) and issubclass(kind, errors.ClientError)}
    assert drawn == kinds - {"ClientError"}


def test_a_problem_without_members_is_still_told() -> None:
    refusal = errors.refused(500, {"code": 5, "next_step": None})
    assert (refusal.code, refusal.detail, refusal.next_step, refusal.field) == ("http_500", "no details", "", None)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, errors.Refused, False),
        (401, errors.NotAuthorised, False),
        (403, errors.NotAuthorised, False),
        (409, errors.Conflict, False),
        (429, errors.Refused, True),
        (503, errors.Refused, True),
    ],
)
def test_a_refusal_has_its_kind_and_says_whether_to_come_back(
    status: int, kind: type[errors.Refused], retryable: bool
) -> None:
    refusal = errors.refused(status, {"code": "x", "detail": "y", "next_step": "z", "request_id": "req_1"})
    assert (type(refusal), refusal.retryable, str(refusal)) == (kind, retryable, "x: y")


@pytest.mark.parametrize(("status", "seen"), [("expired_seen", True), ("expired_unseen", False)])
def test_an_expiry_says_whether_it_was_seen(status: str, seen: bool) -> None:
    ended = errors.not_approved({"escalation_id": "esc_1", "status": status})
    assert isinstance(ended, errors.Expired)
    assert ended.seen is seen


def test_an_approval_without_token_says_what_became_of_it() -> None:
    ended = errors.not_approved({"escalation_id": "esc_1", "status": "approved", "token_state": "revoked"})
    assert isinstance(ended, errors.Spent)
    assert ended.token_state == "revoked"
