"""Reference pages that are written from the code: `python -m tests.house.reference` writes them, tests compare them."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator

from approvals_hub.policies.schema import schema
from tests.house.reference_cli import commands_page, exits_page
from tests.house.reference_http import openapi_document, operations_page
from tests.house.reference_limits import limits_page
from tests.house.tree import ROOT

DOCS = ROOT / "docs"

SETTINGS = """# Settings

Values come from the file that `--config` names, else from `hub.toml` in the data folder, else from the one in the
present folder. A variable of the environment counts over the file: the setting `listen.port` is
`APPROVALS_HUB__LISTEN__PORT`; lists are separated by commas. An option of the command line counts over both. An unknown
name is an error, as is a value out of range; the message says what would be right.

Written from `approvals_hub/config.py` by `make docs`; do not edit.
"""


RELAY = """# Settings of the push relay

For the publisher of a native app ([how](../howto/native_app_relay.md)). They come from the file that `--config` names,
else from `relay.toml` in the present folder. An unknown name is an error, as is a value out of range. A member of
`[apns]` or `[fcm]` that is called `…_file` is read from that file, which starts where the settings lie.

Written from `approvals_hub/relay/settings.py` by `make docs`; do not edit.
"""

RELAY_IN = ("config.py", "relay/settings.py")
"""Of two tables with one name the later file's counts."""
SETTINGS_IN = ("domain/hub_limits.py", "notifications/allowed.py", "config.py")
"""Files below `approvals_hub` with tables of the settings."""


def settings_page(intro: str = SETTINGS, places: tuple[str, ...] = SETTINGS_IN) -> str:
    """Every setting with its default and what the text beside it says, table by table."""
    bodies = [ast.parse((ROOT / "approvals_hub" / place).read_text()).body for place in places]
    tables = {node.name: node for body in bodies for node in body if isinstance(node, ast.ClassDef) and is_struct(node)}
    nested = {kind: name for _, name, kind, _, _ in fields(tables["Settings"]) if kind in tables}
    parts = [intro, "\n## At the top\n", *rows(tables["Settings"], "", skip=set(tables))]
    for kind, name in nested.items():
        parts += [
            f"\n## `[{name}]`\n",
            f"\n{ast.get_docstring(tables[kind])}\n",
            *rows(tables[kind], f"{name}.", skip=set()),
        ]
    return "".join(parts)


def is_struct(node: ast.ClassDef) -> bool:
    """Whether a class is a table of settings."""
    return any(ast.unparse(base) == "msgspec.Struct" for base in node.bases)


def fields(table: ast.ClassDef) -> Iterator[tuple[int, str, str, str, str]]:
    """(line, name, type, default, text) of each field, in order."""
    for node, after in zip(table.body, [*table.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            text = " ".join(str(after.value.value).split()) if said else ""
            default = shown(ast.unparse(node.value)) if node.value else ""
            yield node.lineno, node.target.id, ast.unparse(node.annotation), default, text


def rows(table: ast.ClassDef, before: str, *, skip: set[str]) -> Iterator[str]:
    """One line of the page per setting."""
    yield "\n| setting | default | what it does |\n|---|---|---|\n"
    for _, name, kind, default, text in fields(table):
        if kind not in skip:
            yield f"| `{before}{name}` | {default} | {text.replace('|', '&#124;')} |\n"


def shown(default: str) -> str:
    """A default as it would stand in the file."""
    plain = default.removeprefix("Path(").removesuffix(")") if default.startswith("Path(") else default
    plain = {"None": "none", "''": "", "False": "false", "True": "true"}.get(plain, plain.replace("'", '"'))
    if plain.startswith("("):
        plain = f"[{plain.removeprefix('(').removesuffix(')').removesuffix(',')}]"
    return f"`{plain}`" if plain not in ("none", "") else plain


def policy_schema() -> str:
    """The JSON Schema of policies, for editors."""
    return json.dumps(schema(), indent=2) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "openapi.json": openapi_document,
    "reference/cli.md": commands_page,
    "reference/exit_codes.md": exits_page,
    "reference/http.md": operations_page,
    "reference/limits.md": limits_page,
    "reference/policy.schema.json": policy_schema,
    "reference/relay_settings.md": lambda: settings_page(RELAY, RELAY_IN),
    "reference/settings.md": settings_page,
}
"""Below docs/."""


def write() -> None:
    """Write every page anew."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
