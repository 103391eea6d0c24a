"""One well-formed request for every row about hand-overs, groups, routes, schedules, limits, and calls back."""

from __future__ import annotations

import os
from typing import Any

from approvals_hub.core.clock import to_text
from tests.contracts.row import Asked, Row, about_a_question, plain
from tests.contracts.scene import Scene

ORG = "/v1/orgs/{org}"
SCHEDULE = """schedule: NAME
zone: UTC
layers:
  - members: [PERSON]
    start: "2020-01-06"
    at: "00:00"
    every: 1d
"""
ROUTE = "route: NAME\nlevels:\n  - people: [PERSON]\n    channels: [android]\n    next_after: 1m\nthen: deny\n"
TEXTS = {"group": "group: NAME\nmembers: [PERSON]\n", "route": ROUTE, "schedule": SCHEDULE}


def text(kind: str, name: str, scene: Scene) -> str:
    return TEXTS[kind].replace("NAME", name).replace("PERSON", scene.ada.person_id)


async def more_said(scene: Scene) -> Asked:
    """Mail says more than before."""
    await scene.world.hub.set_disclosure(scene.world.operator, {})
    return f"/v1/orgs/{scene.world.org_id}/disclosure", {"mail": "summary", "fresh": await scene.fresh()}


async def made(scene: Scene, kind: str) -> str:
    """The name of a new plan that nothing uses."""
    name = f"n{os.urandom(6).hex()}"
    await scene.world.hub.keep_plans.put(scene.world.operator, kind, name, text(kind, name, scene))
    return name


def one(kind: str, ending: str = "", body: Any = None) -> Row:
    """About a plan that is there."""

    async def row(scene: Scene) -> Asked:
        return f"/v1/orgs/{scene.world.org_id}/{kind}s/{await made(scene, kind)}{ending}", body

    return row


def put(kind: str) -> Row:
    async def row(scene: Scene) -> Asked:
        name = f"n{os.urandom(6).hex()}"
        return f"/v1/orgs/{scene.world.org_id}/{kind}s/{name}", {"yaml": text(kind, name, scene)}

    return row


def delete(kind: str) -> Row:
    async def row(scene: Scene) -> Asked:
        path = f"/v1/orgs/{scene.world.org_id}/{kind}s/{await made(scene, kind)}"
        return path, {"version": 1, "fresh": await scene.fresh()}

    return row


async def set_default(scene: Scene) -> Asked:
    body = {"route": await made(scene, "route"), "fresh": await scene.fresh()}
    return f"/v1/orgs/{scene.world.org_id}/default-route", body


async def stand_in(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/schedules/{await made(scene, 'schedule')}/overrides"
    now = scene.world.hub.clock.now()
    times = {"from": to_text(now), "until": to_text(now + 3_600_000)}
    return path, {"person": scene.ada.person_id, **times, "fresh": await scene.fresh()}


async def end_override(scene: Scene) -> Asked:
    name, now = await made(scene, "schedule"), scene.world.hub.clock.now()
    override = await scene.world.hub.on_call.stand_in(
        scene.world.operator, name, person=scene.ada.person_id, since=now, until=now + 3_600_000
    )
    path = f"/v1/orgs/{scene.world.org_id}/schedules/{name}/overrides/{override.override_id}"
    return path, {"fresh": await scene.fresh()}


async def be_absent(scene: Scene) -> Asked:
    now = scene.world.hub.clock.now()
    return "/v1/absences", {"from": to_text(now), "until": to_text(now + 3_600_000), "fresh": await scene.fresh()}


async def end_absence(scene: Scene) -> Asked:
    """One of Ada's."""
    now = scene.world.hub.clock.now()
    body = {"from": to_text(now), "until": to_text(now + 3_600_000), "fresh": await scene.ada.fresh()}
    return f"/v1/absences/{(await scene.ada.call('POST', '/v1/absences', body))['absence_id']}", None


async def set_callbacks(scene: Scene) -> Asked:
    return callbacks(scene, ""), {"hosts": ["hooks.example"], "fresh": await scene.fresh()}


async def rotate_callbacks(scene: Scene) -> Asked:
    keep, org = scene.world.hub.keep_callbacks, scene.world.org_id
    await keep.set(scene.world.operator, org, scene.bot.credential.agent_id, ["hooks.example"])
    return callbacks(scene, "/secret"), {"fresh": await scene.fresh()}


async def read_callbacks(scene: Scene) -> Asked:
    return callbacks(scene, ""), None


def callbacks(scene: Scene, ending: str) -> str:
    return f"/v1/orgs/{scene.world.org_id}/agents/{scene.bot.credential.agent_id}/callbacks{ending}"


async def hand_over(scene: Scene) -> Asked:
    """To another of those who are asked."""
    to = scene.world.owner if scene.caller == "approver" else scene.ada
    return f"/v1/escalations/{(await scene.question()).escalation_id}/hand-over", {"to": to.person_id}


async def want_least(scene: Scene) -> Asked:
    return "/v1/disclosure", {"least": True}


async def keep_quiet(scene: Scene) -> Asked:
    spans = [{"days": ["monday"], "from": "22:00", "to": "07:00"}]
    return "/v1/quiet-hours", {"zone": "UTC", "spans": spans, "fresh": await scene.fresh()}


ROUTING: dict[str, Row] = {
    f"GET {ORG}/agents/{{agent}}/callbacks": read_callbacks,
    f"PUT {ORG}/agents/{{agent}}/callbacks": set_callbacks,
    f"POST {ORG}/agents/{{agent}}/callbacks/secret": rotate_callbacks,
    "GET /v1/escalations/{id}/hand-over": about_a_question("/hand-over"),
    "POST /v1/escalations/{id}/hand-over": hand_over,
    **{f"GET {ORG}/{kind}s": plain(f"{ORG}/{kind}s") for kind in TEXTS},
    **{f"GET {ORG}/{kind}s/{{name}}": one(kind) for kind in TEXTS},
    **{f"PUT {ORG}/{kind}s/{{name}}": put(kind) for kind in TEXTS},
    **{f"DELETE {ORG}/{kind}s/{{name}}": delete(kind) for kind in TEXTS},
    f"POST {ORG}/routes/{{name}}/preview": one("route", "/preview", {}),
    f"GET {ORG}/default-route": plain(f"{ORG}/default-route"),
    f"PUT {ORG}/default-route": set_default,
    f"GET {ORG}/schedules/{{name}}/on-call": one("schedule", "/on-call"),
    f"GET {ORG}/schedules/{{name}}/overrides": one("schedule", "/overrides"),
    f"POST {ORG}/schedules/{{name}}/overrides": stand_in,
    f"DELETE {ORG}/schedules/{{name}}/overrides/{{id}}": end_override,
    f"GET {ORG}/limits": plain(f"{ORG}/limits"),
    f"GET {ORG}/disclosure": plain(f"{ORG}/disclosure"),
    f"PUT {ORG}/disclosure": more_said,
    f"PUT {ORG}/limits": plain(f"{ORG}/limits", {"pair": {"burst": 59, "hourly": 119}}),
    f"GET {ORG}/approvers": plain(f"{ORG}/approvers"),
    f"GET {ORG}/absences": plain(f"{ORG}/absences"),
    "GET /v1/absences": plain("/v1/absences"),
    "POST /v1/absences": be_absent,
    "DELETE /v1/absences/{id}": end_absence,
    "GET /v1/disclosure": plain("/v1/disclosure"),
    "PUT /v1/disclosure": want_least,
    "GET /v1/quiet-hours": plain("/v1/quiet-hours"),
    "PUT /v1/quiet-hours": keep_quiet,
}
