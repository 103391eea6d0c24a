"""Names, keys and owners as OpenLeash writes them."""

from __future__ import annotations

from base64 import b64encode

import pytest

from approvals_hub.agents.openleash_names import SPKI, ForOpenLeash, check_handle, expected, read_spki, spki
from approvals_hub.core.errors import Invalid
from approvals_hub_client.keys import Ed25519SigningKey

KEY = Ed25519SigningKey(bytes(32)).public


def test_a_key_is_read_as_it_is_written() -> None:
    assert spki(KEY) == "MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="
    assert read_spki(spki(KEY), "$") == KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        b64encode(KEY.raw).decode(),
        b64encode(SPKI + bytes(32)).decode(),
        b64encode(SPKI + b"\x01" + bytes(31)).decode(),
        b64encode(SPKI + KEY.raw + b"\0").decode(),
        b64encode(SPKI[:-1] + b"\x01" + KEY.raw).decode(),
        b64encode(SPKI + KEY.raw).decode().rstrip("="),
        b64encode(SPKI + KEY.raw).decode() + "\n",
        "å",
    ],
)
def test_a_key_of_another_kind_or_under_which_anybodys_signature_verifies_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_spki(text, "$.agent_pubkey_b64")
    assert refused.value.field == "$.agent_pubkey_b64"


@pytest.mark.parametrize("name", ["shopper", "a", "com.example/bot:1", "x" * 128])
def test_a_name_is_any_visible_text(name: str) -> None:
    assert check_handle(name, "$") == name


@pytest.mark.parametrize("name", ["", "agt_06h1", "a b", "a\nb", "-x", "x" * 129, 'a"b', "a<b>", "åsa", "a\x7f"])
def test_a_name_that_looks_like_an_id_of_the_hub_or_like_markup_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_handle(name, "$")


def test_a_former_owner_is_a_uuid_and_never_somebody_here() -> None:
    assert expected(ForOpenLeash(owner_id="6fa459ea-ee8a-4ca4-894e-db77e160355e")).known_owner is not None
    for owner_id in ("per_06h1hsq1709uek83rr5ag1c9ao", "org_1", "", "6fa459ea"):
        with pytest.raises(Invalid):
            expected(ForOpenLeash(owner_id=owner_id))
