"""The only HTTP sessions by which the hub itself calls somebody."""

from __future__ import annotations

from ssl import SSLContext

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

VENDOR_SECONDS = 10.0
"""The longest that a whole call to a vendor may take; its caller may allow less."""
VENDOR_CONNECTIONS = 100


def vendor_session(tls: SSLContext | None = None) -> ClientSession:
    """A session for fixed hosts that settings name: no cookies, no proxies of the environment, bounded in time.

    `tls` is None for the authorities that this machine trusts.
    Callers refuse redirects themselves (`allow_redirects=False`): a vendor's answer never chooses another host.
    """
    return ClientSession(
        connector=TCPConnector(limit=VENDOR_CONNECTIONS, ttl_dns_cache=60, ssl=True if tls is None else tls),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=VENDOR_SECONDS),
        trust_env=False,
        headers={"User-Agent": "approvals-hub"},
    )
