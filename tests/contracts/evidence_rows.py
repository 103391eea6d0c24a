"""One well-formed request for every row about what lies sealed beside the log."""

from __future__ import annotations

from tests.contracts.row import Asked, Row, of_a_question
from tests.contracts.scene import Scene


async def export(scene: Scene) -> Asked:
    body = {"fresh": await scene.fresh()} if scene.is_member else {}
    return f"/v1/orgs/{scene.world.org_id}/audit/evidence-exports", body


EVIDENCE: dict[str, Row] = {
    "GET /v1/orgs/{org}/audit/evidence/{id}": of_a_question("/v1/orgs/{org}/audit/evidence/{id}"),
    "POST /v1/orgs/{org}/audit/evidence-exports": export,
}
