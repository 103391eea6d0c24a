"""What a provider's description may have the hub call: the settings' own origins, and the internet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar

from identity.errors import Misconfigured
from identity.oidc import Oidc
from identity.oidc_reach import Reach, origin_of
from identity.oidc_settings import OidcSettings
from notify.guarded import guarded_session
from notify.networks import networks
from tests.fakes.openid_scene import Scene, openid_scene
from tests.unit.notify.test_guarded import Names

PATHS = {"token_endpoint": "/token", "jwks_uri": "/jwks"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A provider whose operator named its issuer, on this machine."""
    async with openid_scene() as found:
        yield found


async def proven(scene: Scene, session: ClientSession) -> Any:
    """One sign-in where other origins are called by this session."""
    async with session:
        scene.provider = Oidc(scene.settings, scene.session, elsewhere=session, clock=scene.clock)
        return await scene.proven()


def elsewhere(scene: Scene, member: str, host: str) -> None:
    """The description says that this part is at another host, with the provider's own port."""
    port = origin_of(scene.op.issuer)[2]
    scene.op.knobs.discovery[member] = f"http://{host}:{port}{PATHS[member]}"


@pytest.mark.parametrize("member", PATHS)
async def test_a_name_of_the_description_that_resolves_to_an_inner_address_is_not_called(
    scene: Scene, member: str
) -> None:
    elsewhere(scene, member, "localhost")
    with pytest.raises(Misconfigured, match="network that the hub may not call"):
        await proven(scene, guarded_session())
    assert PATHS[member] not in scene.op.paths()


@pytest.mark.parametrize("member", PATHS)
@pytest.mark.parametrize("inside", ["https://169.254.169.254/latest", "https://10.0.0.1/", "https://[fd00:ec2::254]/"])
async def test_a_literal_inner_address_of_the_description_is_not_called(scene: Scene, member: str, inside: str) -> None:
    scene.op.knobs.discovery[member] = inside
    with pytest.raises(Misconfigured, match="network that the hub may not call"):
        await proven(scene, guarded_session())


async def test_another_port_of_the_named_host_is_another_service(scene: Scene) -> None:
    scene.op.knobs.discovery["token_endpoint"] = "http://127.0.0.1:9/token"
    with pytest.raises(Misconfigured, match="network that the hub may not call"):
        await proven(scene, guarded_session())


async def test_a_public_name_that_is_rebound_inside_after_the_keys_were_fetched_gets_no_code(scene: Scene) -> None:
    for member in PATHS:
        elsewhere(scene, member, "localhost")
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    session = guarded_session(networks(["127.0.0.1/32"]), resolver=names)
    session.headers["Connection"] = "close"
    with pytest.raises(Misconfigured, match="network that the hub may not call"):
        await proven(scene, session)
    assert "/jwks" in scene.op.paths()
    assert scene.op.redeemed == []


async def test_a_network_that_the_settings_allow_is_called(scene: Scene) -> None:
    for member in PATHS:
        elsewhere(scene, member, "localhost")
    assert await proven(scene, guarded_session(networks(["127.0.0.0/8", "::1/128"])))


async def test_without_a_session_for_it_another_origin_is_not_called(scene: Scene) -> None:
    elsewhere(scene, "jwks_uri", "localhost")
    with pytest.raises(Misconfigured, match="another host"):
        await scene.proven()


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://id.example.se/token", True),
        ("https://ID.example.se:443/token", True),
        ("https://where.example.se/token", True),
        ("https://id.example.se:8443/token", False),
        ("http://id.example.se/token", False),
        ("https://id.example.se.evil.example/token", False),
        ("https://id.example.se.:443/token", False),
    ],
)
async def test_only_the_origins_of_the_settings_are_called_wherever_they_lie(url: str, own: bool) -> None:
    settings = OidcSettings(
        issuer="https://id.example.se/a",
        client_id="hub",
        client_secret="s",
        discovery="https://where.example.se/.well-known/openid-configuration",
    )
    async with ClientSession(cookie_jar=DummyCookieJar()) as named, guarded_session() as other:
        assert Reach(settings, named, other).session_for(url) is (named if own else other)
