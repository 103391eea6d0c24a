"""Names by which a policy selects and that no agent carries."""

from __future__ import annotations

from approvals_hub.policies.carried import Carried, carried_by, uncarried
from approvals_hub.policies.kept import Binding
from approvals_hub.policies.label_agents import Labels
from approvals_hub.policies.load import load
from tests.unit.policies.kept_policies import rules

CARRIED = Carried(("data", "payments"), ("shop",), ("prod",))


def found(*lines: str, binding: Binding | None = None, carried: Carried = CARRIED) -> list[tuple[str, str, int]]:
    warned = uncarried(load(rules(*lines)), binding or Binding(), carried)
    return [(each.code, each.detail, each.line) for each in warned]


def test_what_agents_carry_is_the_list_of_teams_projects_and_environments() -> None:
    labels = [Labels(("payments",), "shop", None), Labels(), Labels(("payments", "data"), None, "prod")]
    assert carried_by(labels) == CARRIED


def test_a_name_that_an_agent_carries_is_no_slip() -> None:
    where = "where: {team: [data, payments], project: shop, environment: prod}"
    assert found(f"id: a, effect: deny, action: pay, {where}", binding=Binding("group", "data")) == []


def test_a_slip_of_the_pen_is_named_by_its_line_with_the_nearest_name() -> None:
    wrong = "id: a, effect: deny, action: pay, where: {team: [data, paymnets], project: shopp, environment: staging}"
    assert found("id: b, effect: allow, action: read", wrong) == [
        ("team_unknown", "no agent is in the team 'paymnets'; did you mean 'payments'?", 5),
        ("project_unknown", "no agent works in the project 'shopp'; did you mean 'shop'?", 5),
        ("environment_unknown", "no agent works in the environment 'staging'; known are prod", 5),
    ]


def test_a_policy_that_is_bound_to_a_team_of_nobody_holds_for_nobody() -> None:
    bound = found("id: a, effect: deny, action: pay", binding=Binding("group", "web"), carried=Carried())
    assert bound == [("team_unknown", "no agent is in the team 'web'; nothing is known here yet", 1)]
    assert found("id: a, effect: deny, action: pay", binding=Binding("agent", "agt_1"), carried=Carried()) == []
