"""Who is on call, over HTTP."""

from __future__ import annotations

from approvals_hub.core.clock import HOUR, to_text
from tests.unit.api.web_client import Web
from tests.unit.routing.plans import schedule


async def test_somebody_stands_in_until_it_is_ended(api: Web) -> None:
    house, owner = api.house, api.house.owner
    ada = await house.person("Ada")
    await schedule(house, owner.person_id)
    base = f"/v1/orgs/{house.org_id}/schedules/nights"
    body = {
        "person": ada.person_id,
        "from": to_text(house.time.now),
        "until": to_text(house.time.now + HOUR),
        "fresh": await api.fresh(owner),
    }
    made = await api.call("POST", f"{base}/overrides", body, owner)
    assert (made.status, made.json["from"]) == (201, body["from"])
    assert (await api.call("GET", f"{base}/on-call", who=owner)).json["person_id"] == ada.person_id
    later = await api.call("GET", f"{base}/on-call?at={to_text(house.time.now + HOUR)}", who=owner)
    assert later.json["person_id"] == owner.person_id
    assert len((await api.call("GET", f"{base}/overrides", who=owner)).json["items"]) == 1
    ended = await api.call(
        "DELETE", f"{base}/overrides/{made.json['override_id']}", {"fresh": await api.fresh(owner)}, owner
    )
    assert ended.status == 200
    assert (await api.call("GET", f"{base}/on-call", who=owner)).json["person_id"] == owner.person_id
