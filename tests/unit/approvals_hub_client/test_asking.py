"""What is said about an action becomes a request: what binds it inside the action, what is for people beside it."""

from __future__ import annotations

from approvals_hub_client.asking import BESIDE_THE_ACTION, request_of
from approvals_hub_client.credential import Credential

AGENT = Credential("https://h", "https://h", "agt_1", "org_1", "key_1", bytes(32))


def test_what_is_for_people_stands_beside_the_action_and_all_else_inside_it() -> None:
    action, body = request_of(
        "pay",
        {"n": 1},
        {"justification": "why", "expires_in": 60, "relying_party": "bank.example", "action_id": "a-1"},
        credential=AGENT,
        now=0,
    )
    assert body == {"action": action, "justification": "why", "expires_in": 60}
    assert action == {
        "action_id": "a-1",
        "action_type": "pay",
        "requested_at": "1970-01-01T00:00:00.000Z",
        "principal": {"agent_id": "agt_1"},
        "subject": {"principal_id": "org_1"},
        "payload": {"n": 1},
        "relying_party": {"domain": "bank.example"},
    }
    assert set(BESIDE_THE_ACTION).isdisjoint(action)
