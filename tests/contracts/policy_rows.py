"""One well-formed request for every row about policies."""

from __future__ import annotations

import os
from typing import Any

from approvals_hub_client.question import new_action
from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene
from tests.flows.signed import proven

ORG = "/v1/orgs/{org}"
TEXT = "version: 1\ndefault: allow\nrules: []\n"


async def made(scene: Scene) -> str:
    """The path of a new policy, which lets other rows do what they did."""
    name = f"n{os.urandom(6).hex()}"
    await scene.world.hub.policies.keep.publish(scene.world.operator, name, TEXT)
    return f"/v1/orgs/{scene.world.org_id}/policies/{name}"


async def authorize(scene: Scene) -> Asked:
    action = scene.action()
    return "/v1/authorize", action if scene.leashed is not None else {"action": action}


async def one(scene: Scene) -> Asked:
    return await made(scene), None


async def versions(scene: Scene) -> Asked:
    return f"{await made(scene)}/versions", None


async def publish(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/policies/n{os.urandom(6).hex()}"
    return path, {"yaml": TEXT, "fresh": await scene.fresh()}


async def remove(scene: Scene) -> Asked:
    return await made(scene), {"version": 1, "fresh": await scene.fresh()}


async def explain(scene: Scene) -> Asked:
    bot = scene.bot.credential
    body = {
        "agent_id": bot.agent_id,
        "action": new_action("db.drop", {}, credential=bot, now=scene.world.hub.clock.now()),
    }
    return f"/v1/orgs/{scene.world.org_id}/policies/explain", body


async def lint(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/policies/main/lint", {"yaml": TEXT}


async def dry_run(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/policies/main/dry-run", {"yaml": TEXT}


async def labels(scene: Scene) -> Asked:
    return _labels(scene), None


async def label(scene: Scene) -> Asked:
    body = {"teams": ["web"], "project": f"p{os.urandom(4).hex()}", "fresh": await scene.fresh()}
    return _labels(scene), body


async def put_party(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/relying-parties/{os.urandom(6).hex()}.example"
    return path, {"trust_profile": "HIGH", "fresh": await scene.fresh()}


async def remove_party(scene: Scene) -> Asked:
    domain = f"{os.urandom(6).hex()}.example"
    await scene.world.hub.policies.relying_parties.put(scene.world.operator, domain, "HIGH")
    return f"/v1/orgs/{scene.world.org_id}/relying-parties/{domain}", {"fresh": await scene.fresh()}


async def propose(scene: Scene) -> Asked:
    name = f"n{os.urandom(6).hex()}"
    if scene.leashed is not None:
        return "/v1/agent/policy-drafts", {"policy_yaml": f"{TEXT}# {name}\n"}
    return "/v1/agent/policy-drafts", {"yaml": TEXT, "name": name}


async def my_draft(scene: Scene) -> Asked:
    return f"/v1/agent/policy-drafts/{await drafted(scene)}", None


async def draft(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/policy-drafts/{await drafted(scene)}", None


async def publishing(scene: Scene) -> Asked:
    # Wanted, and for the next one not wanted any more: each is a change.
    hub, operator = scene.world.hub, scene.world.operator
    wanted = not await hub.policies.keep.takes_second_person(operator)
    return f"/v1/orgs/{scene.world.org_id}/policy-publishing", {"second_person": wanted, "fresh": await scene.fresh()}


async def drafted(scene: Scene) -> str:
    """A new draft of the agent that everything is about, which people are asked about."""
    name = f"n{os.urandom(6).hex()}"
    path = "/v1/agent/policy-drafts"
    headers, raw = proven(scene.bot.credential, "POST", path, {"yaml": TEXT, "name": name})
    given = await scene.world.send("POST", path, raw=raw, headers=headers)
    return str(given.json()["draft_id"])


def signals(ending: str, body: dict[str, Any]) -> Row:
    """Something about a new signal."""

    async def row(scene: Scene) -> Asked:
        name, keep = f"s{os.urandom(6).hex()}", scene.world.hub.policies.signals
        await keep.declare(scene.world.operator, name, "Something burns")
        await keep.set(scene.world.operator, name, "x", stays=True)
        path = f"/v1/orgs/{scene.world.org_id}/signals/{name}{ending}"
        return path, {**body, "fresh": await scene.fresh()}

    return row


async def modes(scene: Scene) -> Asked:
    words = ["normal", f"m{os.urandom(6).hex()}"]
    return f"/v1/orgs/{scene.world.org_id}/modes", {"modes": words, "usual": "normal", "fresh": await scene.fresh()}


async def mode(scene: Scene) -> Asked:
    hub, operator = scene.world.hub, scene.world.operator
    await hub.policies.mode.define(operator, ["normal", "lockdown"], "normal")
    body = {"mode": "normal", "reason": "x", "stays": True, "fresh": await scene.fresh()}
    return f"/v1/orgs/{scene.world.org_id}/mode", body


def _labels(scene: Scene) -> str:
    return f"/v1/orgs/{scene.world.org_id}/agents/{scene.bot.credential.agent_id}/labels"


POLICIES: dict[str, Row] = {
    "POST /v1/authorize": authorize,
    f"GET {ORG}/policies": plain(f"{ORG}/policies"),
    f"POST {ORG}/policies/explain": explain,
    f"POST {ORG}/policies/{{name}}/lint": lint,
    f"GET {ORG}/policies/{{name}}": one,
    f"PUT {ORG}/policies/{{name}}": publish,
    f"DELETE {ORG}/policies/{{name}}": remove,
    f"GET {ORG}/policies/{{name}}/versions": versions,
    f"POST {ORG}/policies/{{name}}/dry-run": dry_run,
    f"GET {ORG}/agents/{{agent}}/labels": labels,
    f"PUT {ORG}/agents/{{agent}}/labels": label,
    f"GET {ORG}/relying-parties": plain(f"{ORG}/relying-parties"),
    f"PUT {ORG}/relying-parties/{{domain}}": put_party,
    f"DELETE {ORG}/relying-parties/{{domain}}": remove_party,
    f"GET {ORG}/signals": plain(f"{ORG}/signals"),
    f"PUT {ORG}/signals/{{name}}": signals("", {"about": "Something else"}),
    f"DELETE {ORG}/signals/{{name}}": signals("", {}),
    f"PUT {ORG}/signals/{{name}}/setting": signals("/setting", {"reason": "5xx", "lasts": 600}),
    f"DELETE {ORG}/signals/{{name}}/setting": signals("/setting", {}),
    f"GET {ORG}/mode": plain(f"{ORG}/mode"),
    f"PUT {ORG}/mode": mode,
    f"PUT {ORG}/modes": modes,
    "GET /v1/agent/signals": plain("/v1/agent/signals"),
    "PUT /v1/agent/signals/{name}": plain("/v1/agent/signals/incident", {"reason": "5xx", "lasts": 600}),
    "DELETE /v1/agent/signals/{name}": plain("/v1/agent/signals/incident"),
    "POST /v1/agent/policy-drafts": propose,
    "GET /v1/agent/policy-drafts": plain("/v1/agent/policy-drafts"),
    "GET /v1/agent/policy-drafts/{id}": my_draft,
    "DELETE /v1/agent/policy-drafts/{id}": my_draft,
    f"GET {ORG}/policy-drafts": plain(f"{ORG}/policy-drafts"),
    f"GET {ORG}/policy-drafts/{{id}}": draft,
    f"DELETE {ORG}/policy-drafts/{{id}}": draft,
    f"GET {ORG}/policy-publishing": plain(f"{ORG}/policy-publishing"),
    f"PUT {ORG}/policy-publishing": publishing,
}
