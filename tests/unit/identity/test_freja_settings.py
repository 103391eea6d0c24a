"""Freja's settings, and the certificates they name."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from identity.errors import Misconfigured
from identity.freja_settings import FrejaSettings, jws_certificates, tls
from tests.fakes.freja import freja_certificate
from tests.fakes.mutual_tls import MutualTls, self_signed


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    mutual = MutualTls(tmp_path)
    published = tmp_path / "jws.pem"
    published.write_bytes(freja_certificate().public_bytes(Encoding.PEM))
    return {
        "certificate": mutual.certificate,
        "key": mutual.key,
        "server_ca": mutual.ca,
        "jws_certificates": [str(published)],
    }


def settings_of(files: dict[str, Any], **changes: Any) -> FrejaSettings:
    return msgspec.convert({**files, **changes}, FrejaSettings)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://services.prod.frejaeid.com"),
        ({"environment": "test"}, "https://services.test.frejaeid.com"),
        ({"url": "https://freja.example/"}, "https://freja.example"),
    ],
)
def test_each_environment_has_its_address(files: dict[str, Any], changes: dict[str, Any], url: str) -> None:
    assert settings_of(files, **changes).base_url == url


def test_the_highest_level_is_asked_for_where_nothing_is_said(files: dict[str, Any]) -> None:
    assert settings_of(files).min_registration_level == "PLUS"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"url": "http://services.prod.frejaeid.com"}, "url"),
        ({"environment": "staging"}, "environment"),
        ({"min_registration_level": "BASIC"}, "min_registration_level"),
        ({"known_by": "email"}, "known_by"),
        ({"jws_certificates": []}, "jws_certificates"),
        ({"known_by": "relying_party_user_id", "keep_personal_number": True}, "keep_personal_number"),
        ({"min_level": "PLUS"}, "min_level"),
    ],
)
def test_a_setting_that_is_wrong_or_not_safe_is_refused_by_name(
    files: dict[str, Any], wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(msgspec.ValidationError, match=named):
        settings_of(files, **wrong)


def test_only_frejas_own_authority_counts_for_the_server(files: dict[str, Any]) -> None:
    context = tls(settings_of(files))
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("name", ["certificate", "key", "server_ca", "key_password_file"])
def test_a_missing_file_is_told_as_a_wrong_setting(files: dict[str, Any], tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured):
        tls(settings_of(files, **{name: str(tmp_path / "absent.pem")}))


def test_a_key_of_another_certificate_is_told_as_a_wrong_setting(files: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(Misconfigured):
        tls(settings_of(files, key=MutualTls(tmp_path / "other").key))


def test_a_server_ca_that_is_no_authority_is_told_as_a_wrong_setting(files: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        tls(settings_of(files, server_ca=files["certificate"]))


def test_several_certificates_of_frejas_results_are_read(files: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "next.pem").write_bytes(freja_certificate("freja's next").public_bytes(Encoding.PEM))
    names = [*files["jws_certificates"], str(tmp_path / "next.pem")]
    assert len(jws_certificates(settings_of(files, jws_certificates=names))) == 2


def test_a_certificate_that_is_missing_broken_or_weak_is_told_as_a_wrong_setting(
    files: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "broken.pem").write_text("no certificate")
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    (tmp_path / "weak.pem").write_bytes(self_signed("weak", weak).public_bytes(Encoding.PEM))
    for name in ("absent.pem", "broken.pem", "weak.pem", "client.pem"):
        with pytest.raises(Misconfigured, match="jws_certificates"):
            jws_certificates(settings_of(files, jws_certificates=[str(tmp_path / name)]))
