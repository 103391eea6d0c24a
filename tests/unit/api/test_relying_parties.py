"""The registry of relying parties over HTTP."""

from __future__ import annotations

from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.api.web_client import Web

KEY = {"paserk": paserk(Ed25519SigningKey().public)}
HUB = "https://a.example"


async def test_an_owner_puts_lists_and_removes_with_a_fresh_factor(api: Web) -> None:
    path, owner = f"/v1/orgs/{api.house.org_id}/relying-parties", api.house.owner
    refused = await api.call("PUT", f"{path}/*.example.com", {"trust_profile": "HIGH"}, owner)
    assert refused.status == 403
    body = {"trust_profile": "HIGH", "fresh": await api.fresh(owner)}
    made = await api.call("PUT", f"{path}/*.Example.com", body, owner)
    assert (made.status, made.json["domain"], made.json["trust_profile"]) == (200, "*.example.com", "HIGH")
    assert (await api.call("GET", path, who=owner)).json["items"] == [made.json]
    gone = await api.call("DELETE", f"{path}/*.example.com", {"fresh": await api.fresh(owner)}, owner)
    assert (gone.status, gone.json) == (200, made.json)
    unknown = await api.call("DELETE", f"{path}/*.example.com", {}, owner)
    assert (unknown.status, unknown.code) == (404, "relying_party_unknown")


async def test_where_publishing_takes_two_more_trust_is_a_draft_and_so_is_a_trusted_hub(api: Web) -> None:
    house, org = api.house, f"/v1/orgs/{api.house.org_id}"
    await house.person("Ada", "admin")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    for method, path, body, change in (
        ("PUT", "relying-parties/a.example", {"trust_profile": "HIGH"}, ("relying_party", "a.example")),
        ("POST", "trusted-hubs", {"name": "A", "issuer": "https://a.example", "keys": [KEY]}, ("trusted_hub", HUB)),
    ):
        made = await api.call(method, f"{org}/{path}", {**body, "fresh": await api.fresh(house.owner)}, house.owner)
        assert (made.status, made.json["change"], made.json["name"], made.json["state"]) == (202, *change, "open")
    for path in ("relying-parties", "trusted-hubs"):
        assert (await api.call("GET", f"{org}/{path}", who=house.owner)).json["items"] == []


async def test_what_is_no_host_or_everybodys_is_a_problem_with_its_place(api: Web) -> None:
    path, owner = f"/v1/orgs/{api.house.org_id}/relying-parties", api.house.owner
    for domain, body, field in (
        ("*.co.uk", {"trust_profile": "HIGH"}, "$.domain"),
        ("0x7f.1", {"trust_profile": "HIGH"}, "$.domain"),
        ("a.example", {"trust_profile": "high"}, "$.trust_profile"),
        ("a.example", {}, "$.trust_profile"),
        ("a.example", {"trust_profile": "HIGH", "note": "x"}, "$.note"),
    ):
        given = await api.call("PUT", f"{path}/{domain}", body, owner)
        assert (given.status, given.json["field"], bool(given.json["next_step"])) == (422, field, True)


async def test_a_path_that_names_no_host_reaches_no_database(api: Web) -> None:
    path, owner = f"/v1/orgs/{api.house.org_id}/relying-parties", api.house.owner
    for domain in ("a%20b", "a.*.example", "**.example", "%2A%2Fexample", "x" * 254):
        given = await api.call("PUT", f"{path}/{domain}", {"trust_profile": "HIGH"}, owner)
        assert (given.status, given.code) == (404, "not_found")
