"""Which organisation a command is about: the only one, unless it names one."""

from __future__ import annotations

from approvals_hub.core.errors import NotFound
from approvals_hub.db.database import Row, Tx
from approvals_hub.hub import Hub
from approvals_hub.keys.rotate import HUB_LOG
from approvals_hub.orgs import store as orgs


async def every_org(hub: Hub) -> list[str]:
    """The ids of all organisations, oldest first."""

    async def work(tx: Tx) -> list[Row]:
        return await orgs.every(tx)

    return [str(row["id"]) for row in await hub.db.read(work)]


async def the_org(hub: Hub, org_id: str | None) -> str:
    """The id of the organisation. Raises NotFound for an unknown one, and where there are several and none is named.

    `org_hub`, the hub's own log, can be read like an organisation's.
    """

    async def work(tx: Tx) -> list[Row]:
        return await orgs.every(tx)

    rows = await hub.db.read(work)
    if org_id is None and len(rows) == 1:
        return str(rows[0]["id"])
    if org_id in {HUB_LOG, *(row["id"] for row in rows)}:
        return str(org_id)
    if not rows:
        raise NotFound("no_org", "this hub has no organisation yet", next_step="Run: approvals-hub init")
    known = ", ".join(f"{row['id']} ({row['name']})" for row in rows[:20])
    raise NotFound("org_unknown", f"which organisation? There is {known}", next_step="Name one with --org.")
