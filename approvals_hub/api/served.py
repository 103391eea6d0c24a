"""Where the API is served: its names, and who may speak for callers behind a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from approvals_hub.api.limits import OPENINGS_PER_MINUTE

Network = IPv4Network | IPv6Network

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Served:
    """Everything the API takes from the settings. Nothing here is ever learnt from a request."""

    public_url: str
    """Scheme, host and port as callers know them; signatures and tokens are for this URL."""
    extra_hosts: tuple[str, ...] = ()
    """Further values of `Host` that are answered, like an address on the local network."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-For is believed."""
    openings_per_minute: int = OPENINGS_PER_MINUTE
    """Sign-ins and the like from one address; behind a proxy that is not trusted, everybody has the proxy's."""

    @cached_property
    def base(self) -> str:
        """The public URL without a slash at its end; `@target-uri` is this and the request's path."""
        return self.public_url.rstrip("/")

    @cached_property
    def origin(self) -> str:
        """The one web origin whose pages may use a session cookie."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @cached_property
    def secure(self) -> bool:
        """Whether browsers may insist on https."""
        return self.public_url.startswith("https://")

    @cached_property
    def host_name(self) -> str:
        """The public host without a port: the rpId of passkeys."""
        return urlsplit(self.public_url).hostname or ""

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Every value of `Host` that is answered. A page that points its own name at this machine has another one."""
        parts = urlsplit(self.public_url)
        default = _PORTS.get(parts.scheme)
        port = parts.port or default
        name = f"[{parts.hostname}]" if ":" in self.host_name else self.host_name
        names = {name, *LOCAL_NAMES} if name in LOCAL_NAMES else {name}
        hosts = {f"{each}:{port}" for each in names}
        if port == default:
            hosts |= names
        return frozenset(hosts | {host.lower() for host in self.extra_hosts})
