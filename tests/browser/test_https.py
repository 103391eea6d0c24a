"""The how-to of reaching a hub from a phone, done: its settings, a proxy that ends TLS, a passkey, a sign-in."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Browser, async_playwright

from tests.browser.phone import phone
from tests.fakes.reverse_proxy import HOST, reverse_proxy
from tests.fakes.tls import Authority
from tests.flows.commands import Commands
from tests.house.docs import FENCE
from tests.house.tree import ROOT
from tests.needs import chromium

NAME = "approvals.example.com"
AWAY = "198.51.100.7"
"""Where the proxy says that the phone is."""


def settings() -> str:
    """Those of the page, as they stand there."""
    page = (ROOT / "docs" / "howto" / "reach_a_phone.md").read_text()
    [found] = [fence["body"] for fence in FENCE.finditer(page) if "public_url" in fence["body"]]
    return found


@asynccontextmanager
async def browser_for(port: int) -> AsyncIterator[Browser]:
    """A Chromium that finds the name at this port, and takes the certificate there as one it can follow to its root.

    An exception that a person clicks would not do: such a page is no secure context, and has no passkeys.
    """
    pem = await asyncio.to_thread(ssl.get_server_certificate, (HOST, port))
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    args = [
        "--no-sandbox",
        f"--host-resolver-rules=MAP {NAME}:443 {HOST}:{port}",
        f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}",
    ]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=args)
        yield opened
        await opened.close()


async def test_a_phone_gets_to_a_hub_behind_a_proxy_with_tls_by_the_how_to_and_signs_in_with_its_passkey(
    tmp_path: Path,
) -> None:
    commands = Commands(tmp_path / "data")
    commands.data.mkdir()
    (commands.data / "hub.toml").write_text(settings())
    served = commands.serving()
    await asyncio.to_thread(served.__enter__)
    try:
        link = (await asyncio.to_thread(commands.json, "init"))["url"]
        assert link.startswith(f"https://{NAME}/app/")
        async with (
            reverse_proxy(commands.port, Authority().server(NAME), seen_from=AWAY) as port,
            browser_for(port) as browser,
            phone(browser, f"https://{NAME}", worker=True) as held,
        ):
            await held.set_up(link)
            await held.offer_nothing()  # before it is signed out, or it signs in by itself
            await held.context.clear_cookies()
            await held.lose_storage()
            await held.open("/app/sign-in")
            await held.button("Sign in with a passkey").click()
            await held.sees("Nothing waits for you")
            assert await held.page.evaluate("isSecureContext")
            sessions = await held.page.evaluate("fetch('/v1/sessions').then((answer) => answer.json())")
            assert {session["network"] for session in sessions["items"]} == {"198.51.100.0/24"}
            [cookie] = await held.context.cookies()
            assert (cookie["name"][:7], cookie["secure"], cookie["httpOnly"]) == ("__Host-", True, True)
            assert held.complaints == []
    finally:
        await asyncio.to_thread(served.__exit__, None, None, None)
