"""What OpenLeash alone has is marked so, and what it shares with ours is told apart by who calls or what is sent."""

from __future__ import annotations

from approvals_hub.agents.agent import ApiKey, SignedRequest
from approvals_hub.api.openleash_routes import OPENLEASH, invited_for_it, speaks_it
from approvals_hub.api.routes import ROUTES


def test_every_one_of_them_is_served_and_marked() -> None:
    assert set(OPENLEASH) <= set(ROUTES)
    assert all(route.openleash for route in OPENLEASH)


def test_some_operations_are_ours_and_theirs() -> None:
    both = {route.path for route in ROUTES if route.otherwise is not None}
    assert {"/v1/authorize", "/v1/agents/register-with-invite"} <= both


def test_who_signs_as_they_do_is_answered_as_they_are() -> None:
    signed = SignedRequest("key_1", "agt_1", "org_1", "n", 0)
    assert not speaks_it(signed, b"")
    assert not speaks_it(ApiKey(b"", "agt_1", "org_1"), b"")
    assert not speaks_it(None, b"")
    assert speaks_it(SignedRequest("key_1", "agt_1", "org_1", "n", 0, known_as="shopper"), b"")


def test_a_word_in_a_text_makes_no_other_form_of_a_body() -> None:
    assert invited_for_it(None, b'{"invite_token":"x"}')
    for raw in (b"", b"{", b"[]", b'"invite_token"', b'{"invite":"invite_token"}', b'{"a":{"invite_token":1}}'):
        assert not invited_for_it(None, raw)
