"""The documentation says what is there: its links lead somewhere, and what it names exists."""

from __future__ import annotations

import re

import pytest

from tests.house.docs import Page, pages
from tests.house.tree import ROOT

TOP = (
    "approvals_hub/",
    "approvals_hub_client/",
    "identity/",
    "notify/",
    "web/",
    "sdks/",
    "tests/",
    "docs/",
    "ops/",
    ".ci/",
)


def missing(page: Page, link: str) -> bool:
    """Whether a link inside the repository leads nowhere."""
    target, _, fragment = link.partition("#")
    path = (page.path.parent / target).resolve() if target else page.path
    if not path.exists():
        return True
    return bool(fragment) and path.suffix == ".md" and fragment not in Page(path).anchors


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_somewhere(page: Page) -> None:
    inside = [link for link in page.links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if missing(page, link)] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_file_named_in_the_docs_exists(page: Page) -> None:
    named = [text for text in page.quoted if text.startswith(TOP) and re.fullmatch(r"[\w./-]+", text)]
    assert [path for path in named if not (ROOT / path).exists() and not (ROOT / "sdks/python" / path).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_make_target_named_in_the_docs_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {words[0] for words in page.commands("make") if words}
    assert named - targets == set()


def test_the_readme_starts_with_the_two_commands() -> None:
    words = [" ".join(words) for words in Page(ROOT / "README.md").commands("make")]
    assert words[:2] == ["run", "test"]


def test_every_decision_is_listed_in_their_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = set(Page(folder / "README.md").links)
    assert {path.name for path in folder.glob("0*.md")} == index


def test_a_link_that_leads_nowhere_is_caught() -> None:
    page = Page(ROOT / "docs" / "architecture.md")
    assert missing(page, "no-such-page.md")
    assert missing(page, "threat_model.md#no-such-heading")
    assert not missing(page, "threat_model.md#where-the-reach-ends")
