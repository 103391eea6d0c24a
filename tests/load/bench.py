"""`make bench`: what the hub exists for, in figures beside their bare limits.

`--json` prints only JSON, `--only NAME` runs one group, `--quick` all of them smaller.
"""

from __future__ import annotations

import argparse
import sys

from tests.load.figures import FIGURES, Figure, as_json


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--quick", action="store_true", help="smaller: rough figures in under five minutes")
    parser.add_argument("--only", choices=sorted(FIGURES), help="one group")
    chosen = parser.parse_args()
    if chosen.quick and not chosen.json:
        print("quick: smaller loads and fewer rounds than the real bench")
    figures: list[Figure] = []
    for name, measure in FIGURES.items():
        if chosen.only in (None, name):
            print(f"measuring {name} …", file=sys.stderr)
            figures += list(measure(chosen.quick))
    print(as_json(figures) if chosen.json else table(figures))


if __name__ == "__main__":
    main()
