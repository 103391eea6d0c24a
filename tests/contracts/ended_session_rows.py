"""One well-formed request for every row that ends sessions from the list."""

from __future__ import annotations

from typing import Any

from tests.contracts.row import Asked, Row
from tests.contracts.scene import Scene


async def end_session(scene: Scene) -> Asked:
    before = await scene.device.call("GET", "/v1/session")
    if scene.is_member:
        await scene.device.sign_in()
    return f"/v1/sessions/{before['session']['session_id']}", {"fresh": await own_factor(scene)}


async def end_other_sessions(scene: Scene) -> Asked:
    return "/v1/sessions", {"fresh": await own_factor(scene)}


async def own_factor(scene: Scene) -> dict[str, Any]:
    """By the caller's own key, also of somebody who is no member here; a made-up one of whoever has none."""
    stranger = scene.phone if scene.phone is not None and not scene.is_member and scene.phone.device_id else None
    return await scene.fresh() if stranger is None else await stranger.fresh()


ENDED_SESSIONS: dict[str, Row] = {
    "DELETE /v1/sessions": end_other_sessions,
    "DELETE /v1/sessions/{id}": end_session,
}
