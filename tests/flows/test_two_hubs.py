"""Headphones for $85.00: the buyer's agent on one hub, the seller's on another, and a chain of their two proofs."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from approvals_hub_client import AsyncHub, NotAllowed, register, verify_bundle, verify_chain, write_chain
from approvals_hub_client.canonical import dumps
from approvals_hub_client.errors import BadAnswer, Conflict, Refused
from approvals_hub_client.executor import Redemption
from approvals_hub_client.proof import proof_hash
from approvals_hub_client.question import Approved
from tests.flows.commands import Commands
from tests.flows.conftest import url_of
from tests.flows.world import World, serve, set_up

STORE, ALICE = "storeco.example", "alice.example"
HEADPHONES = {"item": "headphones", "amount_minor": 8500, "currency": "USD"}


@dataclass
class Market:
    """Two hubs that know nothing of each other but what their people wrote down."""

    buyers: World
    sellers: World
    buyer: AsyncHub
    seller: AsyncHub

    async def trusted(self, **changes: Any) -> dict[str, Any]:
        """The seller's owner pastes what the buyer's hub published, and says under which name it knows the store."""
        published = await self.buyer.public_keys()
        body = {
            "name": "Alice's hub",
            "issuer": published["issuer"],
            "audiences": [STORE],
            "keys": [{"paserk": key["paserk"], "valid_from": key["active_from"]} for key in published["keys"]],
            "fresh": await self.sellers.owner.fresh(),
            **changes,
        }
        return dict(await self.sellers.owner.call("POST", self.path, body))

    @property
    def path(self) -> str:
        return f"/v1/orgs/{self.sellers.org_id}/trusted-hubs"

    async def bought(self, store: str = STORE) -> Redemption:
        """Alice approves; her agent's proof is for this store."""
        approved = await approval(self.buyers, self.buyer, "purchase", HEADPHONES, store)
        return await self.buyer.redeem(approved)

    async def wants_to_sell(self) -> Approved:
        """The store's people approve the sale."""
        return await approval(self.sellers, self.seller, "sell", HEADPHONES, ALICE)


async def approval(world: World, agent: AsyncHub, kind: str, payload: dict[str, Any], party: str) -> Approved:
    question = await agent.ask(kind, payload, relying_party=party)
    await world.owner.answer(question.escalation_id, "approve")
    return await asyncio.wait_for(agent.wait(question), 10)


@asynccontextmanager
async def market(sellers: World, place: Path, folder: Path) -> AsyncIterator[Market]:
    folder.mkdir()
    async with serve(folder, url_of(place)) as buyers:
        await set_up(buyers)
        yield Market(buyers, sellers, await buyers.agent("alice's agent"), await sellers.agent("store's agent"))


@pytest.fixture
async def at_market(world: World, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Market]:
    """The sellers' hub on each engine, the buyers' on SQLite."""
    place = tmp_path / "buyers.db"
    shutil.copyfile(sqlite_template, place)
    async with market(world, place, tmp_path / "buyers") as found:
        yield found


BLOCKED = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was asked for")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from approvals_hub_client import verify_bundle, verify_chain
chain = verify_chain(open(sys.argv[1], "rb").read(), trust=[open(name, "rb").read() for name in sys.argv[3:]])
bundle = verify_bundle(open(sys.argv[2], "rb").read(), trust=[open(sys.argv[4], "rb").read()])
print(chain.ok, len(chain.hops), bundle.ok, bundle.pinned)
"""


async def test_the_headphones_are_sold_and_both_proofs_are_one_chain_that_anybody_verifies(
    at_market: Market, tmp_path: Path
) -> None:
    await at_market.trusted()
    bought = await at_market.bought()
    selling = await at_market.wants_to_sell()
    sold = await at_market.seller.redeem(selling, counterparty_proofs=[bought.proof_token])
    assert sold.proof["prev"] == [proof_hash(bought.proof_token)]
    hops = [
        (bought.proof_token, (await at_market.buyer.question(bought.escalation_id)).action),
        (sold.proof_token, selling.question.action),
    ]
    published = [await at_market.buyer.public_keys(), await at_market.seller.public_keys()]
    assert verify_chain(write_chain(hops, published)).ok

    files = {"chain": write_chain(hops), "bundle": await at_market.seller.bundle(sold.escalation_id)}
    files |= {"buyers-keys": dumps(published[0]), "sellers-keys": dumps(published[1])}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True 2 True True\n"
    bundle = json.loads(files["bundle"])
    assert bundle["proof"]["counterparty_proofs"] == [bought.proof_token]
    assert not verify_bundle(dumps({**bundle, "proof": {**bundle["proof"], "counterparty_proofs": []}})).ok

    for hop in (0, 1):
        cheaper = {**hops[hop][1], "payload": {**HEADPHONES, "amount_minor": 85}}
        walked = verify_chain(write_chain([*hops[:hop], (hops[hop][0], cheaper), *hops[hop + 1 :]], published))
        assert (walked.first_bad and (walked.first_bad.hop, walked.first_bad.part)) == (hop + 1, "action")
    other = await at_market.bought()
    assert not verify_chain(write_chain([(other.proof_token, None), hops[1]], published)).ok


async def test_a_sale_under_a_proof_that_does_not_count_is_refused_and_nothing_is_redeemed(at_market: Market) -> None:
    async def refused(*proofs: str) -> str:
        with pytest.raises(Refused) as error:
            await at_market.seller.redeem(selling, counterparty_proofs=proofs)
        return f"{error.value.code} {error.value.problem.get('reason')}"

    bought = await at_market.bought()
    selling = await at_market.wants_to_sell()
    assert await refused(bought.proof_token) == "counterparty_proof_invalid unknown_key"
    hub = await at_market.trusted()
    elsewhere = await at_market.bought("another-store.example")
    assert await refused(elsewhere.proof_token) == "counterparty_proof_invalid audience"
    assert await refused(bought.proof_token, bought.proof_token) == "counterparty_proof_invalid repeated"
    assert await refused(selling.question.view["approval_token"]) == "counterparty_proof_invalid bad_signature"
    await at_market.seller.redeem(selling, counterparty_proofs=[bought.proof_token])
    selling = await at_market.wants_to_sell()
    with pytest.raises(Conflict) as used:
        await at_market.seller.redeem(selling, counterparty_proofs=[bought.proof_token])
    assert used.value.code == "counterparty_proof_used"
    fresh = await at_market.bought()
    kid = hub["keys"][0]["kid"]
    path = f"{at_market.path}/{hub['trusted_hub_id']}/keys/{kid}"
    revoked = await at_market.sellers.owner.call("DELETE", path)
    assert revoked["keys"][0]["cause"] == "revoked"
    assert await refused(fresh.proof_token) == "counterparty_proof_invalid unknown_key"
    assert (await at_market.seller.redeem(selling)).proof["prev"] == []


BUYING = """
version: 1
default: deny
rules:
  - {id: buy, effect: allow, action: purchase, constraints: {amount_max: 10000, currency: [USD]},
     proof: {required: true, ttl_seconds: 60}}
"""
SELLING = """
version: 1
default: deny
rules:
  - {id: sell, effect: allow, action: sell, counterparty_proof: required, proof: {required: true}}
"""


def forged(proof: str) -> str:
    """The same with one character of its signature changed."""
    place = proof.rindex(".") - 20
    return proof[:place] + ("A" if proof[place] != "A" else "B") + proof[place + 1 :]


async def sells_for_one_call(market: Market) -> None:
    """Both hubs decide by policies, and the seller's knows the buyer's."""
    for world, text in ((market.buyers, BUYING), (market.sellers, SELLING)):
        await world.hub.policies.keep.publish(world.operator, "main", text)
    await market.trusted()


async def test_the_headphones_are_bought_and_sold_by_one_call_each_and_the_command_walks_the_chain(
    at_market: Market, tmp_path: Path, commands: Commands
) -> None:
    await sells_for_one_call(at_market)
    with pytest.raises(NotAllowed) as too_dear:
        await at_market.buyer.authorize("purchase", {**HEADPHONES, "amount_minor": 10_001}, relying_party=STORE)
    assert too_dear.value.authorization.code == "default"
    bought = await at_market.buyer.authorize("purchase", HEADPHONES, relying_party=STORE)
    sold = await at_market.seller.authorize(
        "sell", HEADPHONES, relying_party=ALICE, counterparty_proofs=[str(bought.proof_token)]
    )
    assert sold.proof is not None
    assert sold.proof["prev"] == [proof_hash(str(bought.proof_token))]

    trust: list[str] = []
    for name, client in (("buyers", at_market.buyer), ("sellers", at_market.seller)):
        path = tmp_path / f"keys of the {name}.json"
        path.write_bytes(dumps(await client.public_keys()))
        trust += ["--trust", str(path)]
    hops = [(str(each.proof_token), each.action) for each in (bought, sold)]

    async def walked(changed: Sequence[tuple[str, Any]]) -> str:
        (tmp_path / "chain.json").write_bytes(write_chain(changed))
        words = ["verify", "--chain", str(tmp_path / "chain.json"), *trust, "--json"]
        done = await asyncio.to_thread(commands.run, *words)
        bad = done.json["first_bad"]
        assert (done.status == 0) is (bad is None) is done.json["ok"]
        return "whole" if bad is None else f"{bad['hop']} {bad['part']}"

    assert await walked(hops) == "whole"
    for hop, (token, action) in enumerate(hops):
        cheaper = {**action, "payload": {**HEADPHONES, "amount_minor": 85}}
        for tampered, part in (((token, cheaper), "action"), ((forged(token), action), "signature")):
            changed = [*hops[:hop], tampered, *hops[hop + 1 :]]
            assert await walked(changed) == f"{hop + 1} {part}"
    again = await at_market.buyer.authorize("purchase", HEADPHONES, relying_party=STORE, action_id="another")
    assert await walked([(str(again.proof_token), again.action), hops[1]]) == "2 prev"
    assert await walked(hops[::-1]) == "1 prev"


async def test_nothing_is_sold_without_a_proof_by_an_expired_a_used_a_forged_one_or_one_for_another_store(
    at_market: Market,
) -> None:
    await sells_for_one_call(at_market)

    async def bought(store: str = STORE, **more: Any) -> str:
        return str((await at_market.buyer.authorize("purchase", HEADPHONES, relying_party=store, **more)).proof_token)

    async def sold(*proofs: str) -> str:
        """What comes of it; each sale is a new action."""
        try:
            await at_market.seller.authorize("sell", HEADPHONES, relying_party=ALICE, counterparty_proofs=proofs)
        except NotAllowed as denied:
            return f"{denied.authorization.decision} {denied.authorization.code}"
        except Refused as refused:
            return f"{refused.status} {refused.code} {refused.problem.get('reason', '')}".strip()
        return "sold"

    assert await sold() == "DENY counterparty_proof"
    proof = await bought()
    assert await sold(forged(proof)) == "422 counterparty_proof_invalid bad_signature"
    assert await sold(await bought("another-store.example")) == "422 counterparty_proof_invalid audience"
    assert await sold(proof) == "sold"
    assert await sold(proof) == "409 counterparty_proof_used"
    late = await bought(action_id="late")
    at_market.sellers.time.pass_seconds(60 + 30 + 5)  # its life, and how far the clocks of two hubs may differ
    assert await sold(late) == "422 counterparty_proof_invalid expired"


async def test_one_program_at_two_hubs_finds_each_by_its_address_and_nothing_of_one_counts_at_the_other(
    at_market: Market, tmp_path: Path
) -> None:
    hubs = [(at_market.buyers, at_market.buyer), (at_market.sellers, at_market.seller)]
    assert [client.credential.hub for _, client in hubs] == [world.base_url for world, _ in hubs]
    asked = await asyncio.gather(*(client.ask("db.drop", {"n": 1}) for _, client in hubs))
    for (world, _), question in zip(hubs, asked, strict=True):
        await world.owner.answer(question.escalation_id, "approve")
    approved = await asyncio.gather(*(client.wait(question) for (_, client), question in zip(hubs, asked, strict=True)))
    for place, (_, client) in enumerate(hubs):
        with pytest.raises(Refused):
            await client.redeem(approved[1 - place])
        redeemed = await client.redeem(approved[place])
        assert redeemed.proof["iss"] == client.credential.issuer

    # A credential is for the hub that it came from: its requests are signed for that address.
    async with AsyncHub(replace(at_market.buyer.credential, hub=at_market.sellers.base_url), allow_http=True) as lost:
        with pytest.raises(Refused) as strange:
            await lost.ask("db.drop", {"n": 2})
    assert strange.value.status == 401
    # A hub is registered with under the address that it says itself: another name may be another's tomorrow.
    invited = await at_market.sellers.hub.invite_agent(
        at_market.sellers.operator, at_market.sellers.org_id, name="late", owner_id=None
    )
    path, address = tmp_path / "late.json", at_market.sellers.base_url
    with pytest.raises(BadAnswer, match="use that address"):
        await register(address.replace("localhost", "127.0.0.1"), invited.token, path, allow_http=True)
    with pytest.raises(Refused):
        await register(at_market.buyers.base_url, invited.token, tmp_path / "wrong.json", allow_http=True)
    assert (await register(address, invited.token, path, allow_http=True)).hub == address
