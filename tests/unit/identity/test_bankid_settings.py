"""BankID's settings, and the certificates they name."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from identity.bankid_settings import BankIDSettings, people_roots, tls
from identity.errors import Misconfigured
from tests.fakes.bankid_scene import authorities


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return authorities().write(tmp_path)


def settings_of(files: dict[str, str], **changes: Any) -> BankIDSettings:
    return msgspec.convert({**files, **changes}, BankIDSettings)


def test_the_production_environment_is_meant_where_nothing_else_is_said(files: dict[str, str]) -> None:
    assert settings_of(files).base_url == "https://appapi2.bankid.com/rp/v6.0"


def test_the_test_environment_has_its_own_address(files: dict[str, str]) -> None:
    assert settings_of(files, environment="test").base_url == "https://appapi2.test.bankid.com/rp/v6.0"


@pytest.mark.parametrize(
    ("only", "environment", "policies"),
    [
        (["mobile"], "production", ("1.2.752.78.1.5",)),
        (["mobile"], "test", ("1.2.3.4.25", "1.2.752.60.1.6")),
        (["file", "card"], "production", ("1.2.752.78.1.1", "1.2.752.78.1.2")),
        (["file", "card"], "test", ("1.2.3.4.5", "1.2.3.4.10")),
        ([], "production", ()),
    ],
)
def test_kinds_of_bankid_have_the_policies_of_their_environment(
    files: dict[str, str], only: list[str], environment: str, policies: tuple[str, ...]
) -> None:
    assert settings_of(files, only=only, environment=environment).certificate_policies == policies


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://appapi2.bankid.com/rp/v6.0"},
        {"environment": "staging"},
        {"only": ["moblie"]},
        {"card_reader": "class3"},
        {"most_orders": 0},
        {"most_order": 3},
    ],
)
def test_a_setting_that_bankid_would_refuse_is_refused_at_once(files: dict[str, str], wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=next(iter(wrong))):
        settings_of(files, **wrong)


def test_only_bankids_own_authority_counts_for_the_server(files: dict[str, str]) -> None:
    context = tls(settings_of(files))
    names = [dict(each[0] for each in ca["subject"])["commonName"] for ca in context.get_ca_certs()]  # type: ignore[misc]  # typeshed knows no shape of a subject
    assert names == ["Test BankID SSL Root CA v1"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("name", ["certificate", "key", "server_ca", "key_password_file"])
def test_a_missing_file_is_told_as_a_wrong_setting(files: dict[str, str], tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured):
        tls(settings_of(files, **{name: str(tmp_path / "absent.pem")}))


def test_a_missing_file_of_peoples_authority_is_told_as_a_wrong_setting(files: dict[str, str]) -> None:
    assert people_roots(settings_of(files)) == authorities().root.pem
    with pytest.raises(Misconfigured):
        people_roots(settings_of(files, people_ca=files["people_ca"] + ".absent"))


def test_a_key_of_another_certificate_is_told_as_a_wrong_setting(files: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authorities().server.key_pem)
    with pytest.raises(Misconfigured):
        tls(settings_of(files, key=str(other)))


def test_a_certificate_that_is_no_authority_cannot_vouch_for_the_server(files: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="authority"):
        tls(settings_of(files, server_ca=files["certificate"]))


@pytest.mark.parametrize(
    ("written", "opens"), [("hemligt-ord\n", True), ("hemligt-ord", True), ("", False), ("fel", False)]
)
def test_a_locked_key_opens_with_the_password_in_its_file(
    files: dict[str, str], tmp_path: Path, written: str, opens: bool
) -> None:
    locked, password = tmp_path / "locked.pem", tmp_path / "password"
    encryption = BestAvailableEncryption(b"hemligt-ord")
    locked.write_bytes(authorities().relying_party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    password.write_text(written)
    settings = settings_of(files, key=str(locked), key_password_file=str(password))
    if opens:
        assert tls(settings)
        return
    with pytest.raises(Misconfigured) as refusal:
        tls(settings)
    assert "hemligt" not in str(refusal.value)
