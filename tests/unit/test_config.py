"""Settings: where they come from, which wins, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from approvals_hub.config import (
    ENVIRONMENT,
    Settings,
    check_public_url,
    fields_of,
    load,
)
from approvals_hub.core.errors import Invalid


def toml(folder: Path, text: str) -> Path:
    (folder / "hub.toml").write_text(text)
    return folder / "hub.toml"


def test_a_hub_without_settings_is_one_for_this_computer(tmp_path: Path) -> None:
    settings = load(None, {}, {"data": tmp_path})
    assert settings.public_url == "http://localhost:8420"
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8420)
    assert settings.database.url == f"sqlite:{tmp_path}/hub.db"
    assert settings.key_file == tmp_path / "keys/kek"
    assert settings.audit.checkpoints == tmp_path / "checkpoints"
    assert settings.offline_page is True


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = toml(tmp_path, "[listen]\nhost = '10.0.0.1'\nport = 1\n")
    assert load(file, {}, {"data": tmp_path}).listen.port == 1
    environment = {f"{ENVIRONMENT}LISTEN__PORT": "2"}
    assert load(file, environment, {"data": tmp_path}).listen.port == 2
    settings = load(file, environment, {"data": tmp_path, "listen.port": 3, "listen.host": None})
    assert (settings.listen.host, settings.listen.port) == ("10.0.0.1", 3)


def test_the_file_of_the_data_folder_is_found(tmp_path: Path) -> None:
    toml(tmp_path, "public_url = 'https://Approvals.Example.COM:443/'\n")
    assert load(None, {}, {"data": tmp_path}).public_url == "https://approvals.example.com"


def test_a_port_that_is_chosen_is_in_the_address_that_people_type(tmp_path: Path) -> None:
    assert load(None, {}, {"data": tmp_path, "listen.port": 9000}).public_url == "http://localhost:9000"


def test_a_list_in_the_environment_is_parted_by_commas(tmp_path: Path) -> None:
    environment = {f"{ENVIRONMENT}TRUSTED_PROXIES": "127.0.0.1/32, ::1", f"{ENVIRONMENT}OFFLINE_PAGE": "false"}
    settings = load(None, environment, {"data": tmp_path})
    assert (settings.trusted_proxies, settings.offline_page) == (["127.0.0.1/32", "::1"], False)


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://hub:secret@db/hub\n")
    settings = load(toml(tmp_path, "[database]\nurl_file = 'url'\n"), {}, {"data": tmp_path})
    assert settings.database.url == "postgresql://hub:secret@db/hub"
    assert settings.on_sqlite is False


def test_a_secret_in_two_places_is_refused(tmp_path: Path) -> None:
    file = toml(tmp_path, "[database]\nurl = 'postgresql://a/b'\nurl_file = 'url'\n")
    with pytest.raises(Invalid, match="both set"):
        load(file, {}, {"data": tmp_path})


def test_every_path_is_absolute_wherever_the_hub_was_started(tmp_path: Path) -> None:
    settings = load(None, {}, {"data": Path("some/folder")})
    assert settings.data == Path("some/folder").absolute()
    assert settings.key_file.is_absolute()
    assert settings.socket == settings.data / "hub.sock"


@pytest.mark.parametrize(
    ("text", "field", "fix"),
    [
        ("pubic_url = 'x'", "pubic_url", "Did you mean public_url?"),
        ("[listen]\nprot = 1", "listen.prot", "Did you mean listen.port?"),
        ("[lisen]\nport = 1", "lisen", "Did you mean listen?"),
        ("zzz = 1", "zzz", "docs/reference/settings.md"),
    ],
)
def test_an_unknown_setting_is_an_error_that_names_the_nearest_one(
    tmp_path: Path, text: str, field: str, fix: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        load(toml(tmp_path, text), {}, {"data": tmp_path})
    assert wrong.value.field == field
    assert fix in wrong.value.next_step


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LISTN__PORT", "1"),
        ("LISTEN__PROT", "1"),
        ("LISTEN", "1"),
        ("LISTEN__PORT", "many"),
        ("LISTEN__PORT__X", "1"),
        ("DATA", ""),
        ("LOG__LEVEL", "loud"),
    ],
)
def test_a_wrong_variable_is_an_error_that_names_it(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(Invalid) as wrong:
        load(None, {ENVIRONMENT + name: text})
    assert wrong.value.field == ENVIRONMENT + name


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("listen = 1", "listen"),
        ("[listen]\nport = '8420'", "listen.port"),
        ("[listen]\nport = 0", "listen.port"),
        ("[listen]\nport = 65536", "listen.port"),
        ("[log]\nformat = 'xml'", "log.format"),
        ("shutdown_seconds = 61", "shutdown_seconds"),
        ("[delivery_log]\ndays = 0", "delivery_log"),
        ("[delivery_log]\ndays = '30'", "delivery_log.days"),
        ("[recovery]\nkey_wait_seconds = 59", "recovery.key_wait_seconds"),
        ("[recovery]\nlink_wait_seconds = 2592001", "recovery.link_wait_seconds"),
        ("offline_page = 'yes'", "offline_page"),
        ("trusted_proxies = ['10.0.0.0/33']", "trusted_proxies"),
        ("trusted_proxies = '10.0.0.0/8'", "trusted_proxies"),
        ("trusted_proxies = ['10.0.0.1/8']", "trusted_proxies"),
        ("[database]\nurl = 'mysql://x'", "database.url"),
        ("[database]\nurl = 'sqlite:'", "database.url"),
        ("[database]\nurl_file = 'not-there'", "database.url_file"),
        ("public_url = 'http://hub.example.com'", "public_url"),
        ("this is no TOML", "config"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_its_setting(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        load(toml(tmp_path, text), {}, {"data": tmp_path})
    assert wrong.value.field == field


def test_a_settings_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        load(tmp_path / "hub.toml", {})


def test_a_password_in_a_wrong_database_url_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as wrong:
        load(None, {f"{ENVIRONMENT}DATABASE__URL": "mysql://hub:hunter2@db"}, {"data": tmp_path})
    assert "hunter2" not in f"{wrong.value} {wrong.value.next_step}"


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://hub.example.com", "https://hub.example.com"),
        ("https://hub.example.com:8443/", "https://hub.example.com:8443"),
        ("HTTPS://HUB.example.com:443", "https://hub.example.com"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ("http://[::1]:8420", "http://[::1]:8420"),
    ],
)
def test_a_public_url_has_one_form(url: str, normal: str) -> None:
    assert check_public_url(url) == normal


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20:8420",  # no secure context: no passkeys, no keys
        "http://localhost.example.com",
        "http://127.0.0.1.nip.io",
        "https://hub.example.com/path",
        "https://hub.example.com?x=1",
        "https://hub.example.com#x",
        "https://user:word@hub.example.com",
        "https://hub.example.com:99999",
        "https://häb.example.com",
        "https://",
        "ftp://hub.example.com",
        "hub.example.com",
        "",
    ],
)
def test_an_address_where_nobody_could_sign_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as wrong:
        check_public_url(url)
    assert wrong.value.field == "public_url"


def test_every_setting_has_its_words(tmp_path: Path) -> None:
    def tables(kind: Any) -> list[type]:
        return [kind, *(table for child in fields_of(kind).values() if fields_of(child) for table in tables(child))]

    assert [table.__name__ for table in tables(Settings) if not table.__doc__] == []
