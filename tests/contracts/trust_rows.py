"""One well-formed request for every row about the log, receipt bundles and trusted hubs."""

from __future__ import annotations

import os
from typing import Any

from approvals_hub.hub import OfferedKey, TrustedHub
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene

HUBS = "/v1/orgs/{org}/trusted-hubs"


def key() -> dict[str, Any]:
    return {"paserk": paserk(Ed25519SigningKey().public)}


async def trusted(scene: Scene) -> TrustedHub:
    """A hub that is trusted, of its own issuer."""
    issuer, keep = f"https://{os.urandom(6).hex()}.example", scene.world.hub.keep_trusted_hubs
    return await keep.add(
        scene.world.operator, scene.world.org_id, name="Other", issuer=issuer, keys=[OfferedKey(**key())]
    )


async def bundle(scene: Scene) -> Asked:
    question = await scene.question()
    if scene.asked is None:
        await scene.ada.answer(question.escalation_id, "approve")
    return f"/v1/escalations/{question.escalation_id}/bundle", None


async def add(scene: Scene) -> Asked:
    issuer = f"https://{os.urandom(6).hex()}.example"
    body = {"name": "Other", "issuer": issuer, "audiences": ["us.example"], "keys": [key()]}
    return f"/v1/orgs/{scene.world.org_id}/trusted-hubs", {**body, "fresh": await scene.fresh()}


async def remove(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/trusted-hubs/{(await trusted(scene)).hub_id}", None


async def add_keys(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/trusted-hubs/{(await trusted(scene)).hub_id}/keys"
    return path, {"keys": [key()], "fresh": await scene.fresh()}


async def revoke_key(scene: Scene) -> Asked:
    hub = await trusted(scene)
    return f"/v1/orgs/{scene.world.org_id}/trusted-hubs/{hub.hub_id}/keys/{hub.keys[0].kid}", None


TRUST: dict[str, Row] = {
    "GET /v1/escalations/{id}/bundle": bundle,
    f"GET {HUBS}": plain(HUBS),
    f"POST {HUBS}": add,
    f"DELETE {HUBS}/{{id}}": remove,
    f"POST {HUBS}/{{id}}/keys": add_keys,
    f"DELETE {HUBS}/{{id}}/keys/{{kid}}": revoke_key,
    "GET /v1/orgs/{org}/audit/events": plain("/v1/orgs/{org}/audit/events"),
    "GET /v1/orgs/{org}/audit/export": plain("/v1/orgs/{org}/audit/export"),
    "GET /v1/orgs/{org}/audit/sign-ins": plain("/v1/orgs/{org}/audit/sign-ins"),
    "GET /v1/orgs/{org}/audit/checkpoint": plain("/v1/orgs/{org}/audit/checkpoint"),
    "GET /v1/orgs/{org}/audit/tile/{level}/{index}": plain("/v1/orgs/{org}/audit/tile/0/0"),
    "GET /v1/orgs/{org}/audit/tile/{level}/{index}/{width}": plain("/v1/orgs/{org}/audit/tile/0/0.p/1"),
}
