"""What a row of the route table is asked by: a path and a body about something that is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.contracts.scene import Scene

Asked = tuple[str, Any]
"""The path, and the body."""
Row = Callable[[Scene], Awaitable[Asked]]


def plain(path: str, body: Any = None) -> Row:
    """A path that names nothing, or the organisation alone."""

    async def row(scene: Scene) -> Asked:
        return path.replace("{org}", scene.world.org_id), body

    return row


def about_a_question(ending: str, body: Any = None) -> Row:
    """Something to do with an open question."""

    async def row(scene: Scene) -> Asked:
        return f"/v1/escalations/{(await scene.question()).escalation_id}{ending}", body

    return row


def of_a_question(path: str) -> Row:
    """A path of the organisation about an open question."""

    async def row(scene: Scene) -> Asked:
        escalation_id = (await scene.question()).escalation_id
        return path.replace("{org}", scene.world.org_id).replace("{id}", escalation_id), None

    return row
