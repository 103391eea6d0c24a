"""A code for tokens, and how the hub proves who it is."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from identity.errors import Misconfigured, NotProven, ProviderDown, Refused
from identity.jws import json_object, read
from identity.oidc_discovery import Provider
from identity.oidc_reach import Reach
from identity.oidc_request import Sent
from identity.oidc_settings import OidcSettings
from identity.oidc_token import LONGEST_TOKEN, TokenEndpoint, tokens_in
from identity.vendor_http import Answer
from tests.fakes.mutual_tls import MutualTls, rsa_key
from tests.fakes.openid_provider import CLIENT, OpenIdProvider
from tests.fakes.openid_scene import Scene, openid_scene
from tests.fakes.trouble import Trouble

JWT: dict[str, Any] = {"client_auth": "private_key_jwt", "client_secret": None}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with openid_scene() as found:
        yield found


async def proves_itself(scene: Scene, **changes: Any) -> None:
    """One sign-in with these settings; the provider refuses whom it does not know."""
    scene.provider = scene.provider_with(**changes)
    assert await scene.proven()


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
async def test_the_hub_proves_itself_with_its_secret(scene: Scene, way: str) -> None:
    # The secret holds a space, a plus, a slash and a percent sign, the client's id a colon.
    await proves_itself(scene, client_auth=way)


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
async def test_a_wrong_secret_is_told_as_a_wrong_setting(scene: Scene, way: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        await proves_itself(scene, client_auth=way, client_secret="another secret")
    assert refusal.value.hint == "invalid_client"
    assert "another secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "key", [rsa_key("hub"), ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())]
)
@pytest.mark.parametrize("audience", ["issuer", "token_endpoint"])
async def test_the_hub_proves_itself_with_its_key(scene: Scene, tmp_path: Path, key: Any, audience: str) -> None:
    scene.op.client_key = key.public_key()
    await proves_itself(scene, **JWT, key=written(tmp_path, key), key_id="of-the-hub", assertion_audience=audience)
    claims, header = assertion_of(scene)
    to = {"issuer": scene.op.issuer, "token_endpoint": f"{scene.op.issuer}/token"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT, CLIENT, to[audience])
    assert header["kid"] == "of-the-hub"
    assert "client_secret" not in scene.op.redeemed[-1]


async def test_an_assertion_is_good_for_a_minute_and_new_each_time(scene: Scene, tmp_path: Path) -> None:
    scene.op.client_key = rsa_key("hub").public_key()
    await proves_itself(scene, **JWT, key=written(tmp_path, rsa_key("hub")))
    one, _ = assertion_of(scene)
    await scene.proven()
    two, _ = assertion_of(scene)
    assert one["jti"] != two["jti"]
    assert one["exp"] - one["iat"] == 60


async def test_the_hub_proves_itself_with_its_certificate(tmp_path: Path) -> None:
    mutual = MutualTls(tmp_path)
    op = OpenIdProvider(lambda: 1_789_000_000_000, mutual.server())
    await op.open()
    settings = OidcSettings(issuer=op.issuer, client_id=CLIENT, client_auth="tls_client_auth")
    async with ClientSession() as session:
        endpoint = TokenEndpoint(settings, Reach(settings, session, None), mutual.client())
        async with openid_scene() as scene:
            challenge = await scene.begun(scene.step_up())
            found = await scene.came_back(challenge)
            op.codes = scene.op.codes
            sent = challenge.state
        provider = Provider("", f"{op.issuer}/token", "", ("RS256",), sends_iss=False)
        tokens = await endpoint.redeem(provider, Sent(**sent), found["code"], now=1_789_000_000_000)
    await op.close()
    assert tokens.id_token
    assert op.redeemed[-1]["client_id"] == CLIENT


async def test_a_certificate_is_needed_where_the_hub_proves_itself_with_one(scene: Scene) -> None:
    settings = OidcSettings(issuer=scene.op.issuer, client_id=CLIENT, client_auth="tls_client_auth")
    with pytest.raises(Misconfigured, match="certificate"):
        TokenEndpoint(settings, Reach(settings, scene.session, None), None)
    assert TokenEndpoint(settings, Reach(settings, scene.session, None), ssl.create_default_context())


async def test_a_code_is_redeemed_with_the_verifier_and_the_same_address(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    await scene.completed(step_up, challenge.state, await scene.came_back(challenge))
    form = scene.op.redeemed[-1]
    assert form["code_verifier"] == challenge.state["verifier"]
    assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", step_up.return_url)


async def test_a_provider_that_is_asked_too_often_says_when_to_come_back(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    answer = await scene.came_back(challenge)
    await scene.proven()
    with scene.op.plays(Trouble.THROTTLED), pytest.raises(ProviderDown) as refusal:
        await scene.completed(step_up, challenge.state, answer)
    assert refusal.value.retry_after == 7.0


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_grant", Refused),
        (401, "invalid_client", Misconfigured),
        (400, "unauthorized_client", Misconfigured),
        (400, "Made-up <b>", Misconfigured),
        (404, "", Misconfigured),
        (429, "slow_down", ProviderDown),
        (500, "invalid_grant", ProviderDown),
        (503, "", ProviderDown),
    ],
)
def test_a_refusal_has_its_meaning(status: int, error: str, kind: type[NotProven]) -> None:
    body = json.dumps({"error": error, "error_description": "quoted-by-it"}).encode()
    with pytest.raises(NotProven) as refusal:
        tokens_in(Answer(status, {"Content-Type": "application/json"}, body))
    assert type(refusal.value) is kind
    assert "quoted-by-it" not in str(refusal.value)
    assert "<b>" not in f"{refusal.value} {refusal.value.hint}"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"id_token":7}', b'{"id_token":null}', b'{"id_token":"' + b"x" * LONGEST_TOKEN + b'x"}'],
)
def test_an_answer_without_an_id_token_is_told_as_an_outage(body: bytes) -> None:
    with pytest.raises(ProviderDown):
        tokens_in(Answer(200, {"Content-Type": "application/json"}, body))


def test_an_answer_that_is_not_called_json_is_told_as_an_outage() -> None:
    with pytest.raises(ProviderDown, match="JSON"):
        tokens_in(Answer(200, {"Content-Type": "text/html"}, b'{"id_token":"a.b.c"}'))


def written(folder: Path, key: Any) -> str:
    path = folder / "client.key"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(path)


def assertion_of(scene: Scene) -> tuple[dict[str, Any], Any]:
    jws = read(scene.op.redeemed[-1]["client_assertion"], largest=4096)
    return json_object(jws.payload), jws.header
