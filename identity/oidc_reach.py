"""By which session the hub calls an OpenID provider: what it names itself is called as a stranger's address is.

The operator named one origin, whose description names others. A provider that was taken over, or whose description was
tampered with, would otherwise have the hub call whatever is behind it in its own network, with a secret in the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from identity.errors import Misconfigured

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from identity.oidc_settings import OidcSettings

_PORTS = {"https": 443, "http": 80}

Origin = tuple[str, str, int | None]


class Reach:
    """The sessions of one provider. Opens and closes nothing."""

    def __init__(self, settings: OidcSettings, named: ClientSession, elsewhere: ClientSession | None) -> None:
        """`named`: for the origin of `issuer` and that of `discovery`, wherever these lie. `elsewhere`: reaches public
        addresses and the settings' `private_networks` alone, at each connection; None where nothing else is called."""
        self._origins = {origin_of(settings.issuer), origin_of(settings.discovery_url)}
        self._named = named
        self._elsewhere = elsewhere

    def session_for(self, url: str) -> ClientSession:
        """The session that may call this safe URL. Raises Misconfigured."""
        if origin_of(url) in self._origins:
            return self._named
        if self._elsewhere is None:
            raise Misconfigured("the identity provider's description names another host than the settings do")
        return self._elsewhere


def origin_of(url: str) -> Origin:
    """Scheme, host and port (RFC 6454, section 4) of a URL that `is_safe_url` takes."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
