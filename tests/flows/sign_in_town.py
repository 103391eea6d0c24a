"""A served hub whose people sign in elsewhere: with OpenID providers on this machine, with a browser between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientSession, DummyCookieJar

from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import enrol_bytes
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.flows.world import Given, TestClock, World, serve, set_up


@dataclass
class SignInTown:
    """A hub, its providers by the name of their way, and whoever browses."""

    world: World
    providers: dict[str, OpenIdProvider]
    browser: ClientSession = field(repr=False)

    async def begin(self, method: str, **more: Any) -> dict[str, Any]:
        """A page begins to sign in."""
        given = await self.world.send("POST", "/v1/sign-ins", body={"method": method, **more})
        assert given.status == 201, given
        return dict(given.json())

    async def came_back(self, shown: Mapping[str, Any], method: str, person: Mapping[str, Any]) -> dict[str, str]:
        """What the person's browser brings back from the provider."""
        self.providers[method].signed_in = dict(person)
        async with self.browser.get(shown["redirect"], allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    async def answer(self, begun: Mapping[str, Any], answer: Any, **changes: Any) -> Given:
        """The page brings an answer."""
        body = {"secret": begun["secret"], "answer": answer, "transport": "bearer", **changes}
        return await self.world.send("POST", f"/v1/sign-ins/{begun['sign_in_id']}", body=body)

    async def sign_in(self, method: str, person: Mapping[str, Any], **more: Any) -> Given:
        """Begin, go there, come back, answer."""
        begun = await self.begin(method, **more)
        return await self.answer(begun, await self.came_back(begun["shown"], method, person))

    async def signed_in(self, method: str, person: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """The same where it must succeed: the session and whose it is."""
        given = await self.sign_in(method, person, **more)
        assert given.status == 200, given
        return dict(given.json()["signed_in"])

    async def link(self, method: str, person: Mapping[str, Any]) -> None:
        """The owner ties an account there to themselves."""
        owner = self.world.owner
        begun = await owner.call("POST", "/v1/factors", {"method": method, "fresh": await owner.fresh()})
        answer = await self.came_back(begun["shown"], method, person)
        done = await owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": answer})
        assert done["state"] == "proven"

    async def as_session(self, session: Mapping[str, Any], method: str, path: str, body: Any = None) -> Given:
        """A request with a session that was opened here."""
        headers = {"Authorization": f"Bearer {session['session']['token']}"}
        return await self.world.send(method, path, body=body, headers=headers)

    def new_key(self, challenge: Mapping[str, Any], person_id: str) -> dict[str, Any]:
        """A new device key's form for this challenge."""
        key = Ed25519SigningKey()
        message = enrol_bytes(
            challenge=challenge["challenge"], key_thumbprint=key.public.thumbprint, person_id=person_id
        )
        return {
            "kind": "device_key",
            "challenge_id": challenge["challenge_id"],
            "jwk": key.public.jwk,
            "proof": b64u(key.sign(message)),
            "name": "new phone",
        }

    async def members(self) -> dict[str, dict[str, Any]]:
        """The organisation's members by name, as the owner sees them."""
        listed = await self.world.owner.call("GET", f"/v1/orgs/{self.world.org_id}/members")
        return {member["name"]: member for member in listed["items"]}


@asynccontextmanager
async def sign_in_town(
    database: str,
    folder: Path,
    tables: Mapping[str, Mapping[str, Any]],
    vendors: Mapping[str, type[OpenIdProvider]] | None = None,
) -> AsyncIterator[SignInTown]:
    """A hub with these ways, each with a provider of its own. `HERE` as `org` stands for the hub's organisation,
    `vendors` for those ways whose provider has ways of its own; such a table says its `kind`.

    The organisation has to be there before its ways: the hub is opened twice.
    """
    time = TestClock()
    async with AsyncExitStack() as stack:
        providers = {}
        for name in tables:
            providers[name] = (vendors or {}).get(name, OpenIdProvider)(lambda: time.clock().now())
            await providers[name].open()
            stack.push_async_callback(providers[name].close)
        async with serve(folder, database, time=time) as made:
            ready = await set_up(made)
            org_id, owner = ready.org_id, ready.owner
            token = owner._token
        ways = {
            name: {
                "kind": "company",
                "issuer": providers[name].issuer,
                "client_id": CLIENT,
                "client_secret": SECRET,
                # An issuer that stands for many has no description of its own.
                **({"discovery": providers[name].discovery} if "{" in providers[name].issuer else {}),
                **{member: org_id if value == HERE else value for member, value in table.items()},
            }
            for name, table in tables.items()
        }
        world = await stack.enter_async_context(serve(folder, database, time=time, sign_in=ways))
        world.org_id = org_id
        world.owner = await world._resources.enter_async_context(owner)
        world.owner._token = token
        browser = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        yield SignInTown(world, providers, browser)


HERE = "here"
