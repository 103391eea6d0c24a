"""A receipt bundle holds as its hub made it, and every tampering with it is found and named."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub_client import note
from approvals_hub_client.bundle import verify_bundle
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.approvals_hub_client.made_bundle import Json, changed, lied, made, part_of, verified

NAMES = st.sampled_from(["hub", "question", "answers", "token", "proof", "log", "action", "key", "entry", "index", "x"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member and item, at every depth."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*path, name)
        yield from nodes(inner, (*path, name))


def put(bundle: Json, path: tuple[Any, ...], value: Any) -> Json:
    mine: Any = copy.deepcopy(bundle)
    place = mine
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value(place[path[-1]]) if callable(value) else value
    return dict(mine)


def take(bundle: Json, path: tuple[Any, ...]) -> Json:
    mine: Any = copy.deepcopy(bundle)
    place = mine
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return dict(mine)


def other(value: Any) -> Any:
    """A value of the same type that is another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value[:-1] + ("A" if value[-1:] != "A" else "B")
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "x"
    return [*value, "x"] if isinstance(value, list) else {**value, "x": 1}


@pytest.mark.parametrize("which", ["first", "second", "other"])
def test_a_bundle_holds_and_says_in_words_what_was_verified(which: str) -> None:
    report = verified(getattr(made(), which))
    assert part_of(report) == ""
    assert report.verified[-1] == "nothing was changed, added or left out since the hub sealed the bundle"
    assert not report.pinned


def test_the_words_name_who_answered_and_how() -> None:
    said = "\n".join(verified(made().first).verified)
    assert "signed approve" in said
    assert "with a passkey" in said
    assert "it ended approved by per_" in said
    assert "it was redeemed once, and the proof token says so under a key that the log vouches for" in said
    assert "and took it back later" in "\n".join(verified(made().second).verified)


def test_the_logs_key_known_from_elsewhere_is_pinned() -> None:
    report = verified(made().first, str(made().signer.verifier))
    assert (report.ok, report.pinned) == (True, True)


def test_everything_that_the_hub_published_pins_its_proofs_key_too() -> None:
    hub = made().first["hub"]
    published = dumps({"issuer": hub["issuer"], "keys": hub["token_keys"], "log_keys": hub["log_keys"]})
    report = verified(made().first, published)
    assert "it was redeemed once, and the proof token says so under a key that you trust" in report.verified


def test_a_bare_key_and_one_of_another_log_do_not_say_whose_log_it_is() -> None:
    raw = made().signer.verifier.public_key
    report = verified(made().first, "k4.public." + b64u(raw))
    assert (report.ok, report.pinned) == (True, False)
    assert part_of(verified(made().first, str(note.Verifier("other.example/org_1", raw)))) == "hub.log_keys"
    named = f"https://other.example=k4.public.{b64u(raw)}"
    assert part_of(verified(made().first, named)) == "hub.log_keys"
    report = verified(made().first, f"{made().first['hub']['issuer']}=k4.public.{b64u(raw)}")
    assert (report.ok, report.pinned) == (True, True)


def test_a_bundle_of_a_hub_with_another_key_than_the_trusted_one_is_found() -> None:
    key = Ed25519SigningKey().public
    assert part_of(verified(made().first, paserk(key))) == "hub.log_keys"
    stranger = str(note.Verifier(made().signer.verifier.name, key.raw))
    assert part_of(verified(made().first, stranger)) == "hub.log_keys"


def test_each_member_changed_at_every_depth_is_found() -> None:
    bundle = made().first
    for path in nodes(bundle):
        assert not verified(put(bundle, path, other)).ok, path


def test_each_member_or_item_removed_at_every_depth_is_found() -> None:
    bundle = made().first
    for path in nodes(bundle):
        assert not verified(take(bundle, path)).ok, path


def test_each_part_swapped_with_another_questions_is_found() -> None:
    for path in nodes(made().first):
        value: Any = made().second
        try:
            for name in path:
                value = value[name]
        except (KeyError, IndexError, TypeError):
            continue
        swapped = put(made().first, path, value)
        assert swapped == made().first or not verified(swapped).ok, path


@pytest.mark.parametrize(
    ("attack", "part"),
    [
        (lambda b: b.update(hub=made().other["hub"]), "log.checkpoint"),
        (lambda b: b.update(log=made().other["log"]), "log.checkpoint"),
        (lambda b: b["log"].update(checkpoint=made().other["log"]["checkpoint"]), "log.checkpoint"),
        (lambda b: b["log"].update(checkpoint=made().second["log"]["checkpoint"]), "log.entries[0]"),
        (lambda b: b["log"]["entries"].reverse(), "log.entries[1]"),
        (lambda b: b["answers"].pop(), "answers"),
        (lambda b: b["answers"].reverse(), "answers[0]"),
        (lambda b: b["answers"].append(b["answers"][0]), "answers[2]"),
        (lambda b: b["answers"].__setitem__(0, made().second["answers"][0]), "answers[0]"),
        (lambda b: b["answers"][0].update(statement=made().second["answers"][0]["statement"]), "answers[0].statement"),
        (lambda b: b["answers"][0].update(signature=made().second["answers"][0]["signature"]), "answers[0]"),
        (lambda b: b["question"]["action"]["payload"].update(rows=1), "question.action"),
        (
            lambda b: b["question"].update(presentation=made().second["question"]["presentation"]),
            "question.presentation",
        ),
        (lambda b: b["question"]["requirement"].update(approvals=1), "question.requirement"),
        (lambda b: b["question"].update(outcome="denied"), "question.outcome"),
        (lambda b: b.update(token=None), "token"),
        (lambda b: b["token"]["claims"]["approvers"].pop(), "token.claims.statement_hashes"),
        (lambda b: b["token"].update(state="ready"), "token.state"),
        (lambda b: b.update(proof=None), "proof"),
        (lambda b: b["proof"].update(token=made().other["proof"]["token"]), "proof.token"),
        (lambda b: b["proof"]["counterparty_proofs"].append(b["proof"]["token"]), "proof.counterparty_proofs"),
        (lambda b: b.update(seal=made().second["seal"]), "seal"),
        (lambda b: b.update(seal=b["log"]["checkpoint"]), "seal"),
        (lambda b: b.update(more=1), "format"),
        (lambda b: b["answers"][0].update(more=1), "format"),
        (lambda b: b.update(format="approvals-hub.bundle.v2"), "format"),
    ],
)
def test_an_attack_on_one_part_is_found_and_the_part_is_named(attack: Any, part: str) -> None:
    assert part_of(verified(changed(made().first, attack))) == part


def test_a_hub_that_lies_with_its_own_keys_changes_nothing_that_people_signed() -> None:
    """Whoever holds the hub's keys signs what they like, but not in the name of a person's device."""
    assert part_of(verified(lied(made().first))) == ""
    attack = lied(made().first, lambda b: b["question"]["action"]["payload"].update(rows=1))
    assert part_of(verified(attack)) == "question.action"


@pytest.mark.parametrize("text", [b"", b"{}", b"null", b"[" * 10_000, b'{"format": 1}', b"\xff", b'{"a":1,"a":2}'])
def test_what_is_no_bundle_is_named_as_such(text: bytes) -> None:
    assert part_of(verify_bundle(text)) == "format"


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    started = time.process_time()
    assert part_of(verify_bundle(b" " * (16 * 1024 * 1024 + 1))) == "format"
    assert time.process_time() - started < 1


def test_a_trusted_text_that_is_no_key_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="key"):
        verified(made().first, "k4.public.nothing")


@settings(max_examples=150, deadline=2_000)
@given(st.data())
def test_whatever_stands_anywhere_in_a_bundle_makes_no_traceback_and_never_holds(data: st.DataObject) -> None:
    bundle = made().first
    path = data.draw(st.sampled_from(list(nodes(bundle))))
    fuzzed = put(bundle, path, data.draw(VALUES))
    assert fuzzed == bundle or not verified(fuzzed).ok


BLOCKED = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was asked for")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from approvals_hub_client import verify_bundle
report = verify_bundle(open(sys.argv[1], "rb").read())
assert "approvals_hub" not in sys.modules and "aiohttp" not in sys.modules
print(report.ok, len(report.verified))
"""


def test_the_client_alone_verifies_with_the_network_blocked(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(json.dumps(made().first, indent=2))
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(tmp_path / "bundle.json")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True 7\n"
