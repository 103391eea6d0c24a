"""The documentation says what is there: its links lead somewhere, and what it names exists."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import textwrap

import pytest

from approvals_hub.cli.main import cli
from tests.house.docs import Page, pages, python_blocks
from tests.house.reference_cli import walk
from tests.house.tree import ROOT, python_sources, python_tests
from tests.house.tree import pages as scripts

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


def unknown_command(words: list[str]) -> bool:
    """Whether no command of ours is called so, or it has no such option."""
    commands = dict(walk(cli, ()))
    path = next((tuple(words[:size]) for size in (2, 1) if tuple(words[:size]) in commands), None)
    options = {word.split("=")[0] for word in words if word.startswith("-") and word != "-"} - {"--help", "--version"}
    if path is None:
        # A group alone (`audit`), the program alone, or the place-holder that the page of commands uses.
        plain = [word for word in words if not word.startswith("-")]
        return len(plain) > 1 or not {*plain, *options} <= {path[0] for path in commands} | {"COMMAND"}
    return not options <= {name for option in commands[path].params for name in option.opts}


@functools.cache
def names_of_tests() -> frozenset[str]:
    """The name of every test function."""
    return frozenset(
        node.name
        for source in python_tests()
        for node in ast.walk(source.module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_somewhere(page: Page) -> None:
    inside = [link for link in page.links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if missing(page, link)] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_file_named_in_the_docs_exists(page: Page) -> None:
    named = [text for text in page.quoted if text.startswith(TOP) and re.fullmatch(r"[\w./-]+", text)]
    assert [path for path in named if not (ROOT / path).exists() and not (ROOT / "sdks/python" / path).exists()] == []


def test_every_page_that_the_product_names_exists() -> None:
    named = {
        (source.path, page)
        for source in [*python_sources(), *scripts()]
        for page in re.findall(r"(?<![\w./-])docs/[\w./-]*\w", source.text)
    }
    assert len(named) > 20
    assert sorted(where for where in named if not list(ROOT.glob(f"{where[1]}*"))) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_test_named_in_the_docs_exists(page: Page) -> None:
    named = {text for text in page.quoted if re.fullmatch(r"test_[a-z0-9_]+", text)}
    assert sorted(named - names_of_tests()) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_make_target_named_in_the_docs_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {words[0] for words in page.commands("make") if words}
    assert named - targets == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_named_in_the_docs_exists_with_its_options(page: Page) -> None:
    assert [" ".join(words) for words in page.commands("approvals-hub") if unknown_command(words)] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_name_that_an_example_imports_exists(page: Page) -> None:
    imports = [
        (node.module or "", alias.name)
        for block in python_blocks(page)
        for node in ast.walk(ast.parse(textwrap.dedent(block), mode="exec"))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert [(module, name) for module, name in imports if not hasattr(importlib.import_module(module), name)] == []


def test_the_readme_starts_with_the_two_commands() -> None:
    words = [" ".join(words) for words in Page(ROOT / "README.md").commands("make")]
    assert words[:2] == ["run", "test"]


def test_every_decision_is_listed_in_their_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = set(Page(folder / "README.md").links)
    assert {path.name for path in folder.glob("0*.md")} == index


def test_no_two_decisions_have_the_same_number() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("0*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_a_test_that_does_not_exist_is_no_test_of_ours() -> None:
    assert "test_every_test_named_in_the_docs_exists" in names_of_tests()
    assert "test_that_nobody_wrote" not in names_of_tests()


def test_a_link_that_leads_nowhere_is_caught() -> None:
    page = Page(ROOT / "docs" / "architecture.md")
    assert missing(page, "no-such-page.md")
    assert missing(page, "threat_model.md#no-such-heading")
    assert not missing(page, "threat_model.md#where-the-reach-ends")


@pytest.mark.parametrize("line", ["agents fire", "agents list --fast", "approve", "--fast"])
def test_a_command_that_does_not_exist_is_caught(line: str) -> None:
    assert unknown_command(line.split())


def test_every_attack_of_the_threat_model_names_the_tests_that_make_it() -> None:
    lines = (ROOT / "docs" / "threat_model.md").read_text(encoding="utf-8").splitlines()
    inside, rows = False, []
    for line in lines:
        inside = line.startswith("| attack |") or (inside and line.startswith("|"))
        if inside and not line.startswith(("| attack |", "|---")):
            rows.append(line)
    assert len(rows) > 60
    assert [row for row in rows if "`test_" not in row] == []
