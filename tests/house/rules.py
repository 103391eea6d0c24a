"""What imports and linters cannot say about one file. A rule takes a file and tells its breaches as (line, what)."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from tests.house.tree import FEATURES, Source

Breach = tuple[int, str]
Rule = Callable[[Source], Iterator[Breach]]

LINES = 300
STATEMENT = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|SELECT\s+\S+\s*$|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s"
    r"|(CREATE|DROP|ALTER)\s+(TABLE|INDEX|VIEW|TRIGGER|ROLE|DATABASE)\s|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)
VAGUE = re.compile(r"^(utils?|helpers?|common|misc|managers?|stuff|base)$|_(utils?|helpers?|manager)$")
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\bNotImplementedError\b")
LEFT_OUT = re.compile(r"pytest\.(skip|xfail|importorskip)\b|pytest\.mark\.(skip|skipif|xfail)\b|unittest\.skip")
MOCKS = re.compile(r"\bunittest\.mock\b|\bmonkeypatch\.setattr\b|\b(Magic|Async)Mock\b|\bmock\.patch\b|\bmocker\b")
EXCEPTION = re.compile(
    r"#\s*(noqa|type:\s*ignore)\b(?P<codes>(:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*|\[[\w,\s-]+\])?)(?P<why>.*)$"
)
# These two codes are their own reason: a package that was published without types.
UNTYPED_PACKAGE = ("[import-untyped]", "[no-untyped-call]")
SECRET = re.compile(r"(^|_)(secret|mac|hmac|digits|otp|password|seed|token_hash|api_key)$")
STATUS_HOMES = ("approvals_hub/api/problems.py", "approvals_hub/api/openapi.py")
HTTP_REFUSAL = re.compile(r"HTTP(?!Found|SeeOther|Moved|Permanent|Temporary|Exception)[A-Z]")
ROUTE_HOMES = ("approvals_hub/api/routes.py", "approvals_hub/app.py", "approvals_hub/relay/routes.py", "web/routes.py")
ADDS_ROUTES = re.compile(r"^add_(get|post|put|patch|delete|head|route|routes|static|view|resource)$")
MACHINE_PATH = re.compile(r"(?<![\w.$}/])/(root|home/\w+|Users/\w+|work)/")


def is_short(source: Source) -> Iterator[Breach]:
    """No file is over 300 lines: split it by subject."""
    count = source.text.count("\n") + (not source.text.endswith("\n"))
    if count > LINES:
        yield LINES + 1, f"{count} lines; {LINES} is the limit: split it by subject"


def keeps_sql_in_stores(source: Source) -> Iterator[Breach]:
    """SQL stands in store files and in db/ alone."""
    if source.path.startswith("approvals_hub/db/") or re.fullmatch(r"(\w+_)?store\.py", source.name):
        return
    for node in ast.walk(source.module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
            yield node.lineno, "SQL outside store.py and db/"


def keeps_its_tasks(source: Source) -> Iterator[Breach]:
    """A task that nobody holds can be collected half-way and its error is never seen; a TaskGroup holds its own."""
    groups = {
        item.optional_vars.id
        for node in ast.walk(source.module)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "TaskGroup" in ast.dump(item.context_expr)
    }
    for node in ast.walk(source.module):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            continue
        called = node.value.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        of_group = isinstance(called, ast.Attribute) and getattr(called.value, "id", None) in groups
        if name in ("create_task", "ensure_future", "run_coroutine_threadsafe") and not of_group:
            yield node.lineno, f"{name}(…) without anybody to hold the task"


def has_a_plain_name(source: Source) -> Iterator[Breach]:
    """Nouns and verbs of the domain: a file called utils says nothing and grows for ever."""
    for part in source.path.split("/"):
        if VAGUE.search(part.rsplit(".", 1)[0]):
            yield 1, f"the name {part} says nothing about its subject"
    for node in ast.walk(source.module) if source.name.endswith(".py") else ():
        if isinstance(node, ast.ClassDef) and re.search(r"(Utils?|Helpers?|Manager)$", node.name):
            yield node.lineno, f"the name {node.name} says nothing about its subject"


def leaves_nothing_open(source: Source) -> Iterator[Breach]:
    """What is left open belongs into an issue, not into the code."""
    yield from matches(source, LEFT_OPEN, "left open")


def leaves_no_test_out(source: Source) -> Iterator[Breach]:
    """A test that is skipped or expected to fail states nothing; a missing tool is told with the mark `needs`."""
    yield from matches(source, LEFT_OUT, "a test that does not run")


def mocks_nothing(source: Source) -> Iterator[Breach]:
    """Outside means outside: real parts, or small servers that speak the vendor's real protocol."""
    yield from matches(source, MOCKS, "a mock or patch")


def gives_reasons(source: Source) -> Iterator[Breach]:
    """Every exception to a rule names the rule and carries its reason, on its line or in the comment above it."""
    above = ""
    for number, line in enumerate(source.text.splitlines(), 1):
        found = EXCEPTION.search(line)
        explained = found and (
            len(re.findall(r"\w+", found["why"])) >= 2 or above.startswith("#") or found["codes"] in UNTYPED_PACKAGE
        )
        if found and not (found["codes"] and explained):
            yield number, "an exception without its code and its reason"
        above = line.strip()


def names_no_machine(source: Source) -> Iterator[Breach]:
    """No path of the computer it was written on."""
    yield from matches(source, MACHINE_PATH, "a path of one machine")


def keeps_rules_pure(source: Source) -> Iterator[Breach]:
    """A file of a feature without a coroutine is a rule: it knows no database, no bus, no HTTP and no event loop."""
    if not source.feature or source.waits or source.name == "__init__.py":
        return
    for name, line in source.imports:
        if re.match(r"(approvals_hub\.(db|events)|aiohttp|asyncio|aiosqlite|asyncpg|sqlite3)(\.|$)", name):
            yield line, f"a pure rule imports {name}"


def states_a_fact(source: Source) -> Iterator[Breach]:
    """A test's name is a sentence: three words at least."""
    for node in ast.walk(source.module):
        is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
        if is_test and len(node.name.split("_")) < 4:
            yield node.lineno, f"{node.name} states no fact"


def calls_only_the_hub(source: Source, waiting: frozenset[str] = frozenset()) -> Iterator[Breach]:
    """HTTP and pages import nouns of a feature, never its use cases or stores: those are fields of the Hub."""
    if not source.path.startswith(("approvals_hub/api/", "web/")):
        return
    for name, line in source.imports:
        parts = name.split(".")
        if parts[0] == "approvals_hub" and len(parts) > 2 and parts[1] in FEATURES and ".".join(parts[:3]) in waiting:
            yield line, f"imports the use case {'.'.join(parts[:3])} instead of calling the Hub"


def keeps_status_codes_in_one_file(source: Source) -> Iterator[Breach]:
    """Which refusal has which HTTP status is known in one place; the command line and the clients read statuses."""
    serves = source.feature or source.path.startswith(("approvals_hub/api/", "approvals_hub/hub.py", "web/"))
    if not serves or source.path in STATUS_HOMES:
        return
    caught = {
        id(part)
        for node in ast.walk(source.module)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        for part in ast.walk(node.type)
    }
    for node in ast.walk(source.module):
        status = node.value.value if isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant) else None
        if isinstance(status, int) and node.arg == "status" and status >= 400:
            yield node.value.lineno, f"the status {status} outside problems.py"
        elif isinstance(node, ast.Attribute) and id(node) not in caught and HTTP_REFUSAL.match(node.attr):
            yield node.lineno, f"{node.attr} outside problems.py"


def keeps_routes_on_one_page(source: Source) -> Iterator[Breach]:
    """Every operation is a row of the route table; nothing is added to the router elsewhere."""
    if source.path in ROUTE_HOMES:
        return
    for node in ast.walk(source.module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ADDS_ROUTES.match(node.func.attr):
            yield node.lineno, f"{node.func.attr}(…) outside the route table"


def compares_secrets_in_constant_time(source: Source) -> Iterator[Breach]:
    """Timing must not tell how much of a guess was right: `hmac.compare_digest`, never `==`."""
    for node in ast.walk(source.module):
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)):
            continue
        names = [getattr(side, "attr", getattr(side, "id", "")) for side in (node.left, *node.comparators)]
        for name in names:
            if SECRET.search(name) and not name.isupper():
                yield node.lineno, f"{name} is compared with =="


def matches(source: Source, pattern: re.Pattern[str], what: str) -> Iterator[Breach]:
    """A breach for every line that holds the pattern."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if pattern.search(line):
            yield number, f"{what}: {line.strip()[:80]}"
