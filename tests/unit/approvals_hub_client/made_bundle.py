"""Receipt bundles of a real hub, made once; and what a hub that lies with its own keys would hand out instead."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from approvals_hub.core.clock import MINUTE
from approvals_hub.db.sqlite_schema import migrate_sqlite
from approvals_hub.keys.key import TOKEN
from approvals_hub_client import note
from approvals_hub_client.bundle import BundleReport, verify_bundle
from approvals_hub_client.bundle_form import Bundle, sealed
from approvals_hub_client.canonical import dumps, loads, sha256_text, unb64u
from approvals_hub_client.checkpoint import Checkpoint, sign
from approvals_hub_client.rule import Rule
from approvals_hub_client.statement import signed_bytes
from approvals_hub_client.tree import leaf_hash, root_of
from approvals_hub_client.tree_proof import inclusion_ranges
from approvals_hub_client.trust import plain
from tests.fakes.soft_authenticator import RS256, SoftAuthenticator
from tests.unit.hub_actors import Person, Token
from tests.unit.hub_fixture import StaffedHub, staffed_hub

Json = dict[str, Any]
Change = Callable[[Json], Any]


@dataclass(frozen=True)
class Made:
    """Three bundles, and the keys of the hub that made the first two."""

    first: Json
    """Two approvals, one of them by a passkey, redeemed."""
    second: Json
    """Another question of the same organisation: somebody approved, then took it back by a denial."""
    held: Json
    """Somebody approved, and took it back by a denial before the approval took effect."""
    ruled: Json
    """Of two stages, one of ada, bob and dan, then cleo, with the veto of eve and a wait. Approved by ada, who took it
    back, then by bob, dan and cleo."""
    other: Json
    """Of another hub."""
    signer: note.Signer
    token_seed: bytes
    kid: str


@cache
def made() -> Made:
    """Made in this process once."""
    return asyncio.run(_made())


async def _made() -> Made:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("one", "two"):
            (folder / part).mkdir()
            await migrate_sqlite(folder / part / "hub.db")
        async with staffed_hub(folder / "one" / "hub.db", folder / "one") as house:
            ada, bob = await house.person("Ada"), await house.person("Bob")
            passkey = await ada.further_device(SoftAuthenticator(RS256))
            await house.require(approvals=2)
            asked = await house.bot.ask()
            await bob.answer(asked.escalation.id)
            await passkey.answer(asked.escalation.id)
            first = await _redeemed(house, asked.escalation.id)
            ruled = await _ruled(house, ada, bob)
            await house.require(approvals=2)
            asked = await house.bot.ask()
            await bob.answer(asked.escalation.id)
            house.time.now += MINUTE
            await bob.answer(asked.escalation.id, "deny", reason="not this one")
            second = await _bundle(house, asked.escalation.id)
            held = await _held(house, bob)
            key = house.hub.ring.signer(TOKEN, house.time.now)
            assert key.seed is not None
            signer = house.hub.sealer.signer(house.org_id)
        async with staffed_hub(folder / "two" / "hub.db", folder / "two", stranger=True) as house:
            asked = await house.bot.ask()
            await house.owner.answer(asked.escalation.id)
            other = await _redeemed(house, asked.escalation.id)
    return Made(first, second, held, ruled, other, signer, key.seed, key.kid)


async def _held(house: StaffedHub, bob: Person) -> Json:
    await house.require(wait=600)
    asked = await house.bot.ask()
    await bob.answer(asked.escalation.id)
    house.time.now += MINUTE
    await bob.answer(asked.escalation.id, "deny", reason="not this one")
    return await _bundle(house, asked.escalation.id)


async def _ruled(house: StaffedHub, ada: Person, bob: Person) -> Json:
    cleo, dan, eve = [await house.person(name) for name in ("Cleo", "Dan", "Eve")]
    first = Rule(of=(ada.person_id, bob.person_id, dan.person_id), approvals=1)
    stages = (first, Rule(of=(cleo.person_id,), approvals=1))
    await house.require(quorum=Rule(stages=stages), veto=(eve.person_id,), wait=60)
    asked = await house.bot.ask()
    house.time.now += 2 * MINUTE
    await ada.answer(asked.escalation.id)
    await ada.answer(asked.escalation.id, "deny", reason="not I")
    await bob.answer(asked.escalation.id)
    await dan.answer(asked.escalation.id)
    await cleo.answer(asked.escalation.id)
    return await _bundle(house, asked.escalation.id)


async def _redeemed(house: StaffedHub, escalation_id: str) -> Json:
    standing = await house.bot.standing(escalation_id)
    assert standing.approval_token is not None
    action = await house.hub.wait.action(house.bot.credential(), escalation_id)
    await Token(house.bot, escalation_id, standing.approval_token, str(standing.escalation.jti), action).redeem()
    return await _bundle(house, escalation_id)


async def _bundle(house: StaffedHub, escalation_id: str) -> Json:
    return dict(plain(await house.hub.make_bundle(house.operator, escalation_id)))


def verified(bundle: Json, *trust: bytes | str) -> BundleReport:
    """What the verification says of it."""
    return verify_bundle(dumps(bundle), trust=trust)


def changed(bundle: Json, change: Change) -> Json:
    """A copy with a change that its hub knows nothing of."""
    mine = copy.deepcopy(bundle)
    change(mine)
    return mine


def lied(bundle: Json, change: Change = lambda _: None, entries: Callable[[list[Json]], list[Json]] = list) -> Json:
    """What the hub itself could hand out if it lied with its own keys: other contents, another log, freshly signed."""
    mine = changed(bundle, change)
    texts = [dumps(each).decode() for each in entries([loads(part["entry"]) for part in mine["log"]["entries"]])]
    leaves = [leaf_hash(text.encode()) for text in texts]
    signer = made().signer
    mine["log"] = {
        "whole": True,
        "checkpoint": sign(Checkpoint(signer.verifier.name, len(leaves), root_of(leaves)), signer),
        "entries": [
            {
                "index": index,
                "entry": text,
                "proof": [root_of(leaves[start:end]).hex() for start, end in inclusion_ranges(index, len(leaves))],
            }
            for index, text in enumerate(texts)
        ],
    }
    return dict(plain(sealed(msgspec.convert(mine, Bundle), signer)))


def approved(bundle: Json, *names: str) -> Json:
    """What a hub that lies would make of a question: approved, by the first yes of each of these people."""
    said = [next(a for a in bundle["answers"] if (a["approver_id"], a["decision"]) == (n, "approve")) for n in names]
    entries = [loads(part["entry"]) for part in bundle["log"]["entries"]]
    levels = {e["actor_id"]: e["detail"]["acr"] for e in entries if e["kind"] == "decision.recorded"}
    asked, hub = bundle["question"], bundle["hub"]
    claims = {
        "iss": hub["issuer"],
        "sub": asked["agent_id"],
        "aud": asked["audience"],
        "org": hub["org_id"],
        "purpose": "approval",
        "escalation_id": asked["escalation_id"],
        "revision": asked["revision"],
        "action_id": asked["action"]["action_id"],
        "action_type": asked["action"]["action_type"],
        "action_hash": asked["action_hash"],
        "jti": "jti_x",
        "acr": min((levels[name] for name in names), default="LOW"),
        "approvers": [
            {"person_id": a["approver_id"], "device_id": a["device_id"], "acr": levels[a["approver_id"]]} for a in said
        ],
        "statement_hashes": [sha256_text(signed_bytes(unb64u(a["statement"]))) for a in said],
    }
    token = {"state": "ready", "valid_until": asked["expires_at"], "claims": claims}

    def ending(found: list[Json]) -> list[Json]:
        for entry in found:
            if entry["kind"] == "escalation.ended":
                entry["decision"], entry["detail"]["jti"] = "approved", "jti_x"
        return found

    def change(mine: Json) -> None:
        mine["token"] = token
        mine["question"]["outcome"] = "approved"

    return lied(bundle, change, ending)


def part_of(report: BundleReport) -> str:
    """The member that does not hold; empty where all does."""
    assert report.ok == (report.first_bad is None)
    return "" if report.first_bad is None else report.first_bad.part
