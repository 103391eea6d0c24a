"""The session for vendors keeps nothing, and is bounded."""

from __future__ import annotations

from aiohttp import DummyCookieJar

from approvals_hub.outbound import VENDOR_SECONDS, vendor_session


async def test_the_session_keeps_no_cookies_asks_no_environment_and_ends_in_time() -> None:
    async with vendor_session() as session:
        assert isinstance(session.cookie_jar, DummyCookieJar)
        assert session.timeout.total == VENDOR_SECONDS
        assert session.trust_env is False
