"""Which teams, projects and environments the organisation's agents carry, and what a policy selects by that none does.

There is no list of teams to keep: what agents carry is the list. So a name that nobody carries is most likely a slip of
the pen, and its rule never matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from approvals_hub.core.yaml_fields import nearest
from approvals_hub.policies.advise import Warned
from approvals_hub.policies.document import GROUP, Policy, Rule
from approvals_hub.policies.kept import Binding
from approvals_hub.policies.label_agents import Labels


@dataclass(frozen=True, slots=True)
class Carried:
    """Each name once, sorted."""

    teams: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


def carried_by(agents: Iterable[Labels]) -> Carried:
    """What these agents carry together."""
    labels = list(agents)
    return Carried(
        tuple(sorted({team for each in labels for team in each.teams})),
        tuple(sorted({each.project for each in labels if each.project is not None})),
        tuple(sorted({each.environment for each in labels if each.environment is not None})),
    )


def uncarried(policy: Policy, binding: Binding, carried: Carried) -> list[Warned]:
    """A warning for every name by which the policy is bound, or a rule selects, and that no agent carries."""
    return [*_of_binding(binding, carried), *(each for rule in policy.rules for each in _of_rule(rule, carried))]


def _of_binding(binding: Binding, carried: Carried) -> Iterator[Warned]:
    if binding.tier == GROUP and binding.bound_to is not None and binding.bound_to not in carried.teams:
        yield Warned("team_unknown", f"no agent is in the team {_said(binding.bound_to, carried.teams)}", 1)


def _of_rule(rule: Rule, carried: Carried) -> Iterator[Warned]:
    where = rule.where
    if where is None:
        return
    for code, what, wanted, known in (
        ("team_unknown", "is in the team", where.team, carried.teams),
        ("project_unknown", "works in the project", where.project, carried.projects),
        ("environment_unknown", "works in the environment", where.environment, carried.environments),
    ):
        for name in wanted or ():
            if name not in known:
                yield Warned(code, f"no agent {what} {_said(name, known)}", rule.line, rule.id)


def _said(name: str, known: tuple[str, ...]) -> str:
    return f"{name!r}; {nearest(name, known)}"
