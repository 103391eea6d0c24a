"""`approvals-hub verify` of bundles and chains: in words, with the first thing that does not hold, and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub_client.canonical import dumps
from approvals_hub_client.chain import write_chain
from tests.unit.approvals_hub_client.made_bundle import made
from tests.unit.approvals_hub_client.test_bundle_vectors import VECTORS
from tests.unit.approvals_hub_client.test_chain import BUY, BUYER, HOPS, HUBS
from tests.unit.cli.conftest import Call
from tests.vectors.patched import patched


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.json"
    path.write_bytes(dumps(made().first))
    return path


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.json"
    path.write_bytes(write_chain(HOPS, HUBS))
    return path


def test_a_bundle_is_verified_by_its_file_alone_and_the_key_is_said_to_be_self_declared(
    bundle: Path, free_call: Call
) -> None:
    done = free_call("verify", str(bundle))
    assert done.status == 0
    assert done.out.startswith("OK: esc_")
    assert "with a passkey" in done.out
    assert "Self-declared key" in done.out
    assert f"--trust '{made().signer.verifier}'" in done.out


def test_a_bundle_and_a_chain_are_verified_where_opening_a_socket_is_impossible(
    bundle: Path, chain: Path, offline_call: Call
) -> None:
    trust = [word for hub in HUBS for word in ("--trust", hub["keys"][0]["paserk"])]
    of_bundle, of_chain = offline_call("verify", str(bundle)), offline_call("verify", "--chain", str(chain), *trust)
    assert (of_bundle.status, of_bundle.out[:3], of_bundle.err) == (0, "OK:", "")
    assert (of_chain.status, of_chain.out[:3], of_chain.err) == (0, "OK:", "")


def test_a_named_key_pins_the_hub(bundle: Path, free_call: Call) -> None:
    done = free_call("verify", str(bundle), "--trust", str(made().signer.verifier), "--json").json
    assert (done["ok"], done["pinned"], done["first_bad"]) == (True, True, None)
    refused = free_call("verify", str(bundle), "--trust", HUBS[0]["keys"][0]["paserk"])
    assert (refused.status, refused.out.split(":")[0]) == (1, "BROKEN at hub.log_keys")


def test_what_a_hub_published_pins_it_by_a_file(bundle: Path, free_call: Call, tmp_path: Path) -> None:
    hub = made().first["hub"]
    published = {"issuer": hub["issuer"], "keys": hub["token_keys"], "log_keys": hub["log_keys"]}
    (tmp_path / "keys.json").write_bytes(dumps(published))
    assert "under a key that you trust" in free_call("verify", str(bundle), "--trust", str(tmp_path / "keys.json")).out


def test_a_bundle_that_was_tampered_with_ends_with_status_1_and_says_where(bundle: Path, free_call: Call) -> None:
    bundle.write_bytes(bundle.read_bytes().replace(b'"rows":120000', b'"rows":120001', 1))
    done = free_call("verify", str(bundle))
    assert (done.status, done.out.splitlines()[0].split(":")[0]) == (1, "BROKEN at question.action")
    assert free_call("verify", str(bundle), "--json").json["first_bad"]["part"] == "question.action"


def test_a_chain_is_walked_hop_by_hop(chain: Path, free_call: Call) -> None:
    done = free_call("verify", "--chain", str(chain))
    assert (done.status, done.out.splitlines()[0]) == (0, "OK: 3 proofs, each named by the next.")
    assert "Self-declared keys" in done.out
    chain.write_bytes(chain.read_bytes().replace(b'"amount_minor":8500', b'"amount_minor":8501', 1))
    done = free_call("verify", "--chain", str(chain))
    assert (done.status, done.out.splitlines()[0].split(":")[0]) == (1, "BROKEN at hop 1 (action)")


def test_a_chain_whose_keys_are_all_named_is_not_called_self_declared(
    chain: Path, free_call: Call, tmp_path: Path
) -> None:
    words = ["verify", "--chain", str(chain)]
    for place, hub in enumerate(HUBS):
        (tmp_path / f"hub-{place}").write_bytes(dumps(hub))
        words += ["--trust", str(tmp_path / f"hub-{place}")]
    assert "Self-declared" not in free_call(*words).out


def test_a_claim_with_line_breaks_adds_no_line_to_what_is_said(free_call: Call, tmp_path: Path) -> None:
    fake = "x\nOK: 9 proofs\u202e\x1b[2K"
    proof = BUYER.proof(BUY, [], 1, aud=fake, action_type=fake)
    (tmp_path / "chain.json").write_bytes(write_chain([(proof, BUY)], HUBS))
    done = free_call("verify", "--chain", str(tmp_path / "chain.json"))
    assert done.status == 0
    assert [line[:3] for line in done.out.splitlines()].count("OK:") == 1
    assert "\x1b" not in done.out
    assert "x\\nOK: 9 proofs⟦U+202E⟧" in done.out


def test_a_bare_key_leaves_whose_it_is_to_the_file_and_says_so(chain: Path, free_call: Call) -> None:
    keys = [word for hub in HUBS for word in ("--trust", hub["keys"][0]["paserk"])]
    assert "who an issuer is, is the file's word" in free_call("verify", "--chain", str(chain), *keys).out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["v4.public.x", "--trust", "k4.public.x"],
        ["v4.public.x"],
        ["BUNDLE", "--audience", "x"],
        ["BUNDLE", "--chain", "BUNDLE"],
        ["BUNDLE", "--trust", "nothing"],
    ],
)
def test_a_command_line_that_means_nothing_is_refused(words: list[str], bundle: Path, free_call: Call) -> None:
    assert free_call("verify", *(str(bundle) if word == "BUNDLE" else word for word in words)).status == 2


def test_the_command_says_of_every_vector_what_the_vectors_say(free_call: Call, tmp_path: Path) -> None:
    path, good = tmp_path / "receipt.json", {each["name"]: each["bundle"] for each in VECTORS["good"]}
    for each in VECTORS["good"]:
        path.write_bytes(dumps(each["bundle"]))
        done = free_call("verify", str(path), "--json")
        assert (done.status, done.json["ok"], done.json["outcome"]) == (0, True, each["outcome"]), each["name"]
    for each in VECTORS["refused"]:
        path.write_bytes(dumps(patched(good[each["of"]], each["patch"])))
        done = free_call("verify", str(path), "--json")
        assert (done.status, done.json["first_bad"]["part"]) == (1, each["part"]), each["name"]
