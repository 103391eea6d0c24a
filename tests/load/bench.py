"""`make bench`: what the hub exists for, in figures beside their bare limits.

`--json` prints only JSON, `--only NAME` one group or one figure by its own name, `--quick` all of them smaller.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from contextlib import redirect_stdout
from time import monotonic

from tests.load.figures import FIGURES, Figure, as_json
from tests.load.named import GROUP_OF, NAMES


def table(figures: list[Figure]) -> str:
    """The table for people."""
    lines = [f"{'figure':34} {'value':>12} {'limit':>12} {'ratio':>7} {'target':>8}  met"]
    for figure in figures:
        limit = "" if figure.limit is None else f"{figure.limit:,.2f}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        met = "" if figure.met is None else ("yes" if figure.met else "NO")
        lines.append(
            f"{figure.name:34} {figure.value:12,.2f} {limit:>12} {ratio:>7} {figure.target or '':>8}  {met:3}"
            f" {figure.unit}"
        )
    return "\n".join(lines)


def measured(group: str, only: str | None, quick: bool) -> list[Figure]:
    """What a group measures, or the one figure of it that was asked for by its own name."""
    figures = list(FIGURES[group](quick))
    if strange := {figure.name for figure in figures} - set(NAMES[group]):
        raise RuntimeError(f"not in tests/load/named.py: {', '.join(sorted(strange))}")
    return [figure for figure in figures if only in (None, group, figure.name)]


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--quick", action="store_true", help="smaller: rough figures in under five minutes")
    parser.add_argument("--only", metavar="NAME", help="one group or figure: " + ", ".join([*FIGURES, *GROUP_OF]))
    given = parser.parse_args(words)
    if given.only is not None and given.only not in FIGURES and given.only not in GROUP_OF:
        near = difflib.get_close_matches(given.only, [*FIGURES, *GROUP_OF], 1)
        parser.error(
            f"there is no group or figure {given.only!r}" + "".join(f"; did you mean {name}?" for name in near)
        )
    if given.quick:
        print("quick: smaller loads and fewer rounds than the real bench; rough figures", file=sys.stderr)
    figures: list[Figure] = []
    began = monotonic()
    for group in FIGURES:
        if given.only is None or group == GROUP_OF.get(given.only, given.only):
            print(f"measuring {group} …", file=sys.stderr)
            # Hubs that are measured in this process write lines of their log.
            with redirect_stdout(sys.stderr):
                figures += measured(group, given.only, given.quick)
    print(f"measured in {monotonic() - began:.0f} s", file=sys.stderr)
    print(as_json(figures) if given.json else table(figures))


if __name__ == "__main__":
    main()
