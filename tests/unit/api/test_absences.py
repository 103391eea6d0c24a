"""Who is away, over HTTP."""

from __future__ import annotations

from approvals_hub.core.clock import DAY, to_text
from tests.unit.api.web_client import Web


async def test_an_absence_is_written_listed_and_ended(api: Web) -> None:
    house = api.house
    ada = await house.person("Ada")
    body = {
        "from": to_text(house.time.now),
        "until": to_text(house.time.now + DAY),
        "delegate": house.owner.person_id,
        "fresh": await api.fresh(ada),
    }
    made = await api.call("POST", "/v1/absences", body, ada)
    assert (made.status, made.json["delegate"], made.json["from"]) == (201, house.owner.person_id, body["from"])
    assert (await api.call("GET", "/v1/absences", who=ada)).json["items"] == [made.json]
    everybody = await api.call("GET", f"/v1/orgs/{house.org_id}/absences", who=house.owner)
    assert everybody.json["items"] == [made.json]
    assert (await api.call("DELETE", f"/v1/absences/{made.json['absence_id']}", who=ada)).status == 200
    assert (await api.call("GET", "/v1/absences", who=ada)).json["items"] == []
