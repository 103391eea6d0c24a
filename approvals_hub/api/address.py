"""Where a request comes from: the peer, or what a trusted proxy says of it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import web

from approvals_hub.api.served import Network

Address = IPv4Address | IPv6Address

LOCAL = "local"
"""A peer without an address: a Unix socket."""


def client_address(request: web.Request, trusted: tuple[Network, ...]) -> str:
    """The caller's address.

    X-Forwarded-For is read from its end, where the nearest proxy writes, as long as a trusted one speaks; what a caller
    wrote there itself is never reached.
    """
    peer = _address(request.remote or "")
    if peer is None:
        return LOCAL
    if trusted and _within(peer, trusted):
        named = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        for text in reversed(named):
            hop = _address(text.strip())
            if hop is None:
                break
            peer = hop
            if not _within(hop, trusted):
                break
    return str(peer)


def source_of(address: str) -> str:
    """What is counted as one source: an IPv4 address, or the /64 that an IPv6 customer has for itself."""
    parsed = _address(address)
    if not isinstance(parsed, IPv6Address):
        return address
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
