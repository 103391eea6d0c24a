"""A provider's description: fetched, checked, kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from identity.errors import Misconfigured, ProviderDown
from identity.oidc_discovery import FRESH_FOR, LARGEST_DOCUMENT, Discovery, described
from identity.oidc_reach import Reach
from identity.oidc_settings import OidcSettings
from tests.fakes.openid_scene import Scene, openid_scene
from tests.fakes.trouble import Trouble

PATH = "/.well-known/openid-configuration"
ISSUER = "https://id.example.se"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://login.example.se/authorize?tenant=a",
    "token_endpoint": "https://api.example.se/token",
    "jwks_uri": "https://keys.example.se/jwks",
    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with openid_scene() as found:
        yield found


@pytest.fixture
def discovery(scene: Scene) -> Discovery:
    return Discovery(scene.settings, Reach(scene.settings, scene.session, None), scene.clock)


def settings_of(**changes: Any) -> OidcSettings:
    return msgspec.convert({"issuer": ISSUER, "client_id": "hub", "client_secret": "s", **changes}, OidcSettings)


def read(settings: OidcSettings | None = None, **changes: Any) -> Any:
    document = {name: value for name, value in {**DOCUMENT, **changes}.items() if value is not None}
    return described(json.dumps(document).encode(), settings or settings_of())


async def test_a_description_is_fetched_once_for_many(scene: Scene, discovery: Discovery) -> None:
    await asyncio.gather(*(discovery.provider() for _ in range(20)))
    assert scene.op.paths() == [PATH]


async def test_a_description_is_fetched_again_after_an_hour(scene: Scene, discovery: Discovery) -> None:
    await discovery.provider()
    scene.now += FRESH_FOR - 1
    await discovery.provider()
    scene.now += 1
    await discovery.provider()
    assert scene.op.paths() == [PATH, PATH]


async def test_a_redirect_of_the_description_is_not_followed(scene: Scene, discovery: Discovery) -> None:
    elsewhere = {"Location": scene.op.base_url + "/jwks"}
    scene.op.knobs.documents[PATH] = lambda: web.Response(status=302, headers=elsewhere)
    with pytest.raises(Misconfigured, match="302"):
        await discovery.provider()
    assert scene.op.paths() == [PATH]


async def test_a_description_that_never_ends_is_given_up(scene: Scene, discovery: Discovery) -> None:
    with scene.op.plays(Trouble.FLOODS), pytest.raises(ProviderDown, match="too large"):
        await discovery.provider()


async def test_a_huge_key_set_is_not_read(scene: Scene, discovery: Discovery) -> None:
    huge = b'{"keys":[' + b" " * LARGEST_DOCUMENT + b"]}"
    scene.op.knobs.documents["/jwks"] = lambda: web.Response(body=huge, content_type="application/json")
    with pytest.raises(ProviderDown, match="too large"):
        await discovery.keys()


async def test_a_page_in_place_of_a_description_is_told_as_an_outage(scene: Scene, discovery: Discovery) -> None:
    scene.op.knobs.documents[PATH] = lambda: web.Response(text="<html>", content_type="text/html")
    with pytest.raises(ProviderDown, match="not JSON"):
        await discovery.provider()


async def test_a_missing_description_is_told_as_a_wrong_address(scene: Scene, discovery: Discovery) -> None:
    scene.op.knobs.documents[PATH] = lambda: web.Response(status=404)
    with pytest.raises(Misconfigured, match="404"):
        await discovery.provider()


async def test_a_provider_that_is_asked_too_often_says_when_to_come_back(scene: Scene, discovery: Discovery) -> None:
    with scene.op.plays(Trouble.THROTTLED), pytest.raises(ProviderDown) as refusal:
        await discovery.provider()
    assert refusal.value.retry_after == 7.0


async def test_a_bad_description_is_not_kept(scene: Scene, discovery: Discovery) -> None:
    scene.op.knobs.discovery["issuer"] = "https://evil.example"
    with pytest.raises(Misconfigured):
        await discovery.provider()
    scene.op.knobs.discovery.clear()
    assert await discovery.provider()


def test_endpoints_may_be_on_other_hosts_and_have_a_query() -> None:
    found = read()
    assert found.authorization_endpoint == DOCUMENT["authorization_endpoint"]
    assert (found.token_endpoint, found.jwks_uri) == (DOCUMENT["token_endpoint"], DOCUMENT["jwks_uri"])


@pytest.mark.parametrize(
    "issuer",
    [
        ISSUER + "/",
        "https://id.example.se:443",
        "https://ID.example.se",
        "http://id.example.se",
        "https://evil.se",
        None,
        7,
    ],
)
def test_an_issuer_that_differs_by_a_slash_a_port_or_a_letter_is_another_one(issuer: Any) -> None:
    with pytest.raises(Misconfigured, match="another issuer"):
        read(issuer=issuer)


def test_an_issuer_with_a_slash_at_the_end_is_itself() -> None:
    assert read(settings_of(issuer=ISSUER + "/"), issuer=ISSUER + "/")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url", [None, 7, "", "http://id.example.se/x", "javascript:alert(1)", "https://u:p@id.se", "/x"]
)
def test_an_endpoint_that_is_no_https_address_is_refused(name: str, url: Any) -> None:
    with pytest.raises(Misconfigured, match=name):
        read(**{name: url})


@pytest.mark.parametrize("name", ["redirect_uri", "state", "nonce", "client_id", "prompt", "acr_values", "request_uri"])
def test_an_endpoint_whose_query_sets_a_parameter_of_ours_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured, match="hub's to set"):
        read(authorization_endpoint=f"https://id.example.se/authorize?{name}=evil")


def test_algorithms_are_those_that_both_sides_allow() -> None:
    assert read().algorithms == ("RS256",)
    assert read(id_token_signing_alg_values_supported=None).algorithms == ("RS256",)


@pytest.mark.parametrize("offered", [["HS256"], ["none"], [], ["RS384"], [7]])
def test_a_provider_that_offers_only_shared_secrets_or_nothing_is_refused(offered: list[Any]) -> None:
    with pytest.raises(Misconfigured, match="algorithm"):
        read(id_token_signing_alg_values_supported=offered)


@pytest.mark.parametrize(
    ("name", "values"),
    [("response_types_supported", ["id_token"]), ("code_challenge_methods_supported", ["plain"])],
)
def test_a_provider_without_codes_or_without_pkce_is_refused(name: str, values: list[str]) -> None:
    with pytest.raises(Misconfigured, match=name):
        read(**{name: values})


@pytest.mark.parametrize(("told", "sends"), [(True, True), (False, False), (None, False), ("true", False)])
def test_whether_it_names_itself_is_what_it_says(told: Any, sends: bool) -> None:
    assert read(authorization_response_iss_parameter_supported=told).sends_iss is sends


def test_the_address_for_certificates_is_used_with_certificates_alone() -> None:
    aliases = {"token_endpoint": "https://mtls.example.se/token"}
    with_tls = settings_of(client_auth="tls_client_auth", client_secret=None)
    assert read(with_tls, mtls_endpoint_aliases=aliases).token_endpoint == aliases["token_endpoint"]
    assert read(mtls_endpoint_aliases=aliases).token_endpoint == DOCUMENT["token_endpoint"]


@pytest.mark.parametrize("octets", [b"", b"[]", b"\xff", b"{", b'{"issuer":"a","issuer":"b"}'])
def test_what_is_no_description_is_told_as_an_outage(octets: bytes) -> None:
    with pytest.raises(ProviderDown):
        described(octets, settings_of())
