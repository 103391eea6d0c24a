"""Where a request comes from is for proxies of the operator to say, and for nobody else."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from approvals_hub.api.address import LOCAL, client_address, source_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


class Peer:
    """The one thing that is asked of a transport."""

    def __init__(self, address: str | None) -> None:
        self.address = address

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self.address, 1) if name == "peername" and self.address is not None else default


def seen(peer: str | None, forwarded: list[str], trusted: tuple[object, ...] = PROXIES) -> str:
    headers = [("X-Forwarded-For", text) for text in forwarded]
    request = make_mocked_request("GET", "/", CIMultiDict(headers), transport=Peer(peer))
    return client_address(request, trusted)  # type: ignore[arg-type]  # the test's own tuple of networks


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense, 10.0.0.3"], "10.0.0.3"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], LOCAL),
    ],
)
def test_the_nearest_hop_that_is_no_trusted_proxy_is_the_caller(peer: str, forwarded: list[str], address: str) -> None:
    assert seen(peer, forwarded) == address


def test_a_caller_that_forges_earlier_hops_is_seen_where_it_is() -> None:
    assert seen("10.0.0.1", ["127.0.0.1, 10.9.9.9, 203.0.113.9"]) == "203.0.113.9"


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert seen("10.0.0.1", ["198.51.100.1"], ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (LOCAL, LOCAL),
    ],
)
def test_an_ipv6_customer_is_one_source_however_many_addresses_it_has(address: str, source: str) -> None:
    assert source_of(address) == source
