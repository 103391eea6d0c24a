"""One well-formed request for every row about what owners and admins must know."""

from __future__ import annotations

from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene


async def read(scene: Scene) -> Asked:
    """The newest one, as the owner sees it: there is one once an agent was paused."""
    world = scene.world
    agent_id = (await world.agent("paused once")).credential.agent_id
    await world.hub.govern.set_agent_state(world.operator, world.org_id, agent_id, "paused")
    [newest] = await world.hub.list_notices(world.operator, limit=1)
    return f"/v1/orgs/{world.org_id}/notices/read", {"up_to": newest.notice_id}


NOTICES: dict[str, Row] = {
    "GET /v1/orgs/{org}/pending-devices": plain("/v1/orgs/{org}/pending-devices"),
    "GET /v1/orgs/{org}/notices": plain("/v1/orgs/{org}/notices"),
    "PUT /v1/orgs/{org}/notices/read": read,
    "GET /v1/orgs/{org}/expected-factors": plain("/v1/orgs/{org}/expected-factors"),
}
