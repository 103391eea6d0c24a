"""What commands print: for people on a terminal, plainly into files and pipes, as JSON where a program asks.

Results go to standard output, everything else to standard error. Nothing that a server or an agent wrote reaches the
terminal with its control characters (escape sequences, "Trojan Source").
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TextIO

from approvals_hub.core.visible import visible

_NARROW = 60


@dataclass(frozen=True, slots=True)
class Output:
    """How this run of a command speaks."""

    as_json: bool = False
    plain: bool = False
    no_input: bool = False

    @property
    def rich(self) -> bool:
        """Whether colours, boxes and animations are welcome (https://no-color.org, https://clig.dev)."""
        return (
            not self.as_json
            and not self.plain
            and sys.stdout.isatty()
            and "NO_COLOR" not in os.environ
            and os.environ.get("TERM") != "dumb"
        )

    def result(self, value: Mapping[str, Any], text: Callable[[], str] | None = None) -> None:
        """The command's one result: the object as JSON, or `text` for people."""
        if self.as_json:
            _write(sys.stdout, json.dumps(value, indent=2, ensure_ascii=True))
        elif text is not None:
            _write(sys.stdout, shown(text(), lines=True))

    def table(self, items: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str) -> None:
        """A list; `columns` maps a member to its heading. JSON has every member, in `items`."""
        if self.as_json:
            self.result({"items": list(items)})
            return
        if not items:
            self.note(empty)
            return
        rows = [[cell(item.get(name)) for name in columns] for item in items]
        if self.rich:
            _rich_table(list(columns.values()), rows)
            return
        for row in [list(columns.values()), *rows]:
            _write(sys.stdout, "\t".join(row))

    def note(self, text: str) -> None:
        """A line beside the result, for people."""
        _write(sys.stderr, shown(text, lines=True))

    def warning(self, text: str) -> None:
        """Something to look at."""
        self.note(f"Warning: {text}")

    def error(self, problem: Problem) -> None:
        """What happened, why, and what to do; as JSON on standard output where JSON was asked for."""
        if self.as_json:
            _write(sys.stdout, json.dumps({"error": problem.members()}, indent=2))
        _write(sys.stderr, problem.text())

    def status(self) -> AbstractContextManager[Callable[[str], None]]:
        """One live line on a terminal that calls replace; without a terminal, a new line for each change."""
        if self.as_json or not sys.stderr.isatty():
            return nullcontext(_changes(self))
        return _Live()

    def qr(self, url: str) -> None:
        """The URL as a picture for a phone, where a terminal is wide enough; the caller prints the text too."""
        if not self.rich:
            return
        import segno  # a tenth of a second that no other command needs

        code = segno.make(url, error="l", micro=False)
        if code.symbol_size()[0] > shutil.get_terminal_size((_NARROW, 24)).columns:
            return
        blocks = io.StringIO()
        code.terminal(out=blocks, compact=True)
        # White on black by name: a light theme would draw the blocks inverted, which phones read badly.
        for line in blocks.getvalue().splitlines():
            _write(sys.stdout, f"\x1b[97;40m{line}\x1b[0m")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is told."""

    code: str
    what: str
    fix: str = ""
    field: str | None = None
    request_id: str | None = None

    def text(self) -> str:
        """For people: every line says something they can use."""
        lines = [f"Error: {shown(self.what)}"]
        if self.field and self.field not in self.what:
            lines.append(f"Where: {shown(self.field)}")
        if self.fix:
            lines.append(f"What to do: {shown(self.fix)}")
        if self.request_id:
            lines.append(f"Request: {shown(self.request_id)} (the hub's log tells more)")
        return "\n".join(lines)

    def members(self) -> dict[str, Any]:
        """For programs; the code is stable."""
        return {
            "code": self.code,
            "message": self.what,
            "next_step": self.fix,
            "field": self.field,
            "request_id": self.request_id,
        }


def shown(text: str, *, lines: bool = False) -> str:
    """The text with every hidden character made visible."""
    return visible(text, lines=lines).text


def cell(value: Any) -> str:
    """One value of a table."""
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return shown(", ".join(str(part) for part in value)) or "-"
    return shown(str(value))


def _write(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()


def _rich_table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(value) for value in row))
    Console().print(table)


def _changes(output: Output) -> Callable[[str], None]:
    told: list[str] = []

    def tell(text: str) -> None:
        steady = text.partition(" · ")[0]  # the time left changes every second and is no news
        if told[-1:] != [steady]:
            told.append(steady)
            output.note(steady)

    return tell


class _Live:
    """Rich's status line on standard error."""

    def __enter__(self) -> Callable[[str], None]:
        from rich.console import Console
        from rich.text import Text

        self._status = Console(stderr=True).status(Text(""))
        self._status.start()
        return lambda text: self._status.update(Text(shown(text)))

    def __exit__(self, *error: object) -> None:
        self._status.stop()
