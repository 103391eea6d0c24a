"""Dry runs over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web
from tests.unit.policies.kept_policies import ALLOW, DENY


async def test_a_dry_run_says_what_would_change_by_page_and_puts_nothing_in_force(api: Web) -> None:
    house = api.house
    await house.hub.policies.keep.publish(house.operator, "main", ALLOW)
    for number in range(2):
        action = house.bot.action(payload={"n": number})
        await house.hub.authorize(house.bot.credential(), action)
        house.time.now += 1000
    path = f"/v1/orgs/{house.org_id}/policies/main/dry-run"
    first = await api.call("POST", path, {"yaml": DENY, "limit": 1}, house.owner)
    assert (first.status, first.json["changes"], first.json["replayed"]) == (200, {"ALLOW to DENY": 2}, 2)
    [item] = first.json["items"]
    assert (item["was"], item["now"], item["would_be"], item["action_type"]) == (
        "ALLOW",
        "ALLOW",
        "DENY",
        "db.drop_table",
    )
    second = await api.call("POST", path, {"yaml": DENY, "limit": 1, "cursor": first.json["next"]}, house.owner)
    assert (len(second.json["items"]), second.json["next"]) == (1, None)
    wrong = await api.call("POST", path, {"yaml": "version: 1\ndefault: denny\nrules: []\n"}, house.owner)
    assert (wrong.status, wrong.json["line"]) == (422, 2)
    assert (await api.call("POST", path, {"yaml": DENY, "days": 31}, house.owner)).status == 422
