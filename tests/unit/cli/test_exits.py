"""What a script learns from a status."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.cli.exits import Exit, exit_of
from approvals_hub_client.errors import (
    BadAnswer,
    BadCredential,
    ClientError,
    StillOpen,
    Unreachable,
    not_approved,
    refused,
)


def ended(status: str, **more: Any) -> ClientError:
    return not_approved({"escalation_id": "esc_1", "status": status, "outcome": status, **more})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ended("denied"), 3),
        (ended("not_me"), 3),
        (ended("expired_seen"), 4),
        (ended("expired_unseen"), 4),
        (ended("undeliverable"), 4),
        (ended("withdrawn"), 5),
        (ended("superseded"), 5),
        (ended("approved", token_state="revoked"), 5),
        (ended("approved", token_state="expired"), 4),
        (ended("approved", token_state="redeemed"), 1),
        (ended("an outcome of the future"), 1),
        (refused(401, {}), 6),
        (refused(403, {}), 6),
        (BadCredential("x"), 6),
        (refused(409, {}), 1),
        (refused(422, {}), 1),
        (refused(500, {}), 1),
        (Unreachable("x"), 7),
        (StillOpen("esc_1"), 8),
        (BadAnswer("x"), 1),
    ],
)
def test_every_reason_not_to_act_has_its_status(error: ClientError, status: int) -> None:
    assert exit_of(error) == status


def test_no_error_is_status_0() -> None:
    kinds = [ClientError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert len(kinds) > 10
    assert Exit.OK not in {
        exit_of(kind.__new__(kind)) for kind in kinds if kind.__name__ not in ("Spent", "NotApproved")
    }
