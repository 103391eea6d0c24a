"""A chain of proofs is walked offline; tampering at each hop is found, and the hop is named."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps, loads
from approvals_hub_client.chain import MAXIMUM_BYTES, ChainReport, links_of, verify_chain, write_chain
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import key_id, paserk
from approvals_hub_client.proof import proof_hash
from approvals_hub_client.statement import action_hash

Json = dict[str, Any]
MINUTES = "2026-11-21T01:4{}:00.000Z"


class Party:
    """A hub with one key."""

    def __init__(self, name: str, seed: int) -> None:
        self.issuer = f"https://{name}.example"
        self.key = Ed25519SigningKey(bytes([seed] * 32))
        self.kid = key_id(self.key.public)

    def published(self, **changes: Any) -> Json:
        entry = {
            "kid": self.kid,
            "purpose": "token",
            "public_key": b64u(self.key.public.raw),
            "paserk": paserk(self.key.public),
            "active_from": "2026-01-01T00:00:00.000Z",
            "retired_at": None,
            "valid_until": None,
            "compromised_at": None,
        }
        return {"issuer": self.issuer, "keys": [{**entry, **changes}], "log_keys": []}

    def proof(self, action: Json, before: list[str], minute: int, **changes: Any) -> str:
        claims = {
            "iss": self.issuer,
            "aud": "other.example",
            "iat": MINUTES.format(minute),
            "exp": MINUTES.format(minute + 4),
            "kid": self.kid,
            "jti": f"prf_{minute}",
            "decision": "ALLOW",
            "action_type": action["action_type"],
            "action_hash": action_hash(action),
            "prev": [proof_hash(token) for token in before],
            **changes,
        }
        return paseto.sign(self.key, self.kid, dumps(claims), implicit=paseto.PROOF)


BUYER, SELLER, CARRIER = Party("buyer", 1), Party("seller", 2), Party("carrier", 3)
BUY: Json = {"action_type": "purchase", "payload": {"amount_minor": 8500, "currency": "USD"}, "salt": "A" * 22}
SELL: Json = {**BUY, "action_type": "sell"}
SHIP: Json = {**BUY, "action_type": "ship"}
BOUGHT = BUYER.proof(BUY, [], 1)
SOLD = SELLER.proof(SELL, [BOUGHT], 2)
SHIPPED = CARRIER.proof(SHIP, [BOUGHT, SOLD], 3)
HUBS = [BUYER.published(), SELLER.published(), CARRIER.published()]
HOPS: list[tuple[str, Json | None]] = [(BOUGHT, BUY), (SOLD, SELL), (SHIPPED, SHIP)]


def walked(hops: list[tuple[str, Json | None]] = HOPS, hubs: list[Json] = HUBS, *trust: bytes | str) -> ChainReport:
    return verify_chain(write_chain(hops, hubs), trust=trust)


def broken(report: ChainReport) -> tuple[int, str]:
    assert report.first_bad is not None
    assert not report.ok
    return report.first_bad.hop, report.first_bad.part


def test_a_chain_of_three_hubs_holds() -> None:
    report = walked()
    assert (report.ok, len(report.hops)) == (True, 3)
    assert report.hops[2].claims["prev"] == [report.hops[0].proof_hash, report.hops[1].proof_hash]
    assert [hop.pinned for hop in report.hops] == [False, False, False]


def test_the_chains_that_every_language_walks_hold_or_break_where_they_say() -> None:
    vectors = json.loads((Path(__file__).parents[2] / "vectors" / "approvals_hub" / "chain.json").read_text())
    report = verify_chain(dumps(vectors["good"]), trust=())
    assert (report.ok, [hop.proof_hash for hop in report.hops]) == (True, vectors["proof_hashes"])
    assert len(vectors["refused"]) == 5
    for each in vectors["refused"]:
        assert broken(verify_chain(dumps(each["chain"]), trust=())) == (each["hop"], each["part"]), each["name"]


def test_an_action_that_is_not_shown_is_said_to_be_so() -> None:
    report = walked([(BOUGHT, None), (SOLD, SELL)])
    assert [hop.action_shown for hop in report.hops] == [False, True]


def test_each_hubs_keys_can_be_named_from_elsewhere() -> None:
    report = walked(HOPS, [], *map(dumps, HUBS))
    assert (report.ok, [hop.pinned for hop in report.hops]) == (True, [True, True, True])
    assert broken(walked(HOPS, HUBS, dumps(BUYER.published()))) == (2, "key")


@pytest.mark.parametrize("hop", [0, 1, 2])
def test_tampering_with_the_proof_of_a_hop_is_found(hop: int) -> None:
    token = HOPS[hop][0]
    for place in (20, len(token) // 2, len(token) - 90):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        hops = [*HOPS[:hop], (forged, HOPS[hop][1]), *HOPS[hop + 1 :]]
        assert broken(walked(hops))[0] == hop + 1


@pytest.mark.parametrize("hop", [0, 1, 2])
def test_tampering_with_the_action_of_a_hop_is_found(hop: int) -> None:
    action = {**BUY, "payload": {"amount_minor": 8501, "currency": "USD"}}
    assert broken(walked([*HOPS[:hop], (HOPS[hop][0], action), *HOPS[hop + 1 :]])) == (hop + 1, "action")


@pytest.mark.parametrize(
    ("hops", "found"),
    [
        ([HOPS[1]], (1, "prev")),
        ([HOPS[0], HOPS[2]], (2, "prev")),
        ([HOPS[1], HOPS[0]], (1, "prev")),
        ([HOPS[0], HOPS[0]], (2, "token")),
        ([HOPS[0], (SELLER.proof(SELL, [], 2), SELL)], (1, "prev")),
        ([(BUYER.proof(BUY, [], 1, jti="prf_other"), BUY), HOPS[1]], (2, "prev")),
        ([(BUYER.proof(BUY, [], 5), BUY), (SELLER.proof(SELL, [BUYER.proof(BUY, [], 5)], 2), SELL)], (2, "prev")),
        ([(BUYER.proof(BUY, [], 1, decision="DENY"), BUY)], (1, "token")),
        ([(BUYER.proof(BUY, [], 1, purpose="approval"), BUY)], (1, "token")),
        ([(BUYER.proof(BUY, [], 1, kid="k4.pid.other"), BUY)], (1, "token")),
        ([(BUYER.proof(BUY, [], 1, iat="soon"), BUY)], (1, "token")),
        ([(BUYER.proof(BUY, [], 1, iss=SELLER.issuer), BUY)], (1, "key")),
        ([(BUYER.proof(BUY, [], 1, iss=None), BUY)], (1, "token")),
        ([(BUYER.proof(BUY, [], 1, prev="x"), BUY)], (1, "prev")),
        ([("v4.public.x", BUY)], (1, "token")),
        ([], (0, "format")),
    ],
)
def test_a_hop_that_is_missing_moved_repeated_or_another_ones_is_found(
    hops: list[tuple[str, Json | None]], found: tuple[int, str]
) -> None:
    assert broken(walked(hops)) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"compromised_at": "2026-01-02T00:00:00.000Z"}, (2, "key")),
        ({"valid_until": "2026-11-21T01:00:00.000Z"}, (2, "key")),
        ({"active_from": "2026-12-01T00:00:00.000Z"}, (2, "key")),
        ({"purpose": "log"}, (2, "key")),
        ({"kid": "k4.pid.other"}, (2, "key")),
    ],
)
def test_a_key_that_was_not_good_when_it_signed_is_found_at_its_hop(changes: Json, found: tuple[int, str]) -> None:
    assert broken(walked(HOPS, [HUBS[0], SELLER.published(**changes), HUBS[2]])) == found


def test_a_proof_that_another_hubs_key_signed_is_found() -> None:
    forged = paseto.sign(BUYER.key, SELLER.kid, paseto.unverified(SOLD), implicit=paseto.PROOF)
    assert broken(walked([HOPS[0], (forged, SELL)])) == (2, "signature")


def test_an_approval_token_is_no_hop() -> None:
    token = paseto.sign(BUYER.key, BUYER.kid, paseto.unverified(BOUGHT), implicit=paseto.APPROVAL)
    assert broken(walked([(token, BUY)])) == (1, "signature")


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"[" * 9_000, b'{"format":"approvals-hub.chain.v1"}', b"\xff"])
def test_what_is_no_chain_is_named_as_such(text: bytes) -> None:
    assert broken(verify_chain(text)) == (0, "format")


def test_a_file_beyond_its_limits_is_refused() -> None:
    started = time.process_time()
    assert broken(verify_chain(b" " * (MAXIMUM_BYTES + 1))) == (0, "format")
    assert broken(walked([HOPS[0]] * 65)) == (0, "format")
    assert time.process_time() - started < 1


def test_a_chain_with_an_unknown_member_is_refused() -> None:
    assert broken(verify_chain(dumps({**loads(write_chain(HOPS, HUBS)), "more": 1}))) == (0, "format")


@pytest.mark.parametrize("prev", [None, "x", [1], ["a", "a"], [str(n) for n in range(9)]])
def test_prev_is_a_short_list_of_different_hashes(prev: Any) -> None:
    assert links_of({"prev": prev}) is None


@settings(max_examples=100)
@given(st.data())
def test_whatever_bytes_stand_in_a_chain_make_no_traceback(data: st.DataObject) -> None:
    text = json.dumps(loads(write_chain(HOPS, HUBS)))
    place = data.draw(st.integers(0, len(text) - 1))
    fuzzed = text[:place] + data.draw(st.text(max_size=4)) + text[place + data.draw(st.integers(0, 40)) :]
    report = verify_chain(fuzzed.encode("utf-8", "surrogatepass"))
    assert report.ok == (report.first_bad is None)


def test_a_bare_key_of_one_trusted_hub_does_not_speak_as_another() -> None:
    forged = BUYER.proof(SELL, [], 1, iss=SELLER.issuer)
    as_seller = {**BUYER.published(), "issuer": SELLER.issuer}
    report = walked([(forged, SELL)], [as_seller], paserk(BUYER.key.public))
    assert [hop.pinned for hop in report.hops] == [False]
    for source in (f"{BUYER.issuer}={paserk(BUYER.key.public)}", dumps(BUYER.published())):
        assert broken(walked([(forged, SELL)], [as_seller], source)) == (1, "key")


def test_a_key_that_is_named_with_its_hub_pins_it() -> None:
    report = walked([(BOUGHT, BUY)], HUBS, f"{BUYER.issuer}={paserk(BUYER.key.public)}")
    assert [hop.pinned for hop in report.hops] == [True]
