"""The operator's commands about bundles and trusted hubs are in the one table, and do what they say."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.cli.operate import COMMANDS, carry_out
from approvals_hub.cli.operate_trust import TRUST
from approvals_hub_client.bundle import verify_bundle
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.hub_fixture import StaffedHub


@pytest.mark.parametrize("command", TRUST)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == TRUST[command]


async def test_a_bundle_is_written_as_a_files_bytes(house: StaffedHub) -> None:
    token = await house.bot.approved()
    pieces: Any = await carry_out(house.hub, "audit.bundle", {"escalation_id": token.escalation_id})
    assert verify_bundle(b"".join([piece async for piece in pieces])).ok


async def test_the_operator_trusts_nobody_more_alone_where_publishing_takes_two(house: StaffedHub) -> None:
    await house.person("Ada", "admin")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    keys = [{"paserk": paserk(Ed25519SigningKey().public)}]
    given = {"name": "Other", "issuer": "https://a.example", "audiences": [], "keys": keys}
    made = await carry_out(house.hub, "trusted_hubs.add", given)
    assert (made["change"], made["state"]) == ("trusted_hub", "open")
    put = {"domain": "a.example", "trust_profile": "HIGH"}
    made = await carry_out(house.hub, "relying_parties.put", put)
    assert (made["change"], made["name"], made["proposed_by"]) == ("relying_party", "a.example", "operator")
    put["trust_profile"] = "LOW"
    assert "draft_id" not in await carry_out(house.hub, "relying_parties.put", put)


async def test_a_trusted_hub_is_added_extended_revoked_and_removed(house: StaffedHub) -> None:
    keys = [{"paserk": paserk(Ed25519SigningKey().public), "valid_until": 1_900_000_000_000} for _ in range(2)]
    given = {"name": "Other", "issuer": "https://a.example", "audiences": ["us.example"], "keys": keys[:1]}
    made = await carry_out(house.hub, "trusted_hubs.add", given)
    assert made["keys"][0]["valid_until"] == "2030-03-17T17:46:40.000Z"
    one = {"trusted_hub_id": made["trusted_hub_id"]}
    more = await carry_out(house.hub, "trusted_hubs.add_keys", {**one, "keys": keys[1:]})
    assert len(more["keys"]) == 2
    left = await carry_out(house.hub, "trusted_hubs.revoke_key", {**one, "kid": more["keys"][0]["kid"]})
    assert [key["cause"] for key in left["keys"]] == ["revoked", None]
    assert await carry_out(house.hub, "trusted_hubs.list", {}) == {"items": [left]}
    await carry_out(house.hub, "trusted_hubs.remove", one)
    assert await carry_out(house.hub, "trusted_hubs.list", {}) == {"items": []}
