"""Keys that somebody believes: texts, files, and what a hub published of validity and revocation."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.note import Verifier
from approvals_hub_client.paseto import key_id, paserk
from approvals_hub_client.times import to_milliseconds
from approvals_hub_client.trust import (
    LOG,
    MAXIMUM_BYTES,
    SKEW,
    TOKEN,
    PublicKey,
    Published,
    Trust,
    Untrusted,
    choose,
    plain,
    published_of,
    read_trust,
)

KEY = Ed25519SigningKey(bytes(range(32))).public
OTHER = Ed25519SigningKey(bytes(range(1, 33))).public
NOW = to_milliseconds("2026-11-21T01:42:00.000Z")


def entry(key: Any = KEY, **changes: Any) -> PublicKey:
    members: dict[str, Any] = {
        "kid": key_id(key),
        "purpose": TOKEN,
        "public_key": b64u(key.raw),
        "paserk": paserk(key),
        "active_from": "2026-01-01T00:00:00.000Z",
        "retired_at": None,
        "valid_until": "2026-12-01T00:00:00.000Z",
        "compromised_at": None,
    }
    return PublicKey(**{**members, **changes})


def test_keys_are_believed_from_texts_lines_and_what_a_hub_published() -> None:
    published = dumps(plain(Published(issuer="https://a.example", keys=[entry()])))
    for source in (
        paserk(KEY),
        str(Verifier("a.example/org_1", KEY.raw)),
        f"# ours\n{paserk(KEY)}\n".encode(),
        published,
    ):
        trust = read_trust([source])
        assert trust
        assert trust.has(KEY)
        assert not trust.has(OTHER)
    assert not Trust()


@pytest.mark.parametrize(
    "source",
    [
        "",
        "k4.public.",
        "k4.public." + "A" * 43,
        "k4.secret.x",
        "a+00000000+x",
        b"",
        b"# nothing",
        b"\xff",
        b"{}",
        b'{"issuer": "x", "keys": [{}]}',
        b"x" * (MAXIMUM_BYTES + 1),
    ],
)
def test_what_is_no_key_is_refused(source: bytes | str) -> None:
    with pytest.raises(ValueError, match=r"key|long|published|verifier|answers|neither"):
        read_trust([source])


def test_a_published_key_whose_id_is_not_its_own_is_refused() -> None:
    for changes in ({"kid": key_id(OTHER)}, {"paserk": paserk(OTHER)}, {"public_key": "A" * 43}):
        with pytest.raises(Untrusted):
            read_trust([dumps(plain(Published(issuer="x", keys=[entry(**changes)])))])


@pytest.mark.parametrize(
    ("moment", "good"),
    [
        ("2026-01-01T00:00:00.000Z", True),
        ("2025-12-31T23:59:00.000Z", False),
        ("2026-11-30T23:59:59.999Z", True),
        ("2026-12-01T00:00:31.000Z", False),
    ],
)
def test_a_key_vouches_for_what_it_signed_while_it_was_valid(moment: str, good: bool) -> None:
    if good:
        entry().check_at(to_milliseconds(moment))
        return
    with pytest.raises(Untrusted, match="not valid"):
        entry().check_at(to_milliseconds(moment))


def test_clocks_may_differ_by_half_a_minute_and_no_more() -> None:
    start = to_milliseconds("2026-01-01T00:00:00.000Z")
    entry().check_at(start - SKEW)
    with pytest.raises(Untrusted):
        entry().check_at(start - SKEW - 1)


def test_a_validity_that_is_no_time_vouches_for_nothing() -> None:
    with pytest.raises(Untrusted, match="no time"):
        entry(active_from="soon").check_at(NOW)


def test_what_is_published_counts_over_what_the_file_itself_declares() -> None:
    trust = Trust()
    trust.add_published(Published(issuer="https://a.example", keys=[entry(compromised_at="2026-02-01T00:00:00.000Z")]))
    _, found = choose(key_id(KEY), TOKEN, issuer="https://a.example", declared=[entry()], trust=trust)
    assert found.compromised_at is not None
    with pytest.raises(Untrusted, match=r"a key of https://a\.example"):
        choose(key_id(KEY), TOKEN, issuer="https://b.example", declared=[entry()], trust=trust)


def test_a_key_of_another_purpose_or_none_at_all_vouches_for_nothing() -> None:
    with pytest.raises(Untrusted, match="no log key"):
        choose(key_id(KEY), LOG, issuer="x", declared=[entry()], trust=Trust())
    with pytest.raises(Untrusted, match="no key that is known"):
        choose(key_id(OTHER), TOKEN, issuer="x", declared=[entry()], trust=Trust())


def test_what_a_newer_hub_publishes_beside_is_left_out() -> None:
    newer = {**msgspec.to_builtins(entry()), "more": 1}
    assert published_of(dumps({"issuer": "x", "keys": [newer], "log_keys": [newer], "more": 1})) == Published(
        issuer="x", keys=[entry()], log_keys=[entry()]
    )


@pytest.mark.parametrize("lacks", [{"issuer": "x"}, {"keys": []}, {"issuer": "x", "keys": [{"kid": "k"}]}, [], "x"])
def test_what_lacks_something_is_no_published_answer(lacks: Any) -> None:
    with pytest.raises(ValueError, match="public-keys"):
        published_of(dumps(lacks))


def test_whose_a_key_is_comes_from_where_it_was_named() -> None:
    bare, named = read_trust([paserk(KEY)]), read_trust([f"https://a.example={paserk(KEY)}"])
    log = read_trust([str(Verifier("a.example/org_1", KEY.raw)), str(Verifier("a.example/org_2", KEY.raw))])
    assert not bare.is_of(KEY, "https://a.example")
    assert named.is_of(KEY, "https://a.example")
    assert not named.is_of(KEY, "https://b.example")
    assert log.is_of_log(KEY, "a.example/org_2")
    assert log.is_of_another_log(KEY, "b.example/org_1")
    for text in ("https://a.example=", "https://a.example=x", "https://a.example", f"a.example={paserk(KEY)}"):
        with pytest.raises(ValueError, match=r"key"):
            read_trust([text])


def test_a_trusted_hub_that_declares_its_key_for_another_issuer_is_refused() -> None:
    with pytest.raises(Untrusted, match=r"a key of https://a\.example"):
        choose(
            key_id(KEY),
            TOKEN,
            issuer="https://b.example",
            declared=[entry()],
            trust=read_trust([f"https://a.example={paserk(KEY)}"]),
        )


def test_a_logs_key_that_is_declared_for_tokens_is_refused() -> None:
    trust = read_trust([str(Verifier("a.example/org_1", KEY.raw))])
    with pytest.raises(Untrusted, match="signs no tokens"):
        choose(key_id(KEY), TOKEN, issuer="https://a.example", declared=[entry()], trust=trust)


def test_a_hub_that_publishes_the_key_of_another_does_not_become_its_issuer() -> None:
    mine, theirs = (dumps(plain(Published(issuer=f"https://{x}.example", keys=[entry()]))) for x in "ab")
    for sources in ([mine, theirs], [theirs, mine], [f"https://a.example={paserk(KEY)}", theirs]):
        with pytest.raises(Untrusted, match="pinned as a key of"):
            read_trust(sources)
    assert read_trust([paserk(KEY), mine, mine]).is_of(KEY, "https://a.example")


def test_an_older_file_does_not_take_back_that_a_key_was_compromised() -> None:
    old, new = (
        dumps(plain(Published(issuer="https://a.example", keys=[entry(compromised_at=at)])))
        for at in (None, "2026-02-01T00:00:00.000Z")
    )
    for sources in ([old, new], [new, old]):
        published = read_trust(sources).pins[KEY.raw].published
        assert published is not None
        assert published.compromised_at is not None
