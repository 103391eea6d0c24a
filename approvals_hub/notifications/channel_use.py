"""What uses a channel: the organisation's routes that name it, and its default route."""

from __future__ import annotations

from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.routing import store as plans
from approvals_hub.routing.load import load_route
from approvals_hub.routing.plan import ROUTE
from approvals_hub.routing.route import names


async def used_by_in(tx: Tx, org_id: str) -> dict[str, list[str]]:
    """Name of a channel → `route:NAME` for each route that names it, and `default_route` where that one does."""
    default = await orgs.default_route(tx, org_id)
    found: dict[str, list[str]] = {}
    for row in await plans.plans(tx, org_id, ROUTE):
        try:
            named = names(load_route(row["body"])).channels
        except Invalid:  # written by a version of the hub that read more than this one
            continue
        for channel in named:
            found.setdefault(channel, []).append(f"route:{row['name']}")
            if row["name"] == default:
                found[channel].append("default_route")
    return found
