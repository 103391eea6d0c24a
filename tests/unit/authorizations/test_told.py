"""What an agent is told is not printed with its secrets."""

from __future__ import annotations

import msgspec

from approvals_hub.authorizations.told import Told, kept, told_before
from approvals_hub.policies.decision import ALLOW, Decision
from approvals_hub.policies.label_agents import NO_LABELS


def test_neither_the_salt_nor_the_proof_stands_in_a_log_that_prints_it() -> None:
    decision = Decision(decision=ALLOW, code="rule", reason="why", policy=None)
    told = Told(
        decision_id="dcn_1",
        action_id="act",
        action_hash="sha256:0",
        salt="the-salt",
        decision=decision,
        proof_token="v4.public.x",
    )
    sealed = kept(told, {"payload": {"card": "the-action"}}, NO_LABELS)
    assert (b"the-action" in sealed, told_before(sealed)) == (True, told)
    assert "the-action" not in repr(msgspec.json.decode(sealed, type=Told))
    assert "the-salt" not in repr(told)
    assert "v4.public.x" not in repr(told)
    assert "dcn_1" in repr(told)
