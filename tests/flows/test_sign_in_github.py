"""Signing in with GitHub over real HTTP: the person's number there opens a session here, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, DummyCookieJar

from tests.fakes.github import CLIENT, SECRET, FakeGitHub
from tests.fakes.github_scene import ADDRESSES, USER
from tests.flows.conftest import url_of
from tests.flows.world import Given, World, serve, set_up


@dataclass
class Octoworld:
    """A hub that asks GitHub, and whoever browses."""

    world: World
    github: FakeGitHub
    browser: ClientSession = field(repr=False)

    async def begin(self) -> dict[str, Any]:
        """A page begins to sign in."""
        given = await self.world.send("POST", "/v1/sign-ins", body={"method": "github"})
        assert given.status == 201, given
        return dict(given.json())

    async def came_back(self, begun: Mapping[str, Any]) -> dict[str, str]:
        """What the person's browser brings back from GitHub."""
        async with self.browser.get(begun["shown"]["redirect"], allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    async def answer(self, begun: Mapping[str, Any], answer: Any) -> Given:
        """The page brings an answer."""
        body = {"secret": begun["secret"], "answer": answer, "transport": "bearer"}
        return await self.world.send("POST", f"/v1/sign-ins/{begun['sign_in_id']}", body=body)

    async def sign_in(self, person: Mapping[str, Any]) -> Given:
        """Begin, go there, come back, answer."""
        self.github.signed_in = dict(person)
        begun = await self.begin()
        return await self.answer(begun, await self.came_back(begun))

    async def link(self) -> None:
        """The owner ties the account at GitHub to themselves."""
        owner = self.world.owner
        begun = await owner.call("POST", "/v1/factors", {"method": "github", "fresh": await owner.fresh()})
        answer = await self.came_back(begun)
        done = await owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": answer})
        assert done["state"] == "proven"


@pytest.fixture
async def octoworld(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Octoworld]:
    """On each engine; the owner's account at GitHub is linked."""
    github = FakeGitHub()
    github.signed_in, github.addresses = USER, ADDRESSES
    await github.open()
    table = {"client_id": CLIENT, "client_secret": SECRET, "url": github.base_url, "api_url": github.base_url}
    try:
        async with (
            serve(tmp_path, url_of(database_place), sign_in={"github": table}) as world,
            ClientSession(cookie_jar=DummyCookieJar()) as browser,
        ):
            found = Octoworld(await set_up(world), github, browser)
            await found.link()
            yield found
    finally:
        await github.close()


async def test_a_linked_github_account_signs_its_person_in_whatever_it_is_called_by_then(octoworld: Octoworld) -> None:
    given = await octoworld.sign_in({**USER, "login": "renamed", "name": "Somebody"})
    assert given.status == 200, given
    signed_in = given.json()["signed_in"]
    assert signed_in["person"]["person_id"] == octoworld.world.owner.person_id
    assert (signed_in["session"]["scope"], signed_in["session"]["acr"]) == ("full", "LOW")
    headers = {"Authorization": f"Bearer {signed_in['session']['token']}"}
    assert (await octoworld.world.send("GET", "/v1/inbox", headers=headers)).status == 200


async def test_an_account_that_took_over_a_login_at_github_signs_nobody_in(octoworld: Octoworld) -> None:
    given = await octoworld.sign_in({**USER, "id": USER["id"] + 1})
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")


async def test_a_code_of_github_that_an_attacker_puts_into_another_attempt_signs_nobody_in(
    octoworld: Octoworld,
) -> None:
    attackers, victims = await octoworld.begin(), await octoworld.begin()
    answer = await octoworld.came_back(attackers)
    spliced = await octoworld.answer(victims, answer)
    assert (spliced.status, spliced.json()["code"]) == (403, "wrong_answer")
    sent = dict(parse_qsl(urlsplit(victims["shown"]["redirect"]).query))
    forged = await octoworld.answer(victims, {**answer, "state": sent["state"]})
    assert (forged.status, forged.json()["code"]) == (401, "not_signed_in")


async def test_github_proves_no_decision(octoworld: Octoworld) -> None:
    world = octoworld.world
    path = f"/v1/orgs/{world.org_id}/requirement"
    given = await world.send("PUT", path, by=world.owner, body={"methods": ["github"]})
    assert (given.status, given.json()["code"]) == (422, "requirement_invalid")
