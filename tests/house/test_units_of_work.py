"""What stands inside a unit of work: its own tx, and functions that take it: stores, `record`, `queue_…`, `…_in(tx)`.

On SQLite a unit that waits for anything else is refused at run time, on PostgreSQL it would hold its locks meanwhile,
and either engine may run a unit again: so time and secrets are taken before it.
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Iterator

import pytest

from tests.house.rules import Breach, Rule
from tests.house.tree import Source, python_sources

UNIT = ast.AsyncFunctionDef | ast.FunctionDef | ast.Lambda
# A row's own id may be drawn inside: a unit that is run again has left no row of the first time.
TAKEN_BEFORE = re.compile(
    r"(new_secret|token_bytes|token_hex|token_urlsafe|urandom|randbelow|randint|uniform"
    r"|(.*\.)?_?clock\.now|time\.\w+|datetime\.now|secrets\.\w+|random\.\w+)$"
)

CLOCK = re.compile(r"(.*\.)?_?clock\.now$")


def takes_tx(node: ast.AST) -> bool:
    """Whether this is a function with a parameter called `tx`: a unit of work, or a part of one."""
    if not isinstance(node, UNIT):
        return False
    arguments = node.args
    return "tx" in {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def own_nodes(unit: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it that are units themselves."""
    for child in ast.iter_child_nodes(unit):
        if not takes_tx(child):
            yield child
            yield from own_nodes(child)


def parts_of_units(sources: list[Source]) -> frozenset[str]:
    """The names of all functions that take a tx; each of them is held to the rule itself."""
    return frozenset(
        node.name
        for source in sources
        for node in ast.walk(source.module)
        if takes_tx(node) and not isinstance(node, ast.Lambda)
    )


def awaits_only_its_tx(source: Source, parts: frozenset[str]) -> Iterator[Breach]:
    """A unit of work waits for the database and for nothing else."""
    for unit in filter(takes_tx, ast.walk(source.module)):
        for node in own_nodes(unit):
            if isinstance(node, ast.AsyncFor | ast.AsyncWith):
                yield node.lineno, "a unit of work has nothing to do with `async for` or `async with`"
            if isinstance(node, ast.Await) and not _is_allowed(node.value, parts):
                yield node.lineno, f"a unit of work awaits {ast.unparse(node.value)[:60]}"


def takes_time_and_chance_before(source: Source) -> Iterator[Breach]:
    """A unit may run twice, and may wait in line before it runs. After a lock that it waited for it may look again."""
    for unit in filter(takes_tx, ast.walk(source.module)):
        calls = [(node, ast.unparse(node.func)) for node in own_nodes(unit) if isinstance(node, ast.Call)]
        locked = min((node.lineno for node, name in calls if name == "tx.lock"), default=math.inf)
        for node, name in calls:
            looks_again = CLOCK.match(name) and node.lineno > locked
            if TAKEN_BEFORE.match(name) and not looks_again:
                yield node.lineno, f"a unit of work calls {ast.unparse(node)[:60]}: take it before"


def _is_allowed(value: ast.expr, parts: frozenset[str]) -> bool:
    if not isinstance(value, ast.Call):
        return False
    whole = ast.unparse(value.func)
    if re.fullmatch(r"tx\.\w+", whole):
        return True
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    has_tx = any(isinstance(argument, ast.Name) and argument.id == "tx" for argument in given)
    return has_tx and whole.rsplit(".", 1)[-1] in parts


def test_a_unit_of_work_awaits_only_its_tx_and_what_takes_it() -> None:
    sources = checked()
    rule = functools.partial(awaits_only_its_tx, parts=parts_of_units(sources))
    assert breaches(rule, sources) == ""


def test_a_unit_of_work_reads_no_clock_and_draws_no_secret() -> None:
    assert breaches(takes_time_and_chance_before, checked()) == ""


def breaches(rule: Rule, sources: list[Source]) -> str:
    """What breaks the rule, a `path:line what` on each line."""
    return "".join(f"\n{source.path}:{line} {what}" for source in sources for line, what in rule(source))


def checked() -> list[Source]:
    """All but the engines, which are below the rule: they call the units."""
    return [source for source in python_sources() if not source.path.startswith("approvals_hub/db/")]


KNOWN = frozenset({"part", "token", "record", "queue_mail", "end_in"})


def unit(line: str) -> Source:
    return Source("approvals_hub/tokens/redeem.py", f"async def part(tx): ...\nasync def work(tx):\n    {line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "await asyncio.sleep(0)",
        "await self.http.get(url)",
        "await self.db.run(other)",
        "await tx.connection.execute(sql)",
        "await store.token(other)",
        "await verify(tx)",
        "await future",
        "async with lock: pass",
        "rows = [await fetch(row) for row in rows]",
    ],
)
def test_waiting_for_something_else_is_found(line: str) -> None:
    assert list(awaits_only_its_tx(unit(line), KNOWN))


@pytest.mark.parametrize(
    "line",
    [
        "await tx.row(sql)",
        "await store.token(tx, jti)",
        "await record(tx, event)",
        "await self.audit.record(tx, event)",
        "await queue_mail(tx, mail)",
        "await self.withdraw.end_in(tx, reason)",
        "await part(tx)",
        "await self.withdraw.end_in(org, tx=tx)",
        "return tx.memory.get('seq')",
    ],
)
def test_working_on_its_own_tx_is_allowed(line: str) -> None:
    assert not list(awaits_only_its_tx(unit(line), KNOWN))


@pytest.mark.parametrize("line", ["now = self.clock.now()", "at = time.time()", "secrets.token_hex()"])
def test_time_and_chance_within_a_unit_are_found(line: str) -> None:
    assert list(takes_time_and_chance_before(unit(line)))


def test_time_taken_before_the_unit_is_allowed() -> None:
    text = "async def redeem(self):\n    now = self.clock.now()\n    async def work(tx):\n        return now\n"
    assert not list(takes_time_and_chance_before(Source("approvals_hub/tokens/redeem.py", text)))


def test_time_taken_after_waiting_for_a_lock_is_allowed_and_a_secret_is_not() -> None:
    lock = "await tx.lock('escalations', id)\n    "
    assert not list(takes_time_and_chance_before(unit(f"{lock}now = self.clock.now()")))
    assert list(takes_time_and_chance_before(unit(f"{lock}secret = new_secret('inv')")))
