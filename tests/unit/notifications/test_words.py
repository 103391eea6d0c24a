"""What is said outside."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from approvals_hub.audit.event import Kind
from approvals_hub.notifications.words import ADMIN, COLLEAGUE, LONGEST_NAME, NEWS, NOTICES, asks, news, over
from tests.house.tree import ROOT


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_question_names_who_asks_for_whom_and_how_risky_it_is(language: str) -> None:
    said = asks(language, agent="bot", org="Acme", risk="critical")
    assert "bot" in said.title
    assert "Acme" in said.text
    assert re.search("critical|kritisk", said.text)


def test_an_end_names_the_person_who_decided_and_nobody_where_nobody_did() -> None:
    assert over("en", agent="bot", org="Acme", decided_by="Ada").title == "Already decided by Ada"
    assert over("sv", agent="bot", org="Acme", decided_by=None).title == "Inget att göra längre"


def test_a_name_begins_no_second_line_and_has_an_end() -> None:
    said = asks("en", agent="bot\r\nBcc: eve@evil.example\u202e" + "x" * 500, org="$org", risk="low")
    assert said.title.isprintable()
    assert len(said.title) < LONGEST_NAME + 30
    assert said.text.startswith("$org")


@pytest.mark.parametrize("kind", NEWS)
def test_every_kind_of_news_has_a_title_in_both_languages(kind: str) -> None:
    titles = {news(language, kind, org="Acme").title for language in ("en", "sv")}
    assert len(titles) == 2


@pytest.mark.parametrize(("language", "word"), [("en", "end the absence"), ("sv", "avsluta frånvaron")])
def test_whoever_was_made_absent_is_told_what_to_do_about_it(language: str, word: str) -> None:
    assert word in news(language, "absence.recorded", org="Acme").text
    assert word not in news(language, "absence.ended", org="Acme").text


def test_every_kind_of_news_that_is_queued_has_its_words() -> None:
    text = "".join(path.read_text() for path in sorted((ROOT / "approvals_hub/stepup").glob("*.py")))
    queued = set(re.findall(r'(?:queue_person|announce_in)\([^)]*?"([a-z_]+\.[a-z_]+)"', text))
    announced = {kind for kind in get_args(Kind) if kind.startswith(("recovery.", "break_glass."))}
    queued |= {kind for kind in announced if not kind.endswith(".refused")}
    assert {"factor.declined", "device.revoked", "break_glass.asked"} <= queued
    assert queued <= set(NEWS)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_news_of_a_colleagues_key_do_not_ask_anybody_to_look_through_their_own(language: str) -> None:
    own, others = (news(language, f"break_glass.asked{end}", org="Acme") for end in ("", COLLEAGUE))
    assert own.title == others.title
    assert re.search("Was it not you|Var det inte du", own.text)
    assert re.search("a colleague's key|en kollegas nyckel", others.text)


def test_every_kind_of_notice_that_is_left_has_its_words_for_admins() -> None:
    text = "".join(path.read_text() for path in sorted((ROOT / "approvals_hub").rglob("*.py")))
    left = set(re.findall(r'add_notice_in\([^)]*?kind="([a-z_]+)"', text)) | {"person_joined", "factor_declined"}
    left |= {kind.replace(".", "_") for kind in get_args(Kind) if kind.startswith(("recovery.", "break_glass."))}
    assert {kind for kind in left if not kind.endswith("_refused")} | {"identity_refused"} <= set(NOTICES)
    for kind in NOTICES:
        titles = {news(language, ADMIN + kind, org="Acme").title for language in ("en", "sv")}
        assert len(titles) == 2
        assert "Something has changed" not in "".join(titles)
