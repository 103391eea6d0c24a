"""Break-glass over HTTP."""

from __future__ import annotations

from approvals_hub.core.clock import DAY
from tests.unit.api.web_client import Web
from tests.unit.hub_actors import Person


async def waiting(api: Web) -> tuple[str, Person]:
    """A recovery that colleagues decide about, and an admin beside the owner."""
    ada, admin = await api.house.person(), await api.house.person("Dee", "admin")
    await api.house.person("Bo")
    api.house.time.now += 2 * DAY
    made = await api.house.hub.recover_by_link(api.house.operator, ada.person_id)
    return made.recovery.id, admin


async def test_one_asks_and_another_one_agrees(api: Web) -> None:
    recovery_id, admin = await waiting(api)
    path = f"/v1/orgs/{api.house.org_id}/break-glass"
    owner = api.house.owner
    body = {"recovery_id": recovery_id, "reason": "payroll", "expires_in": 600, "fresh": await api.fresh(owner)}
    asked = await api.call("POST", path, body, owner)
    assert (asked.status, asked.json["state"]) == (201, "asked")
    agreement = f"{path}/{asked.json['break_glass_id']}/agreement"
    alone = await api.call("POST", agreement, {"fresh": await api.fresh(owner)}, owner)
    assert (alone.status, alone.code) == (403, "same_person")
    agreed = await api.call("POST", agreement, {"fresh": await api.fresh(admin)}, admin)
    assert (agreed.json["state"], agreed.json["joined_by"]) == ("open", admin.person_id)
    [listed] = (await api.call("GET", path, who=admin)).json["items"]
    assert (listed["reason"], listed["state"]) == ("payroll", "open")
    ended = await api.call("DELETE", f"{path}/{listed['break_glass_id']}", who=owner)
    assert ended.json["state"] == "ended"


async def test_more_than_an_hour_is_refused_with_the_range(api: Web) -> None:
    recovery_id, _ = await waiting(api)
    body = {"recovery_id": recovery_id, "reason": "payroll", "expires_in": 3601}
    reply = await api.call("POST", f"/v1/orgs/{api.house.org_id}/break-glass", body, api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (422, "expires_in_out_of_range", "$.expires_in")
