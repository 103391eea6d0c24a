"""What an agent holds, and what it hands over."""

from __future__ import annotations

from approvals_hub_client.canonical import unb64u
from approvals_hub_client.credential import Credential
from approvals_hub_client.question import Approved, Question, new_action
from approvals_hub_client.statement import action_hash, redeem_pop_bytes
from approvals_hub_client.times import to_text

WHO = Credential("https://hub.example.com", "", "agt_1", "org_1", "key_1", bytes(range(32)))
NOW = 1_795_225_228_123
ACTION = new_action("payment.execute", {"amount_minor": 1}, credential=WHO, now=NOW, relying_party="bank.example.com")


def _approved() -> Approved:
    question = Question("esc_1", 1, ACTION, action_hash(ACTION), "bank.example.com", "approved", 2, NOW, None, {})
    return Approved(question, "v4.public.x", {"jti": "jti_1"})


def test_an_action_names_its_agent_and_acts_for_its_organisation() -> None:
    assert ACTION["principal"] == {"agent_id": "agt_1"}
    assert ACTION["subject"] == {"principal_id": "org_1"}
    assert ACTION["requested_at"] == "2026-11-21T01:40:28.123Z"


def test_two_actions_have_two_ids() -> None:
    assert new_action("a", {}, credential=WHO, now=NOW)["action_id"] != ACTION["action_id"]


def test_everything_that_may_be_said_stands_in_the_action() -> None:
    said = new_action(
        "a",
        {},
        credential=WHO,
        now=NOW,
        subject="per_1",
        relying_party={"domain": "d", "trust_profile": "HIGH"},
        attachments=[{"sha256": "x"}],
        chain=["agt_0"],
        action_id="id",
    )
    assert said["principal"] == {"agent_id": "agt_1", "chain": ["agt_0"]}
    assert said["relying_party"] == {"domain": "d", "trust_profile": "HIGH"}
    assert (said["attachments"], said["action_id"]) == ([{"sha256": "x"}], "id")


def test_the_agent_signs_what_it_hands_over() -> None:
    handed = _approved().hand_over(WHO, NOW, "k-1")
    message = redeem_pop_bytes(
        jti="jti_1",
        audience="bank.example.com",
        action_hash=action_hash(ACTION),
        idempotency_key="k-1",
        iat=to_text(NOW),
    )
    assert WHO.key is not None
    WHO.key.public.verify(message, unb64u(handed["pop"]["signature"]))


def test_an_agent_with_an_api_key_hands_over_without_signature() -> None:
    assert _approved().hand_over(Credential("h", api_key="ahk_1"), NOW)["pop"] is None


def test_two_hand_overs_have_two_idempotency_keys() -> None:
    keys = {_approved().hand_over(WHO, NOW)["idempotency_key"] for _ in range(2)}
    assert len(keys) == 2
