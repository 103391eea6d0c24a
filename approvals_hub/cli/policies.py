"""`approvals-hub policies`: check, explain and test policies from their files, without a hub; and what is in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import speaks
from approvals_hub.cli.output import Output
from approvals_hub.cli.policies_in_force import add_to
from approvals_hub.cli.policy_drafts import add_to as add_drafts_to

if TYPE_CHECKING:
    from approvals_hub.policies.document import Policy
    from approvals_hub.policies.stack import Stack

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
FOUND = {"file": "File", "line": "Line", "column": "Column", "severity": "", "detail": "What"}
RAN = {"file": "File", "line": "Line", "name": "Scenario", "passed": "Passed", "differs": "What differs"}


@click.group()
def policies() -> None:
    """Check, explain, test and publish policies: from their files, without a hub; and what is in force in one."""


@policies.command("lint")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE…")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@speaks
def lint(output: Output, files: tuple[Path, ...], strict: bool) -> int:
    """Say everything that is wrong in policies, with its line and column, and what is worth a second look.

    Fails where something is wrong; with --strict also where something is only worth a look.
    """
    items = [found for file in files for found in _checked(file)]
    errors = sum(item["severity"] == "error" for item in items)
    output.table(items, FOUND, f"{len(files)} policies are in order." if len(files) > 1 else "The policy is in order.")
    return Exit.ERROR if errors or (strict and items) else Exit.OK


@policies.command("explain")
@click.option("--policy", "owner", multiple=True, type=FILE, help="A policy of the owner; more in their order.")
@click.option("--group-policy", "group", multiple=True, type=FILE, help="One of the agent's group, which comes before.")
@click.option("--agent-policy", "agent", multiple=True, type=FILE, help="One of the agent, which comes first.")
@click.option("--action", required=True, type=FILE, help="The action, as JSON.")
@click.option("--facts", type=FILE, help="What the hub knows beside it: teams, registry, spent and others, as YAML.")
@click.option("--at", metavar="TIME", help="When, like 2026-12-24T08:00:00Z (default: now).")
@click.option("--all", "everything", is_flag=True, help="Show rules about other kinds of action too.")
@speaks
def explain(output: Output, action: Path, facts: Path | None, at: str | None, everything: bool, **layers: Any) -> int:
    """Say what policies decide about an action, and why: each rule, each condition, its value.

    It runs the engine that decides in a hub. Nothing is asked of anybody and nothing is counted.
    """
    from approvals_hub.cli.policy_words import lines_of
    from approvals_hub.policies.scenario import spent
    from approvals_hub.policies.trace import explain as explained

    if not any(layers.values()):
        raise click.UsageError("name at least one --policy")
    stack = _stack([(tier, file) for tier in ("agent", "group", "owner") for file in layers[tier]])
    members = _action(action)
    known, total = _facts(facts, at)
    decision, trace = explained(stack, members, spent(stack, members, known, total))
    shown = trace if everything else [entry for entry in trace if entry["pattern_match"]]
    result = {"decision": decision.members(), "trace": shown}
    if output.rich:
        from rich.console import Console
        from rich.text import Text

        for style, line in lines_of(result):
            Console(soft_wrap=True).print(Text(line, style=style))
    else:
        output.result(result, lambda: "\n".join(line for _, line in lines_of(result)))
    return Exit.OK


@policies.command("test")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE…")
@speaks
def test(output: Output, files: tuple[Path, ...]) -> int:
    """Run files of scenarios: actions, facts, and what should be decided about them."""
    from approvals_hub.policies.scenario import load_scenarios, run

    items: list[dict[str, Any]] = []
    for file in files:
        found = _read(file, load_scenarios)
        stack = _stack([(tier, file.parent / name) for name, tier in found.policies])
        for scenario in found.scenarios:
            outcome = run(scenario, stack)
            where = {"file": str(file), "line": outcome.line, "name": outcome.name}
            items.append({**where, "passed": "no" if outcome.differs else "yes", "differs": list(outcome.differs)})
    failed = [item for item in items if item["passed"] == "no"]
    output.table(items if output.as_json else failed, RAN, f"All {len(items)} scenarios came out as expected.")
    return Exit.ERROR if failed or not items else Exit.OK


@policies.command("schema")
@speaks
def schema(output: Output) -> int:
    """Print the JSON Schema of policies, for editors."""
    import json

    from approvals_hub.policies.schema import schema as whole

    found = whole()
    output.result(found, lambda: json.dumps(found, indent=2))
    return Exit.OK


add_to(policies)
add_drafts_to(policies)


def _checked(file: Path) -> list[dict[str, Any]]:
    """Errors and warnings of one file."""
    from approvals_hub.core.errors import Invalid
    from approvals_hub.policies.advise import warnings
    from approvals_hub.policies.load import load

    try:
        found = warnings(load(file.read_bytes()))
    except Invalid as fault:
        return [{"file": str(file), "severity": "error", "code": fault.code, **each} for each in fault.extra["errors"]]
    return [
        {
            "file": str(file),
            "severity": "warning",
            "code": each.code,
            "line": each.line,
            "column": 1,
            "field": None,
            "detail": each.detail if each.rule_id is None else f"{each.rule_id}: {each.detail}",
        }
        for each in found
    ]


def _stack(files: list[tuple[str, Path]]) -> Stack:
    from approvals_hub.policies.document import Layer
    from approvals_hub.policies.stack import Stack

    return Stack([Layer(_policy(file), tier) for tier, file in files])


def _policy(file: Path) -> Policy:
    from approvals_hub.policies.load import load

    policy: Policy = _read(file, load)
    return policy


def _read(file: Path, reader: Any) -> Any:
    """Raises Invalid that names the file."""
    from approvals_hub.core.errors import Invalid

    try:
        return reader(file.read_bytes())
    except Invalid as fault:
        detail = f"{file}: {fault.detail}"
        raise Invalid(
            fault.code, detail, next_step=f"approvals-hub policies lint {file}", field=fault.field, extra=fault.extra
        ) from None


def _action(file: Path) -> dict[str, Any]:
    from approvals_hub_client.canonical import CanonicalError, loads

    try:
        value = loads(file.read_bytes())
    except CanonicalError as error:
        raise click.UsageError(f"--action: {file} is not strict JSON: {error}") from None
    if not isinstance(value, dict) or not isinstance(value.get("action_type"), str):
        raise click.UsageError(f"--action: {file} holds no JSON object with an action_type")
    return value


def _facts(file: Path | None, at: str | None) -> tuple[Any, int]:
    import msgspec

    from approvals_hub.core.clock import system_clock, to_milliseconds
    from approvals_hub.policies.facts import Facts
    from approvals_hub.policies.scenario import load_facts

    now = system_clock().now()
    facts, total = (Facts(now=now), 0) if file is None else _read(file, lambda text: load_facts(text, now))
    if at is None:
        return facts, total
    try:
        return msgspec.structs.replace(facts, now=to_milliseconds(at)), total
    except ValueError:
        raise click.UsageError("--at is a time like 2026-12-24T08:00:00Z") from None
