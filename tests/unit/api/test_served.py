"""The names a hub is reached by come from its settings alone."""

from __future__ import annotations

import pytest

from approvals_hub.api.served import Served


@pytest.mark.parametrize(
    ("public_url", "hosts"),
    [
        ("https://hub.example", {"hub.example", "hub.example:443"}),
        ("https://HUB.example/", {"hub.example", "hub.example:443"}),
        ("https://hub.example:8443", {"hub.example:8443"}),
        ("http://localhost:8420", {"localhost:8420", "127.0.0.1:8420", "[::1]:8420"}),
        ("http://127.0.0.1:8420", {"localhost:8420", "127.0.0.1:8420", "[::1]:8420"}),
        ("http://[::1]:8420", {"localhost:8420", "127.0.0.1:8420", "[::1]:8420"}),
    ],
)
def test_a_hub_answers_to_its_public_host_and_locally_to_every_local_name(public_url: str, hosts: set[str]) -> None:
    assert Served(public_url).hosts == hosts


def test_an_operator_can_add_hosts() -> None:
    assert "Hub.LAN:8420".lower() in Served("https://hub.example", extra_hosts=("Hub.LAN:8420",)).hosts


def test_the_origin_is_scheme_and_host_in_lower_case() -> None:
    assert Served("https://Hub.example/").origin == "https://hub.example"


def test_signatures_are_for_the_public_url_without_its_slash() -> None:
    assert Served("https://hub.example/").base == "https://hub.example"


def test_the_rp_id_has_no_port() -> None:
    assert Served("http://localhost:8420").host_name == "localhost"


def test_only_https_is_secure() -> None:
    assert (Served("https://hub.example").secure, Served("http://localhost").secure) == (True, False)
