"""The house rules hold for every file; `exceptions.txt` names the few that break one, each with its reason."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tests.house import page_rules, rules
from tests.house.tree import Source, files, pages, python_sources, python_tests

# The rule's texts and samples hold what the rules look for.
OWN = {"tests/house/rules.py", "tests/house/samples.py", "tests/house/test_needs.py"}
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")


@functools.cache
def reasons() -> dict[tuple[str, str], str]:
    """(rule, path) → reason, from the reviewed list; lines are `rule  path  reason`."""
    lines = [line.split(None, 2) for line in EXCEPTIONS.read_text().splitlines() if line and not line.startswith("#")]
    return {(rule, path): reason for rule, path, reason in lines}


def breaches(rule: rules.Rule, sources: list[Source]) -> str:
    """What breaks the rule and is not on the list, a `path:line what` an editor can open on each line."""
    return "".join(
        f"\n{source.path}:{line} {what}"
        for source in sources
        if source.path not in OWN and (rule.__name__, source.path) not in reasons()
        for line, what in rule(source)
    )


@pytest.mark.parametrize("rule", [rules.is_short, rules.names_no_machine], ids=lambda rule: rule.__name__)
def test_every_source_file_keeps(rule: rules.Rule) -> None:
    assert breaches(rule, [*python_sources(), *pages(), *python_tests()]) == ""


@pytest.mark.parametrize(
    "rule",
    [rules.has_a_plain_name, rules.leaves_nothing_open],
    ids=lambda rule: rule.__name__,
)
def test_every_python_file_keeps(rule: rules.Rule) -> None:
    assert breaches(rule, [*python_sources(), *python_tests()]) == ""


@pytest.mark.parametrize(
    "rule",
    [
        rules.keeps_sql_in_stores,
        rules.keeps_its_tasks,
        rules.keeps_rules_pure,
        rules.keeps_routes_on_one_page,
        rules.keeps_status_codes_in_one_file,
        rules.compares_secrets_in_constant_time,
        rules.gives_reasons,
    ],
    ids=lambda rule: rule.__name__,
)
def test_every_product_file_keeps(rule: rules.Rule) -> None:
    assert breaches(rule, python_sources()) == ""


@pytest.mark.parametrize(
    "rule", [rules.leaves_no_test_out, rules.mocks_nothing, rules.states_a_fact], ids=lambda rule: rule.__name__
)
def test_every_test_file_keeps(rule: rules.Rule) -> None:
    assert breaches(rule, python_tests()) == ""


@pytest.mark.parametrize(
    "rule",
    [page_rules.turns_no_text_into_code, page_rules.fetches_nothing_from_elsewhere, page_rules.holds_no_inline_code],
    ids=lambda rule: rule.__name__,
)
def test_every_page_file_keeps(rule: rules.Rule) -> None:
    assert breaches(rule, list(files(".js", ".css", ".html", ".svg", under=("web",)))) == ""


def test_pages_and_handlers_call_only_the_hub() -> None:
    sources = python_sources()
    waiting = frozenset(source.path[:-3].replace("/", ".") for source in sources if source.waits)
    rule = functools.partial(rules.calls_only_the_hub, waiting=waiting)
    functools.update_wrapper(rule, rules.calls_only_the_hub)
    assert breaches(rule, sources) == ""


def test_the_median_source_file_stays_near_a_hundred_and_twenty_lines() -> None:
    lengths = sorted(source.text.count("\n") for source in python_sources() if source.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= 150


def test_no_exception_outlives_its_cause() -> None:
    everything = {source.path: source for source in [*python_sources(), *pages(), *python_tests()]}
    named = {**vars(rules), **vars(page_rules)}
    stale = [
        f"{rule}  {path}"
        for rule, path in reasons()
        if path not in everything or not list(named[rule](everything[path]))
    ]
    assert stale == []


def test_the_list_of_exceptions_only_shrinks() -> None:
    assert len(reasons()) <= 2
