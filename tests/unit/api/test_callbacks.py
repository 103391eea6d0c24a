"""Where agents are called back, over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web


def path(api: Web) -> str:
    return f"/v1/orgs/{api.house.org_id}/agents/{api.house.bot.agent_id}/callbacks"


async def test_the_secret_is_shown_once_and_changes_take_a_fresh_factor(api: Web) -> None:
    owner = api.house.owner
    nothing = (await api.call("GET", path(api), who=owner)).json
    assert (nothing["hosts"], nothing["has_secret"], "secret" in nothing) == ([], False, False)
    refused = await api.call("PUT", path(api), {"hosts": ["hooks.example"]}, owner)
    assert (refused.status, refused.code) == (403, "fresh_factor_needed")
    body = {"hosts": ["hooks.example"], "fresh": await api.fresh(owner)}
    made = (await api.call("PUT", path(api), body, owner)).json
    assert made["secret"].startswith("whsec_")
    read = (await api.call("GET", path(api), who=owner)).json
    assert (read["hosts"], read["fingerprint"], "secret" in read) == (["hooks.example"], made["fingerprint"], False)
    rotated = await api.call("POST", f"{path(api)}/secret", {"fresh": await api.fresh(owner)}, owner)
    assert rotated.status == 200
    assert rotated.json["secret"] != made["secret"]
    assert rotated.json["previous_until"] > rotated.json["rotated_at"]


async def test_what_became_of_a_call_is_read_with_it(api: Web) -> None:
    owner = api.house.owner
    body = {"hosts": ["hooks.example"], "fresh": await api.fresh(owner)}
    await api.call("PUT", path(api), body, owner)
    asked = (await api.escalate(callback_url="https://hooks.example/done")).json
    await owner.answer(asked["escalation_id"])
    [call] = (await api.call("GET", path(api), who=owner)).json["calls"]
    assert call == {
        "escalation_id": asked["escalation_id"],
        "host": "hooks.example",
        "state": "due",
        "attempts": 0,
        "said": None,
        "send_at": call["send_at"],
        "settled_at": None,
    }


async def test_a_host_that_is_none_is_named_by_its_path(api: Web) -> None:
    body = {"hosts": ["https://hooks.example"], "fresh": await api.fresh(api.house.owner)}
    reply = await api.call("PUT", path(api), body, api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (422, "callbacks_invalid", "$.hosts[0]")
