"""One entry for an issuer, one for a key, one use of a proof: the database says so, not the code around it."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.tokens import trusted_hub_store as store


async def run(database: Database, function: Any, *args: Any, **changes: Any) -> Any:
    async def work(tx: Tx) -> Any:
        return await function(tx, *args, **changes)

    return await database.run(work)


HUB: dict[str, Any] = {"org_id": "org_1", "name": "A", "issuer": "i", "audiences": '["a"]', "at": 1, "by": "per_1"}
KEY: dict[str, Any] = {"org_id": "org_1", "kid": "k", "public_key": b"x", "valid_from": None, "valid_until": None}
PROOF: dict[str, Any] = {"org_id": "org_1", "issuer": "i", "proof_jti": "p", "proof_token": "t"}


async def test_an_issuer_is_trusted_once_in_each_organisation_and_again_after_it_was_removed(
    database: Database,
) -> None:
    assert await run(database, store.add_hub, hub_id="thb_1", **HUB)
    assert not await run(database, store.add_hub, hub_id="thb_2", **HUB)
    assert await run(database, store.add_hub, hub_id="thb_3", **{**HUB, "org_id": "org_2"})
    assert await run(database, store.audiences_of, "org_1", "i") == '["a"]'
    await run(database, store.remove_hub, "thb_1", at=2)
    assert await run(database, store.hub, "org_1", "thb_1") is None
    assert await run(database, store.audiences_of, "org_1", "i") is None
    assert await run(database, store.add_hub, hub_id="thb_4", **HUB)
    assert [row["id"] for row in await run(database, store.hubs, "org_1")] == ["thb_4"]


async def test_a_key_is_trusted_once_and_found_only_while_it_is(database: Database) -> None:
    await run(database, store.add_hub, hub_id="thb_1", **HUB)
    add = {"hub_id": "thb_1", "at": 1, "by": "per_1", **KEY}
    assert await run(database, store.add_key, key_id="thk_1", **add)
    assert not await run(database, store.add_key, key_id="thk_2", **add)
    [row] = await run(database, store.believed, "org_1", ["k", "other"])
    assert (row["issuer"], row["audiences"]) == ("i", '["a"]')
    assert await run(database, store.believed, "org_2", ["k"]) == []
    assert await run(database, store.believed, "org_1", []) == []
    assert await run(database, store.revoke_key, "thb_1", "k", at=2)
    assert not await run(database, store.revoke_key, "thb_1", "k", at=3)
    assert await run(database, store.believed, "org_1", ["k"]) == []
    assert await run(database, store.was_revoked, "org_1", "k")
    [row] = await run(database, store.keys, ["thb_1"])
    assert (row["ended_at"], row["cause"]) == (2, "revoked")


async def test_a_proof_is_taken_once_until_it_is_given_back(database: Database) -> None:
    assert await run(database, store.take_proof, redemption_jti="jti_1", place=0, **PROOF)
    assert not await run(database, store.take_proof, redemption_jti="jti_2", place=0, **PROOF)
    assert await run(database, store.proofs_of, "jti_1") == ["t"]
    await run(database, store.give_proofs_back, "jti_1")
    assert await run(database, store.take_proof, redemption_jti="jti_2", place=0, **PROOF)
