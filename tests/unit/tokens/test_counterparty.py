"""Proofs of counterparties: what of them is believed, and every way in which one is not."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import MINUTE, SECOND, to_milliseconds, to_text
from approvals_hub.core.errors import HubError, Invalid
from approvals_hub.tokens.counterparty import SKEW, Believed, Counterparty, read_proofs, used_proof, verify_proofs
from approvals_hub_client import paseto
from approvals_hub_client.canonical import dumps
from approvals_hub_client.chain import COUNTERPARTIES_LIMIT, PROOF_LIMIT
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.proof import proof_hash

KEY = Ed25519SigningKey(bytes([7] * 32))
KID = paseto.key_id(KEY.public)
NOW = to_milliseconds("2026-11-21T01:42:00.000Z")
KEYS = {KID: Believed(key=KEY.public, issuer="https://a.example", audiences=frozenset({"us.example"}))}


def proof(implicit: bytes = paseto.PROOF, **changes: Any) -> str:
    claims = {
        "iss": "https://a.example",
        "aud": "us.example",
        "iat": to_text(NOW - MINUTE),
        "exp": to_text(NOW + 4 * MINUTE),
        "kid": KID,
        "jti": "prf_1",
        "decision": "ALLOW",
        "prev": [],
        **changes,
    }
    return paseto.sign(
        KEY, KID, dumps({name: value for name, value in claims.items() if value != "-"}), implicit=implicit
    )


def verified(*tokens: str, keys: Any = KEYS, since: int = NOW, now: int = NOW) -> list[Counterparty]:
    return verify_proofs(read_proofs(tokens), keys, mine={"org_us", "agt_us"}, by="agt_us", since=since, now=now)


def refusal(*tokens: str, **changes: Any) -> tuple[str | None, Any]:
    with pytest.raises(Invalid) as refused:
        verified(*tokens, **changes)
    assert refused.value.code == "counterparty_proof_invalid"
    return refused.value.field, refused.value.extra["reason"]


def test_a_proof_that_holds_is_named_by_its_hash() -> None:
    token = proof()
    assert verified(token) == [Counterparty("https://a.example", "prf_1", proof_hash(token), token)]
    assert verified() == []


@pytest.mark.parametrize("audience", ["us.example", "org_us", "agt_us"])
def test_a_proof_may_name_whoever_redeems_or_a_name_that_was_written_down(audience: str) -> None:
    assert verified(proof(aud=audience))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "another.example"}, "audience"),
        ({"aud": None}, "audience"),
        ({"iss": "https://b.example"}, "issuer"),
        ({"decision": "DENY"}, "decision"),
        ({"exp": to_text(NOW - SKEW)}, "expired"),
        ({"exp": "-"}, "malformed"),
        ({"iat": to_text(NOW + SKEW + SECOND)}, "not_yet_valid"),
        ({"nbf": to_text(NOW + SKEW + SECOND)}, "not_yet_valid"),
        ({"iat": "-"}, "malformed"),
        ({"jti": "-"}, "malformed"),
        ({"jti": "x" * 129}, "malformed"),
        ({"kid": "k4.pid.other"}, "kid"),
        ({"purpose": "approval"}, "purpose"),
        ({"prev": "x"}, "malformed"),
    ],
)
def test_a_proof_that_says_the_wrong_thing_is_refused(changes: Any, reason: str) -> None:
    assert refusal(proof(**changes)) == ("$.counterparty_proofs[0]", reason)


def test_an_approval_token_is_never_a_proof() -> None:
    assert refusal(proof(paseto.APPROVAL))[1] == "bad_signature"


def test_a_proof_of_a_key_that_is_not_trusted_now_is_refused() -> None:
    assert refusal(proof(), keys={})[1] == "unknown_key"
    for times in ({"valid_until": NOW}, {"valid_from": NOW + SKEW + 1}):
        early = {KID: Believed(key=KEY.public, issuer="https://a.example", audiences=frozenset(), **times)}
        assert refusal(proof(), keys=early)[1] == "unknown_key"


def test_a_proof_that_was_good_when_people_were_asked_is_good_when_they_have_answered() -> None:
    later = NOW + 20 * MINUTE
    assert verified(proof(), since=NOW, now=later)
    assert refusal(proof(), since=NOW + 5 * MINUTE, now=later)[1] == "expired"


def test_clocks_of_two_hubs_may_differ_by_half_a_minute() -> None:
    assert verified(proof(iat=to_text(NOW + SKEW)))
    assert verified(proof(exp=to_text(NOW - SKEW + 1)))


def test_the_oldest_proof_comes_first() -> None:
    first = proof(jti="prf_1")
    second = proof(jti="prf_2", prev=[proof_hash(first)])
    assert [one.jti for one in verified(first, second)] == ["prf_1", "prf_2"]
    assert refusal(second, first) == ("$.counterparty_proofs[0]", "order")


def test_one_proof_or_two_texts_of_one_redemption_are_not_handed_in_twice() -> None:
    assert refusal(proof(), proof()) == ("$.counterparty_proofs[1]", "repeated")
    assert refusal(proof(), proof(prev=["sha256:x"])) == ("$.counterparty_proofs[1]", "repeated")


@pytest.mark.parametrize("text", ["", "x", "v4.public.", "v4.local.AAAA", proof() + "=", "A" * (PROOF_LIMIT + 1)])
def test_what_is_no_token_in_its_one_form_is_refused(text: str) -> None:
    assert refusal(text)[1] == "malformed"


def test_more_proofs_than_the_limit_are_refused_unread() -> None:
    with pytest.raises(HubError) as refused:
        read_proofs(["x"] * (COUNTERPARTIES_LIMIT + 1))
    assert refused.value.code == "counterparty_proofs_limit"


def test_what_is_verified_is_not_printed() -> None:
    token = proof()
    assert token not in repr(read_proofs([token])) + repr(verified(token))
    assert used_proof(0).code == "counterparty_proof_used"
