"""Opening: checked and hashed before the unit of work, written whole in it."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import HubError, Invalid
from approvals_hub.domain.presentation import present, presentation_hash
from approvals_hub.escalations.asked import Asked, ask
from approvals_hub_client.canonical import dumps, loads, sha256_text, unb64u

NOW = 1_800_000_000_000
ACTION: dict[str, Any] = {
    "action_id": "act-1",
    "action_type": "db.drop_table",
    "requested_at": to_text(NOW),
    "principal": {"agent_id": "agt_1"},
    "subject": {"principal_id": "org_1"},
    "relying_party": {"domain": "db.example.com"},
    "payload": {"table": "customers"},
}


def asked(action: Any = ACTION, **changes: Any) -> Asked:
    members = {"agent_id": "agt_1", "justification": "needed", "expires_in": None, "now": NOW, **changes}
    return ask(action, **members)


def test_the_action_hash_is_of_the_action_with_its_salt() -> None:
    one = asked()
    assert one.action_hash == sha256_text(dumps({**ACTION, "salt": one.salt}))
    assert len(unb64u(one.salt)) == 16


def test_a_payload_cannot_be_guessed_from_the_hashes_of_two_equal_actions() -> None:
    assert asked().action_hash != asked().action_hash
    assert asked().plain_hash == asked().plain_hash


def test_the_audience_is_the_relying_party_and_otherwise_the_agent() -> None:
    bare = {name: value for name, value in ACTION.items() if name != "relying_party"}
    assert (asked().audience, asked(bare).audience) == ("db.example.com", "agt_1")


def test_the_presentation_hash_is_of_what_the_approver_is_shown() -> None:
    one = asked(revision=3, revises="esc_0")
    salted = {**ACTION, "salt": one.salt}
    shown = present(salted, escalation_id=one.escalation_id, revision=3, audience=one.audience, justification="needed")
    assert one.presentation_hash == presentation_hash(shown)


def test_two_actions_that_differ_in_id_and_time_are_similar() -> None:
    other = asked({**ACTION, "action_id": "act-2", "requested_at": to_text(NOW - 1)})
    assert other.similarity_hash == asked().similarity_hash
    assert asked({**ACTION, "payload": {"table": "orders"}}).similarity_hash != other.similarity_hash


def test_what_is_sealed_is_the_salted_action_and_the_askers_words() -> None:
    one = asked()
    assert loads(one.question()) == {"action": {**ACTION, "salt": one.salt}, "justification": "needed"}


@pytest.mark.parametrize("action", [None, [], "drop it", {}, {**ACTION, "salt": "AAAAAAAAAAAAAAAAAAAAAA"}])
def test_what_is_no_action_is_refused(action: Any) -> None:
    with pytest.raises(HubError):
        asked(action)


def test_a_justification_of_281_characters_is_refused() -> None:
    assert asked(justification="x" * 280)
    with pytest.raises(Invalid):
        asked(justification="x" * 281)


def test_what_nobody_is_shown_yet_has_the_same_hash_once_it_is() -> None:
    later = asked(shown=False, justification="Därför")
    assert later.shown is None
    salted = {**ACTION, "salt": later.salt}
    shown = present(
        salted, escalation_id=later.escalation_id, revision=1, audience=later.audience, justification="Därför"
    )
    assert later.presentation_hash == presentation_hash(shown)


@pytest.mark.parametrize("wrong", [{"payload": {"n": 2**60}}, {"payload": {"a": "\ud800"}}, {"payload": [1]}])
def test_what_could_not_be_shown_is_refused_before_it_is_decided_about(wrong: dict[str, Any]) -> None:
    for shown in (True, False):
        with pytest.raises(HubError):
            asked({**ACTION, **wrong}, shown=shown)
