"""Where passkeys belong."""

from __future__ import annotations

import pytest

from approvals_hub.stepup.passkey import key_hash, known, relying_party, thumbprint


@pytest.mark.parametrize(
    ("url", "rp_id", "origin"),
    [
        ("https://hub.example", "hub.example", "https://hub.example"),
        ("https://hub.example/", "hub.example", "https://hub.example"),
        ("https://hub.example:8443/approvals", "hub.example", "https://hub.example:8443"),
        ("http://localhost:8080", "localhost", "http://localhost:8080"),
    ],
)
def test_the_public_url_gives_rp_id_and_origin(url: str, rp_id: str, origin: str) -> None:
    rp = relying_party(url)
    assert (rp.rp_id, rp.origins) == (rp_id, (origin,))


def test_further_origins_are_taken_as_they_are() -> None:
    assert relying_party("https://hub.example", origins=("android:apk-key-hash:x",)).origins[1:] == (
        "android:apk-key-hash:x",
    )


@pytest.mark.parametrize("url", ["", "hub.example", "ftp://hub.example", "https://"])
def test_a_url_without_a_host_belongs_to_nobody(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        relying_party(url)


def test_a_passkeys_thumbprint_is_the_hash_of_its_credential_id() -> None:
    # SHA-256 of the empty text
    assert thumbprint(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


def test_a_passkeys_key_hash_is_that_of_its_public_key() -> None:
    assert key_hash(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_what_is_kept_of_a_passkey_is_read_from_its_row() -> None:
    row = {"credential_id": memoryview(b"id"), "public_key": b"key", "sign_count": 3, "backup_eligible": 1}
    found = known(row)
    assert (found.credential_id, found.public_key, found.sign_count, found.backup_eligible) == (b"id", b"key", 3, True)
