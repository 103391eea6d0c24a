"""Which addresses are the internet's, and which lead into somebody's own network.

From the IANA registries of special-purpose addresses (RFC 6890). Python's own `is_global` has changed its mind between
releases: what must not be reached is written out here.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host; Linux connects it to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own, and where some clouds keep their metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
# Among them those in which an address of version 4 is wrapped, which a gateway would unwrap: 2002::/16 (6to4) and
# 2001::/32 (Teredo). NAT64's 64:ff9b::/96 and the mapped ::ffff:0:0/96 are not in 2000::/3 at all.
_NOT_PUBLIC_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as settings name them: `10.1.0.0/16`, `fd00::/8`. Raises ValueError, also for bits beyond the mask."""
    return tuple(ip_network(text) for text in texts)


def may_be_reached(text: str, allowed: Iterable[Network] = ()) -> bool:
    """Whether an address, as a socket has it, is public, or in a network that is allowed. False for what is none."""
    try:
        # The scope behind a percent sign names a network card of this machine.
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return _is_public(address) or any(address in network for network in allowed)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
