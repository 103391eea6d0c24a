"""BankID's settings, and the certificates they name."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from identity.bankid_settings import PRODUCTION_URL, TEST_URL, Settings, policies_of, tls
from identity.errors import Misconfigured
from tests.fakes.bankid_scene import authorities


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(referring_domain="hub.example.se", **authorities().write(tmp_path))


def test_the_production_environment_is_meant_where_nothing_else_is_said(settings: Settings) -> None:
    assert settings.url == PRODUCTION_URL
    assert TEST_URL != PRODUCTION_URL


@pytest.mark.parametrize(
    ("kinds", "test", "policies"),
    [
        (("mobile",), False, ("1.2.752.78.1.5",)),
        (("mobile",), True, ("1.2.3.4.25", "1.2.752.60.1.6")),
        (("file", "card"), False, ("1.2.752.78.1.1", "1.2.752.78.1.2")),
        (("file", "card"), True, ("1.2.3.4.5", "1.2.3.4.10")),
        ((), False, ()),
    ],
)
def test_kinds_of_bankid_have_their_policies(kinds: tuple[str, ...], test: bool, policies: tuple[str, ...]) -> None:
    assert policies_of(*kinds, test=test) == policies


def test_an_unknown_kind_of_bankid_is_refused() -> None:
    with pytest.raises(ValueError, match="'moblie': file, card, mobile"):
        policies_of("moblie")


@pytest.mark.parametrize(
    "wrong",
    [{"url": "http://appapi2.bankid.com/rp/v6.0"}, {"card_reader": "class3"}, {"most_orders": 0}],
)
def test_a_setting_that_bankid_would_refuse_is_refused_at_once(settings: Settings, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(settings, **wrong)  # type: ignore[arg-type]  # the wrong values are the point


def test_the_keys_password_stays_out_of_the_settings_text(settings: Settings) -> None:
    assert "hemligt-ord" not in repr(replace(settings, key_password="hemligt-ord"))


def test_only_bankids_own_authority_counts_for_the_server(settings: Settings) -> None:
    context = tls(settings)
    assert [dict(each[0] for each in ca["subject"])["commonName"] for ca in context.get_ca_certs()] == [
        "Test BankID SSL Root CA v1"
    ]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("name", ["certificate", "key", "server_ca"])
def test_a_missing_file_is_told_as_a_wrong_setting(settings: Settings, tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured):
        tls(replace(settings, **{name: tmp_path / "absent.pem"}))


def test_a_key_of_another_certificate_is_told_as_a_wrong_setting(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authorities().server.key_pem)
    with pytest.raises(Misconfigured):
        tls(replace(settings, key=other))


def test_a_certificate_that_is_no_authority_cannot_vouch_for_the_server(settings: Settings) -> None:
    with pytest.raises(Misconfigured, match="authority"):
        tls(replace(settings, server_ca=settings.certificate))
