"""Actions are checked strictly, hashed with their salt, and bound to the agent that asks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from approvals_hub.core.clock import HOUR, MINUTE, to_milliseconds, to_text
from approvals_hub.core.errors import Forbidden, Invalid, TooLarge
from approvals_hub.domain.action import Action, audience, hashed, parse_action
from approvals_hub_client import statement
from approvals_hub_client.canonical import dumps, sha256_text

NOW = to_milliseconds("2026-11-21T01:40:28.123Z")
SALT = bytes(range(16))
HASH = "sha256:" + "ab" * 32
PLAIN: dict[str, Any] = {
    "action_id": "act-1",
    "action_type": "database.drop_tables",
    "requested_at": "2026-11-21T01:40:28.123Z",
    "principal": {"agent_id": "agt_1"},
    "subject": {"principal_id": "org_1"},
    "payload": {"tables": ["orders"]},
}
FULL = {
    **PLAIN,
    "principal": {"agent_id": "agt_1", "chain": ["agt_0"]},
    "relying_party": {"domain": "db.example.com", "trust_profile": "HIGH"},
    "attachments": [{"sha256": HASH, "size": 3, "type": "text/plain", "name": "a.txt"}],
}


def parsed(value: Any) -> Action:
    return parse_action(value, agent_id="agt_1", now=NOW)


def changed(path: str, value: Any) -> dict[str, Any]:
    """FULL with one member set (`principal.chain`, `attachments.0.size`), or left out when the value is …"""
    action: Any = json.loads(json.dumps(FULL))
    *outer, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    inner = action
    for name in outer:
        inner = inner[name]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return dict(action)


def test_a_plain_action_is_accepted() -> None:
    action = parsed(PLAIN)
    assert (action.action_type, action.requested_at, action.chain, action.domain) == (
        "database.drop_tables",
        NOW,
        (),
        None,
    )


def test_a_full_action_is_accepted() -> None:
    assert parsed(FULL).chain == ("agt_0",)


@pytest.mark.parametrize(
    "path",
    [
        *PLAIN,
        "principal.agent_id",
        "subject.principal_id",
        "relying_party.domain",
        *(f"attachments.0.{name}" for name in ("sha256", "size", "type", "name")),
    ],
)
def test_a_missing_member_is_named_by_its_path(path: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(changed(path, ...))
    assert refused.value.field == "$.action." + path.replace(".0.", "[0].")


@pytest.mark.parametrize("path", ["x", "salt", "principal.x", "subject.x", "relying_party.x", "attachments.0.x"])
def test_an_unknown_member_is_named_by_its_path(path: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(changed(path, "1"))
    assert refused.value.field == "$.action." + path.replace(".0.", "[0].")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("action_id", ""),
        ("action_id", "a" * 129),
        ("action_id", "a b"),
        ("action_id", "å"),
        ("action_id", "a\n"),
        ("action_id", 1),
        ("action_type", "Database.drop"),
        ("action_type", "a..b"),
        ("action_type", "a."),
        ("action_type", "1a"),
        ("action_type", "a" * 129),
        ("action_type", "a\n"),
        ("requested_at", "2026-11-21"),
        ("requested_at", "2026-11-21T01:40:28"),
        ("requested_at", "20261121T014028Z"),
        ("requested_at", "2026-11-31T01:40:28Z"),
        ("requested_at", "2026-11-21T01:40:28.1234567890Z"),
        ("requested_at", 1795225228),
        ("principal", "agt_1"),
        ("principal.chain", "agt_0"),
        ("principal.chain", ["agt_0"] * 17),
        ("principal.chain", [1]),
        ("subject", []),
        ("subject.principal_id", ""),
        ("relying_party", "example.com"),
        ("relying_party.domain", "Example.com"),
        ("relying_party.domain", "аpple.com"),
        ("relying_party.domain", "https://example.com"),
        ("relying_party.domain", "a" * 64 + ".com"),
        ("relying_party.domain", "a." * 127 + "com"),
        ("relying_party.domain", "-a.com"),
        ("relying_party.trust_profile", "high"),
        ("relying_party.trust_profile", []),
        ("payload", []),
        ("payload", "x"),
        ("attachments", {}),
        ("attachments", [FULL["attachments"][0]] * 33),
        ("attachments.0.sha256", "ab" * 32),
        ("attachments.0.size", -1),
        ("attachments.0.size", True),
        ("attachments.0.size", 2**53),
        ("attachments.0.type", "text"),
        ("attachments.0.name", ""),
        ("attachments.0.name", "a" * 256),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(changed(path, value))
    assert (refused.value.field or "").startswith("$.action." + path.replace(".0.", "[0]."))


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_anything_but_an_object_is_refused(value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(value)
    assert refused.value.field == "$.action"


def test_a_bad_number_deep_in_the_payload_is_named_by_its_path() -> None:
    with pytest.raises(Invalid) as refused:
        parsed(changed("payload", {"rows": [1, {"amount": 12345678901234567890}]}))
    assert refused.value.field == "$.action.payload.rows[1].amount"


def test_an_agent_that_names_another_agent_is_refused() -> None:
    with pytest.raises(Forbidden) as refused:
        parsed(changed("principal.agent_id", "agt_2"))
    assert refused.value.code == "principal_mismatch"


def test_an_agent_that_poses_as_the_hub_itself_is_refused() -> None:
    with pytest.raises(Forbidden) as refused:
        parsed(changed("action_type", "hub.publish_policy"))
    assert refused.value.code == "reserved_action"


@pytest.mark.parametrize("offset", [-24 * HOUR, 0, 2 * MINUTE])
def test_the_ends_of_the_time_window_are_inside(offset: int) -> None:
    assert parsed(changed("requested_at", to_text(NOW + offset))).requested_at == NOW + offset


@pytest.mark.parametrize("offset", [-24 * HOUR - 1, 2 * MINUTE + 1])
def test_an_old_action_replayed_and_one_from_the_future_are_refused(offset: int) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(changed("requested_at", to_text(NOW + offset)))
    assert refused.value.code == "requested_at_out_of_range"


def test_a_time_with_another_offset_is_the_same_moment() -> None:
    assert parsed(changed("requested_at", "2026-11-21T02:40:28.123+01:00")).requested_at == NOW


def test_the_salt_is_the_first_member_and_part_of_the_hash() -> None:
    found = hashed(parsed(PLAIN), SALT)
    assert next(iter(found.members)) == "salt"
    assert found.members == {"salt": "AAECAwQFBgcICQoLDA0ODw", **PLAIN}
    assert found.canonical == dumps(found.members)
    assert found.action_hash == sha256_text(found.canonical)


@pytest.mark.parametrize("value", [PLAIN, FULL], ids=["plain", "full"])
def test_hashes_made_of_members_are_those_of_the_whole(value: dict[str, Any]) -> None:
    action = parsed(value)
    found = hashed(action, SALT)
    assert found.canonical == dumps(found.members)
    assert found.plain_hash == sha256_text(dumps(action.members))
    assert found.similarity_hash == statement.similarity_hash(action.members)


def test_a_short_payload_cannot_be_guessed_from_the_hash() -> None:
    assert hashed(parsed(PLAIN), SALT).action_hash != hashed(parsed(PLAIN), bytes(16)).action_hash


def test_the_asked_action_is_left_as_it_was() -> None:
    value = dict(PLAIN)
    hashed(parsed(value), SALT)
    assert value == PLAIN


def test_an_action_longer_than_256_kib_is_refused() -> None:
    with pytest.raises(TooLarge):
        hashed(parsed(changed("payload", {"text": "a" * 256 * 1024})), SALT)


def similar(action: Action) -> str:
    return hashed(action, SALT).similarity_hash


def test_two_asks_that_differ_only_in_id_and_time_are_similar() -> None:
    other = changed("action_id", "act-2") | {"requested_at": to_text(NOW - 1)}
    assert similar(parsed(FULL)) == similar(parsed(other))


@pytest.mark.parametrize("path", ["payload", "relying_party.domain", "subject.principal_id", "action_type"])
def test_another_payload_party_subject_or_type_is_not_similar(path: str) -> None:
    other: Any = {} if path == "payload" else "other"
    assert similar(parsed(FULL)) != similar(parsed(changed(path, other)))


def test_the_audience_is_the_relying_party_or_else_the_agent() -> None:
    assert audience(parsed(FULL)) == "db.example.com"
    assert audience(parsed(PLAIN)) == "agt_1"
