"""The relay's settings: one file, read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.relay.settings import load

LEAST = 'public_url = "https://push.example.com/"\n'
APPLE = '[apns]\nkey_file = "apns.p8"\nkey_id = "K"\n'


def read(folder: Path, text: str) -> Path:
    (folder / "apns.p8").write_text("the key\n")
    (folder / "relay.toml").write_text(text)
    return folder / "relay.toml"


def test_paths_start_where_the_file_lies_and_secrets_are_read(tmp_path: Path) -> None:
    found = load(read(tmp_path, LEAST + APPLE + 'ca_file = "ca.pem"\n[listen]\nport = 9\n'))
    assert found.public_url == "https://push.example.com"
    assert found.data == tmp_path / "relay-data"
    assert found.apns == {"key": "the key", "key_id": "K", "ca_file": tmp_path / "ca.pem"}
    assert (found.listen.host, found.listen.port, found.handle_days) == ("127.0.0.1", 9, 365)
    assert "the key" not in repr(found)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("public_url", "config"),
        ("", "settings"),
        (LEAST, "apns"),
        (LEAST + 'words = "x"\n' + APPLE, "settings"),
        (LEAST + APPLE + "[listen]\nprot = 1\n", "listen"),
        (LEAST + APPLE + "[listen]\nport = 0\n", "listen.port"),
        (LEAST + "handle_days = 0\n" + APPLE, "handle_days"),
        (LEAST + "most_handles = 0\n" + APPLE, "most_handles"),
        (LEAST + 'trusted_proxies = ["x"]\n' + APPLE, "trusted_proxies"),
        ('public_url = "http://push.example.com"\n' + APPLE, "public_url"),
        (LEAST + '[apns]\nkey_file = "not-there"\n', "apns.key_file"),
        (LEAST + '[apns]\nkey_file = "apns.p8"\nkey = "x"\n', "apns.key_file"),
        (LEAST + "[apns]\nkey_file = 7\n", "apns.key_file"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        load(read(tmp_path, text))
    assert (refused.value.code, refused.value.field) == ("setting_wrong", field)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        load(tmp_path / "relay.toml")
