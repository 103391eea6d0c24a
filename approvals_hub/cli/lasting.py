"""What is set for a while: the options of the commands that set it, and how its end is told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from approvals_hub.cli.options import ORG, placed, speaks

F = TypeVar("F", bound=Callable[..., Any])


def lasting(command: F) -> F:
    """Give a command `--reason`, `--for` and `--stays` as one argument `wanted`, beside `org`, `settings` and
    `output`."""

    @click.option("--reason", required=True, help="Why; owners and admins read it.")
    @click.option("--for", "lasts", metavar="TIME", help="How long, like 30m, 4h or 7d; 30 days at most.")
    @click.option("--stays", is_flag=True, help="Until somebody ends it.")
    @ORG
    @placed
    @speaks
    @functools.wraps(command)
    def call(*args: Any, reason: str, lasts: str | None, stays: bool, **options: Any) -> Any:
        return command(*args, wanted={"reason": reason, "lasts": seconds_of(lasts), "stays": stays}, **options)

    return call  # type: ignore[return-value]  # the options are added, the rest of the signature stays


def seconds_of(text: str | None) -> int | None:
    """How long, from a word like `4h`. Raises click.UsageError."""
    if text is None:
        return None
    from approvals_hub.core.yaml_fields import seconds_of as written

    found = written(text)
    if found is None:
        raise click.UsageError(f"{text!r} is no time like 30m, 4h or 7d")
    return found


def told_until(until: str | None) -> str:
    """The end of a sentence."""
    return "until somebody ends it" if until is None else f"until {until}"
