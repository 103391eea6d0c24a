"""Whether an agent's credential counts: a table."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.agents.agent import NONCE_LIFE, WINDOW, Agent, api_key_hash, judge
from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated

ROW: dict[str, Any] = {
    "agent_id": "agt_1",
    "org_id": "org_1",
    "org_name": "Personal",
    "name": "bot",
    "owner_id": "per_1",
    "role": "agent",
    "state": "active",
    "valid_until": None,
    "thumbprint": "thumb",
    "requirement": "{}",
    "policies_version": 0,
    "limits": None,
    "known_owner": None,
    "stopped_at": None,
}


@pytest.mark.parametrize(
    ("change", "paused_may", "code"),
    [
        ({}, False, None),
        ({"valid_until": 11}, False, None),
        ({"valid_until": 10}, False, "key_expired"),
        ({"valid_until": 10}, True, "key_expired"),
        ({"state": "revoked"}, False, "agent_revoked"),
        ({"state": "revoked"}, True, "agent_revoked"),
        ({"state": "revoked", "valid_until": 1}, True, "agent_revoked"),
        ({"state": "paused"}, False, "agent_paused"),
        ({"state": "paused"}, True, None),
        ({"state": "paused", "valid_until": 10}, True, "key_expired"),
    ],
)
def test_whether_an_agent_may_act_is_this_table(change: dict[str, Any], paused_may: bool, code: str | None) -> None:
    found = judge({**ROW, **change}, "signed", 10, paused_may=paused_may)  # type: ignore[arg-type] # reads like a row
    assert (found.code if isinstance(found, HubError) else None) == code


def test_a_paused_agent_is_known_and_may_not() -> None:
    found = judge({**ROW, "state": "paused"}, "signed", 10, paused_may=False)  # type: ignore[arg-type] # reads like a row
    assert isinstance(found, Forbidden)


def test_no_row_is_no_agent() -> None:
    assert isinstance(judge(None, "signed", 10, paused_may=True), Unauthenticated)


def test_an_api_key_binds_no_token_to_a_key() -> None:
    bearer = judge(ROW, "api_key", 10, paused_may=False)  # type: ignore[arg-type] # reads like a row
    signed = judge(ROW, "signed", 10, paused_may=False)  # type: ignore[arg-type] # reads like a row
    assert isinstance(bearer, Agent)
    assert isinstance(signed, Agent)
    assert (bearer.trust, bearer.thumbprint) == ("api_key", None)
    assert (signed.trust, signed.thumbprint) == ("signed", "thumb")


def test_a_nonce_outlives_every_request_that_could_carry_it() -> None:
    assert NONCE_LIFE > 2 * WINDOW


def test_what_is_stored_of_an_api_key_is_its_hash() -> None:
    assert len(api_key_hash("ahk_x")) == 32
    assert api_key_hash("ahk_x") != api_key_hash("ahk_y")
