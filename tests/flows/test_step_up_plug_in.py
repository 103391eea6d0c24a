"""A step-up provider of an installed package, from its table in the settings to a redeemed token over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from tests.fakes.step_up_plugin.installed import installed
from tests.flows.conftest import url_of
from tests.flows.test_step_up import gives_up, require, waiting_question
from tests.flows.world import World, serve, set_up

OURS, THEIRS = ("juniper", "bilberry"), ("larkspur",)


@pytest.fixture
async def world(database_place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A hub whose settings name the package, on each engine; the owner has said the first word to link it."""
    packages = tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(installed(packages))
    words = {
        name: [sha256(word.encode()).hexdigest() for word in given] for name, given in (("ada", OURS), ("bo", THEIRS))
    }
    ways = {"spoken_word": {"words": words, "most_letters": 16}}
    async with serve(tmp_path, url_of(database_place), step_up=ways) as made:
        world = await set_up(made)
        body = {"method": "spoken_word", "fresh": await world.owner.fresh()}
        await say(world.owner, (await world.owner.call("POST", "/v1/factors", body))["step_up_id"], OURS[0])
        await require(world, methods=["spoken_word"])
        yield world


async def say(person: SoftwarePhone, step_up_id: str, word: str) -> None:
    done = await person.call("POST", f"/v1/step-ups/{step_up_id}", {"answer": {"word": word}})
    assert done["state"] == "proven"


async def test_what_a_plug_in_proves_is_signed_for_and_named_in_the_redeemed_token(world: World) -> None:
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "spoken_word")
    await say(world.owner, begun["step_up_id"], OURS[1])
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["methods"]) == ("LOW", ["device_key", "spoken_word"])
    claims = (await agent.redeem(await asyncio.wait_for(asking, 10))).proof
    assert (claims["acr"], claims["amr"]) == ("LOW", ["kba", "pop"])
    [listed] = claims["approvers"][0]["step_up"]
    assert (listed["method"], listed["binding"], listed["auth_ref"]) == ("spoken_word", "server", None)


@pytest.mark.parametrize(("word", "code"), [(OURS[0], "proof_replayed"), (THEIRS[0], "wrong_answer")])
async def test_a_replayed_word_and_somebody_elses_prove_nothing_by_a_plug_in(
    world: World, word: str, code: str
) -> None:
    asking, name = await waiting_question(world, await world.agent())
    begun = await world.owner.begin_step_up(name, await world.owner.look(name), "spoken_word")
    with pytest.raises(Refused) as refused:
        await say(world.owner, begun["step_up_id"], word)
    assert refused.value.problem["code"] == code
    await gives_up(asking)
