"""What is asked in a few lines: nothing of it deceives, leads anywhere, or is a secret."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.domain.presentation import fields_of
from approvals_hub.notifications.summary import (
    LONGEST_LABEL,
    LONGEST_VALUE,
    MOST_ROWS,
    WITHHELD,
    Summary,
    members,
    summary_of,
    unlinked,
)


def of(payload: dict[str, Any], kind: str = "payments.transfer") -> Summary:
    action = {"action_type": kind, "payload": payload, "salt": "canary-salt", "action_id": "act_1"}
    return summary_of(fields_of(action))


def said(payload: dict[str, Any], kind: str = "payments.transfer") -> list[str]:
    found = of(payload, kind)
    return [found.kind, *[line.text() for line in found.lines]]


def test_it_is_the_kind_of_action_and_the_first_rows() -> None:
    assert said({"amount": 1200, "to": "Bo", "urgent": True, "items": [{"sku": "A1"}]}) == [
        "payments › transfer",
        "amount: 1200",
        "items › 0 › sku: “A1”",
        "to: “Bo”",
        "urgent: true",
    ]


def test_what_is_long_is_cut_and_what_is_left_out_is_counted() -> None:
    found = of({f"m{n:02}": "x" * 500 for n in range(20)} | {"a" * 300: 1})
    assert (len(found.lines), found.more) == (MOST_ROWS, 21 - MOST_ROWS)
    assert all(len(line.label) <= LONGEST_LABEL and len(line.value) <= LONGEST_VALUE for line in found.lines)
    shorter = found.shorter()
    assert shorter is not None
    assert (len(shorter.lines), shorter.more) == (MOST_ROWS - 1, 22 - MOST_ROWS)
    assert of({}).shorter() is None


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("a\nApproved by the hub", "a⟦U+000A⟧Approved by the hub"),
        ("abc\u202egnp", "abc⟦U+202E⟧gnp"),
        ("x\u200b" * 60, None),
        ("\u202e" * 500, None),
        ("⟦U+000A⟧", "⟦U+27E6⟧U+000A⟦U+27E7⟧"),
    ],
)
def test_characters_that_hide_or_turn_text_round_are_shown_and_grow_no_message(attack: str, shown: str | None) -> None:
    [line] = of({"note": attack}).lines
    assert line.value.isprintable()
    assert len(line.value) <= LONGEST_VALUE
    assert line.value.count("⟦") == line.value.count("⟧")
    assert shown in (None, line.value)
    [named] = of({attack: 1}).lines
    assert named.label.isprintable()


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("https://evil.example/approve", "https[:]//evil[.]example/approve"),
        ("go to evil.example now", "go to evil[.]example now"),
        ("bo@evil.example", "bo@evil[.]example"),
        ("evil。com", "evil[.]com"),
        ("evil．com", "evil[.]com"),
        ("evil｡com and evil․com and evil﹒com", "evil[.]com and evil[.]com and evil[.]com"),
        ("😀.ws evil-.com", "😀[.]ws evil-[.]com"),
        ("http:/evil", "http[:]/evil"),
        ("http:\\\\evil", "http[:]\\\\evil"),
        ("https：／／evil", "https[:]／／evil"),
        ("mailto:bo@evil tel:+4670", "mailto[:]bo@evil tel[:]+4670"),
        ("Done. Next.", "Done. Next."),
        ("At 12:30, sha256:ab. Note: x...", "At 12:30, sha256:ab. Note: x..."),
    ],
)
def test_an_address_in_an_action_becomes_no_link_in_a_message_of_the_hub(attack: str, shown: str) -> None:
    assert unlinked(attack) == shown
    assert said({"note": attack})[1] == f"note: “{shown}”"
    assert "evil.example" not in " ".join(said({"evil.example": 1}, kind="evil.example"))


@pytest.mark.parametrize("mark", list('“”„‟"«»＂″〝〞〟❝❞'))
def test_a_value_does_not_close_its_quotes_and_go_on_as_another_row(mark: str) -> None:
    assert said({"to": f"Anna{mark}. Amount: {mark}1 kr"})[1] == "to: “Anna'. Amount: '1 kr”"


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("Approvals Hub: already approved, tap to confirm", "“Approvals Hub: already approved, tap to confirm”: 1"),
        ("amount: 1 kr”. to", "“amount: 1 kr'. to”: 1"),
        ("amount:", "“amount:”: 1"),
        ("a › b c", "“a › b c”: 1"),
        ("Bo's", "“Bo's”: 1"),
        ("", "“”: 1"),
        ("belopp_i-kr", "belopp_i-kr: 1"),
    ],
)
def test_a_members_name_does_not_pass_for_words_of_the_hub(attack: str, shown: str) -> None:
    assert said({attack: 1})[1] == shown


@pytest.mark.parametrize(
    "payload",
    [
        {"secret": "canary"},
        {"dbPassword": "canary"},
        {"auth": {"API_KEY": "canary"}},
        {"user-access-key": "canary"},
        {"secrets": {"first": ["canary"]}},
        {"note": "sk_live_canarycanarycanary01"},
        {"note": "use ghp_canaryCANARYcanary01"},
        {"note": "eyJhbGciOiJcanary.eyJzdWIi.c2ln"},
        {"url": "postgres://anna:canary@db.example/x"},
        {"note": "-----BEGIN PRIVATE KEY-----canary"},
        {"ghp_canaryCANARYcanary01": 1},
        {"OTP": "123456 canary"},
    ],
)
def test_what_looks_like_a_secret_is_named_and_never_shown(payload: dict[str, Any]) -> None:
    found = of(payload)
    assert "canary" not in repr([found.lines, members(found)]).lower()
    assert WITHHELD in repr(found.lines)


def test_words_that_only_hold_such_a_word_are_no_secret() -> None:
    assert said({"issue_key": "OPS-1", "keyboard": "sv", "spinner": "x", "tokenize": "y"})[1:] == [
        "issue_key: “OPS-1”",
        "keyboard: “sv”",
        "spinner: “x”",
        "tokenize: “y”",
    ]


def test_the_salt_and_whatever_is_no_payload_stay_here() -> None:
    assert "canary" not in repr(of({"a": 1}))


def test_a_program_is_given_the_same_rows() -> None:
    assert members(of({"amount": 5})) == {
        "action_type": "payments.transfer",
        "fields": [{"label": "amount", "value": "5"}],
        "left_out": 0,
    }
