"""The approver's page: all its routes on one page. It holds no data; everything it shows comes from the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from approvals_hub.core.log import logger
from web.assets import Asset, Assets, read_assets
from web.render import PAGE_POLICY, manifest, security_headers, shell, worker
from web.violations import Violations

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
"""A versioned path never has other bytes."""
ASK_AGAIN = "no-cache"

SCREENS = (
    "/app/",
    "/app/enrol",
    "/app/recover",
    "/app/sign-in",
    "/app/escalations/{id}",
    "/app/escalations/{id}/denial",
    "/app/decisions",
    "/app/devices",
    "/app/notices",
    "/app/policies",
    "/app/policies/{name}",
    "/return",
)
"""Addresses of the page's screens; a token travels only behind `#`, which browsers never send.

`/return` is where people come back to from a provider's app or page: providers are told this address, so it is short
and stays.
"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application, *, public_url: str, offline: bool = True, static: Path = STATIC) -> None:
    """Serve the approver's page from this application. What is not here is answered by the API, errors included.

    `offline`: browsers keep the page's files and open it without a network; where it is false, they forget them.
    """
    pages = Pages(read_assets(static), security_headers(secure=public_url.startswith("https://")))
    violations = Violations(logger("web"), pages.headers)
    for path in SCREENS:
        app.router.add_get(path, pages.text(shell(pages.assets, offline=offline), "text/html"))
    app.router.add_get("/app/sw.js", pages.text(worker(pages.assets, offline=offline), "text/javascript"))
    app.router.add_get("/app/manifest.webmanifest", pages.text(manifest(pages.assets), "application/manifest+json"))
    for name, asset in pages.assets.files.items():
        app.router.add_get(pages.assets.url(name), pages.file(asset))
    app.router.add_post("/app/csp-reports", violations.take)
    app.router.add_get("/app", pages.moved("/app/"))
    app.router.add_get("/", pages.moved("/app/"))


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes handlers of texts and files; `headers` go on every one of their responses."""

    assets: Assets
    headers: dict[str, str]

    def text(self, text: str, media_type: str) -> Handler:
        """A text that the browser asks for anew each time; shell and service worker run under the page's policy."""
        body = text.encode()
        headers = {
            **self.headers,
            "Cache-Control": ASK_AGAIN,
            "Content-Security-Policy": PAGE_POLICY,
            "Content-Type": f"{media_type}; charset=utf-8",
        }

        async def serve(_: web.Request) -> web.Response:
            return web.Response(body=body, headers=headers)

        return serve

    def file(self, asset: Asset) -> Handler:
        """A versioned file, packed for who can unpack it."""
        headers = {**self.headers, "Cache-Control": FOR_EVER, "Content-Type": asset.media_type}
        if asset.packed is not None:
            headers["Vary"] = "Accept-Encoding"

        async def serve(request: web.Request) -> web.Response:
            if asset.packed is None or "gzip" not in request.headers.get("Accept-Encoding", ""):
                return web.Response(body=asset.data, headers=headers)
            return web.Response(body=asset.packed, headers={**headers, "Content-Encoding": "gzip"})

        return serve

    def moved(self, path: str) -> Handler:
        """The page is elsewhere."""

        async def serve(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={**self.headers, "Location": path})

        return serve
