"""What anybody may read."""

from __future__ import annotations

from approvals_hub_client.paseto import key_id
from approvals_hub_client.proof import trusted_keys
from tests.unit.api.web_client import Web
from tests.unit.hub_fixture import PUBLIC_URL


async def test_discovery_tells_how_to_sign_and_for_which_url(api: Web) -> None:
    told = (await api.send("GET", "/.well-known/approvals-hub")).json
    assert told["audience"] == PUBLIC_URL
    assert told["signing"]["components"][:2] == ["@method", "@target-uri"]
    assert (told["signing"]["alg"], told["signing"]["tag"]) == ("ed25519", "approvals-hub")


async def test_every_endpoint_that_discovery_names_is_there(api: Web) -> None:
    told = (await api.send("GET", "/.well-known/approvals-hub")).json
    people = {name: path for name, path in told["people"].items() if name != "rp_id"}
    assert (told["people"]["rp_id"], people.pop("page")) == ("hub.example", "/app/")
    for path in (told["token_keys"], *told["endpoints"].values(), *people.values()):
        # 422: an invitation's link says which one.
        assert (await api.send("GET", path)).status in (200, 401, 405, 422)


async def test_published_keys_are_those_that_a_client_trusts(api: Web) -> None:
    published = (await api.send("GET", "/v1/public-keys")).json
    keys = trusted_keys(published, api.house.time.now)
    assert [key_id(key) for key in keys.values()] == [entry["kid"] for entry in published["keys"]]
    assert all(entry["paserk"] == f"k4.public.{entry['public_key']}" for entry in published["keys"])


async def test_the_keys_of_logs_are_told_apart_from_those_of_tokens(api: Web) -> None:
    published = (await api.send("GET", "/v1/public-keys")).json
    assert {entry["purpose"] for entry in published["keys"]} == {"token"}
    assert {entry["purpose"] for entry in published["log_keys"]} == {"log"}


async def test_no_private_half_is_published(api: Web) -> None:
    reply = await api.send("GET", "/v1/public-keys")
    assert b"seed" not in reply.raw


async def test_a_living_process_says_so(api: Web) -> None:
    assert (await api.send("GET", "/healthz/live")).json == {"status": "ok"}


async def test_a_hub_whose_database_does_not_answer_is_not_ready(api: Web) -> None:
    await api.house.change("ALTER TABLE signing_keys RENAME TO hidden")
    reply = await api.send("GET", "/healthz/ready")
    assert (reply.status, reply.code) == (503, "database_unavailable")
    assert b"hidden" not in reply.raw


async def test_a_hub_whose_database_answers_is_ready(api: Web) -> None:
    assert (await api.send("GET", "/healthz/ready")).json == {"status": "ready"}
