"""An OpenID provider's settings, and what is refused in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from identity.errors import Misconfigured
from identity.oidc_settings import OidcSettings, private_key

GOOD = {"issuer": "https://id.example.se", "client_id": "hub", "client_secret": "a secret of the hub"}
JWT = {"client_auth": "private_key_jwt", "client_secret": None}


def settings_of(**changes: Any) -> OidcSettings:
    return msgspec.convert({**GOOD, **changes}, OidcSettings)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://id.example.se", "https://id.example.se/.well-known/openid-configuration"),
        ("https://id.example.se/", "https://id.example.se/.well-known/openid-configuration"),
        ("https://id.example.se/realms/a", "https://id.example.se/realms/a/.well-known/openid-configuration"),
    ],
)
def test_the_description_is_below_the_issuer(issuer: str, url: str) -> None:
    assert settings_of(issuer=issuer).discovery_url == url


def test_the_secret_is_not_shown() -> None:
    assert "a secret of the hub" not in repr(settings_of()) + str(settings_of())


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"issuer": "http://id.example.se"}, "issuer"),
        ({"issuer": "https://id.example.se?tenant=a"}, "issuer"),
        ({"issuer": "https://user:pw@id.example.se"}, "issuer"),
        ({"discovery": "http://id.example.se/x"}, "discovery"),
        ({"client_id": ""}, "client_id"),
        ({"client_secret": None}, "client_secret"),
        ({"key": "key.pem"}, "key"),
        ({**JWT}, "key"),
        ({**JWT, "key": "k", "client_secret": "s"}, "client_secret"),
        ({"client_auth": "tls_client_auth"}, "client_secret"),
        ({"client_auth": "none"}, "client_auth"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"scope": "email"}, "scope"),
        ({"scope": "openid  email"}, "scope"),
        ({"scope": 'openid "email"'}, "scope"),
        ({"acr_values": ["a b"]}, "acr_values"),
        ({"levels": {"a": "ULTRA"}}, "levels"),
        ({"identified": "invited"}, "identified"),
        ({"skew": 301}, "skew"),
        ({"skew": -1}, "skew"),
        ({"private_networks": ["10.0.0.0/8", "10.1.2.3/8"]}, "private_networks"),
        ({"private_networks": ["inner.example.se"]}, "private_networks"),
        ({"issuer": "https://login.example/{tenantid}/v2.0", "discovery": "https://login.example/d"}, "tenants"),
        ({"issuer": "https://login.example/{tenantid}/v2.0", "tenants": ["a"]}, "discovery"),
        ({"client_secrets": "x"}, "client_secrets"),
    ],
)
def test_settings_that_cannot_work_safely_are_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=named):
        settings_of(**wrong)


def test_a_refused_setting_does_not_quote_the_secret() -> None:
    with pytest.raises(msgspec.ValidationError) as refusal:
        settings_of(client_auth="tls_client_auth")
    assert GOOD["client_secret"] not in str(refusal.value)


def written(path: Path, key: Any, protection: KeySerializationEncryption | None = None) -> OidcSettings:
    protection = protection or NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    return settings_of(**JWT, key=str(path))


def test_each_kind_of_key_has_its_algorithm(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "PS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    }
    assert {alg: private_key(written(tmp_path / alg, key))[1] for alg, key in keys.items()} == {
        alg: alg for alg in keys
    }


def test_a_key_with_a_password_is_opened_with_the_files_first_line(tmp_path: Path) -> None:
    settings = written(tmp_path / "key", ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"a password"))
    (tmp_path / "password").write_text("a password\n")
    assert private_key(msgspec.structs.replace(settings, key_password_file=str(tmp_path / "password")))[1] == "EdDSA"


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(public_exponent=65537, key_size=1024)]
)
def test_a_weak_key_or_one_of_another_kind_is_refused(tmp_path: Path, key: Any) -> None:
    with pytest.raises(Misconfigured, match="neither"):
        private_key(written(tmp_path / "key", key))


def test_a_missing_key_a_broken_one_and_a_missing_password_are_told_as_wrong_settings(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("no key")
    locked = written(tmp_path / "locked", ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"a password"))
    for settings in (settings_of(**JWT, key="absent"), settings_of(**JWT, key=str(tmp_path / "broken")), locked):
        with pytest.raises(Misconfigured, match="cannot be loaded"):
            private_key(settings)
