"""One well-formed request for every row about policies."""

from __future__ import annotations

import os

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


async def dry_run(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/policies/main/dry-run", {"yaml": TEXT}


async def labels(scene: Scene) -> Asked:
    return _labels(scene), None


async def label(scene: Scene) -> Asked:
    body = {"teams": ["web"], "project": f"p{os.urandom(4).hex()}", "fresh": await scene.fresh()}
    return _labels(scene), body


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


def _labels(scene: Scene) -> str:
    return f"/v1/orgs/{scene.world.org_id}/agents/{scene.bot.credential.agent_id}/labels"


POLICIES: dict[str, Row] = {
    "POST /v1/authorize": authorize,
    f"GET {ORG}/policies": plain(f"{ORG}/policies"),
    f"POST {ORG}/policies/explain": explain,
    f"GET {ORG}/policies/{{name}}": one,
    f"PUT {ORG}/policies/{{name}}": publish,
    f"DELETE {ORG}/policies/{{name}}": remove,
    f"GET {ORG}/policies/{{name}}/versions": versions,
    f"POST {ORG}/policies/{{name}}/dry-run": dry_run,
    f"GET {ORG}/agents/{{agent}}/labels": labels,
    f"PUT {ORG}/agents/{{agent}}/labels": label,
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
