"""Signals and the mode over HTTP, and a monitor that has only an API key."""

from __future__ import annotations

from tests.unit.api.web_client import Web


async def test_an_owner_declares_sets_clears_and_removes_with_a_fresh_factor_each_time(api: Web) -> None:
    base, owner = f"/v1/orgs/{api.house.org_id}", api.house.owner
    path = f"{base}/signals/incident"

    async def fresh(**body: object) -> dict[str, object]:
        return {**body, "fresh": await api.fresh(owner)}

    assert (await api.call("PUT", path, {"about": "Something burns"}, owner)).status == 403
    made = await api.call("PUT", path, await fresh(about="Something burns"), owner)
    assert (made.status, made.json["stands"], made.json["settings"]) == (200, False, [])
    body = await fresh(reason="5xx everywhere", lasts=3600)
    found = await api.call("PUT", f"{path}/setting", body, owner)
    assert (found.status, found.json["stands"]) == (200, True)
    assert found.json["settings"][0]["reason"] == "5xx everywhere"
    assert (await api.call("GET", f"{base}/signals", who=owner)).json["items"][:-4] == [found.json]
    assert found.json["measured"] is False
    clear = await api.call("DELETE", f"{path}/setting", await fresh(), owner)
    assert (clear.status, clear.json["stands"]) == (200, False)
    assert (await api.call("DELETE", path, await fresh(), owner)).status == 200
    for method, ending in (("PUT", "/setting"), ("DELETE", "/setting"), ("DELETE", "")):
        asked = {"reason": "x", "stays": True} if method == "PUT" else {}
        gone = await api.call(method, f"{path}{ending}", asked, owner)
        assert (gone.status, gone.code) == (404, "signal_unknown")


async def test_what_the_hub_measures_is_listed_with_its_meaning_and_set_by_nobody(api: Web) -> None:
    base, owner = f"/v1/orgs/{api.house.org_id}/signals", api.house.owner
    shown = (await api.call("GET", base, who=owner)).json["items"]
    assert [(each["name"], each["stands"]) for each in shown] == [
        ("hub.approver_haste", False),
        ("hub.approver_flooded", False),
        ("hub.all_approved", False),
        ("hub.agent_refused_often", None),
    ]
    for each in shown:
        assert (each["measured"], bool(each["about"]), each["settings"], each["changed_by"]) == (True, True, [], None)
        for method in ("PUT", "DELETE"):
            body = {"reason": "x", "stays": True, "fresh": await api.fresh(owner)} if method == "PUT" else {}
            refused = await api.call(method, f"{base}/{each['name']}/setting", body, owner)
            assert refused.status == 404


async def test_what_a_signal_or_mode_cannot_be_is_a_problem_with_its_place(api: Web) -> None:
    base, owner = f"/v1/orgs/{api.house.org_id}", api.house.owner
    for path, body, field in (
        ("signals/incident", {"about": ""}, "$.about"),
        ("signals/incident", {"about": "x", "monitors": ["agt_none"]}, "$.monitors[0]"),
        ("signals/Incident", {"about": "x"}, "$.name"),
        ("signals/incident/setting", {"reason": "x"}, "$.lasts"),
        ("signals/incident/setting", {"reason": "x", "lasts": 59}, "$.lasts"),
        ("signals/incident/setting", {"reason": "x", "lasts": 3600, "for": "ever"}, "$.for"),
        ("modes", {"modes": ["normal"], "usual": "norml"}, "$.usual"),
        ("mode", {"mode": "lockdown", "reason": "x", "stays": True}, "$.mode"),
    ):
        given = await api.call("PUT", f"{base}/{path}", body, owner)
        assert (given.status, given.json["field"], bool(given.json["next_step"])) == (422, field, True)


async def test_the_mode_is_defined_set_and_read(api: Web) -> None:
    base, owner = f"/v1/orgs/{api.house.org_id}", api.house.owner
    assert (await api.call("GET", f"{base}/mode", who=owner)).json["mode"] == "normal"
    body = {"modes": ["normal", "lockdown"], "usual": "normal", "fresh": await api.fresh(owner)}
    assert (await api.call("PUT", f"{base}/modes", body, owner)).json["modes"] == ["normal", "lockdown"]
    body = {"mode": "lockdown", "reason": "a hunch", "stays": True, "fresh": await api.fresh(owner)}
    made = await api.call("PUT", f"{base}/mode", body, owner)
    assert (made.status, made.json["mode"], made.json["until"], made.json["reason"]) == (
        200,
        "lockdown",
        None,
        "a hunch",
    )
    assert (await api.call("GET", f"{base}/mode", who=owner)).json == made.json
    text = (
        "version: 1\ndefault: allow\nrules:\n"
        "  - {id: locked, effect: deny, action: '*', where: {mode: lockdown}}\n"
        "  - {id: frozen, effect: deny, action: '*', where: {signal: change_freeze}}\n"
    )
    asked = {"agent_id": api.house.bot.agent_id, "action": api.house.bot.action(), "yaml": text, "name": "main"}
    supposed: list[dict[str, object]] = [{}, {"mode": "normal"}, {"mode": "normal", "signals": ["change_freeze"]}]
    explained = [await api.call("POST", f"{base}/policies/explain", asked | each, owner) for each in supposed]
    assert [each.json["decision"]["rule_id"] for each in explained] == ["locked", None, "frozen"]


async def test_a_monitor_with_an_api_key_sets_its_signal_and_gets_nothing_else(api: Web) -> None:
    hub, operator, org = api.house.hub, api.house.operator, api.house.org_id
    made = await hub.invite_agent.with_api_key(operator, org, name="probe", role="monitor")
    await hub.policies.signals.declare(operator, "incident", "Something burns", [made.agent_id])
    headers = {"Authorization": f"Bearer {made.api_key}", "Content-Type": "application/json"}
    path = "/v1/agent/signals"
    found = await api.send("PUT", f"{path}/incident", b'{"reason":"5xx","lasts":600}', headers)
    assert (found.status, found.json["set"]) == (200, True)
    assert (await api.send("GET", path, b"", headers)).json["items"] == [found.json]
    other = await api.send("PUT", f"{path}/change_freeze", b'{"reason":"x","lasts":600}', headers)
    assert (other.status, other.code) == (403, "signal_not_yours")
    for_ever = await api.send("PUT", f"{path}/incident", b'{"reason":"5xx","stays":true}', headers)
    assert (for_ever.status, for_ever.json["field"]) == (422, "$.stays")
    asks = await api.send("GET", "/v1/escalations", b"", headers)
    assert (asks.status, asks.code) == (403, "monitors_only_set_signals")
    gone = await api.send("DELETE", f"{path}/incident", b"", headers)
    assert (gone.status, gone.json["set"], gone.json["until"]) == (200, False, None)
