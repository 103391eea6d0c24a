"""The approver's page: all its routes on one page. It holds no data; everything it shows comes from the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from aiohttp import web

from web.assets import Asset, read_assets
from web.render import PAGE_POLICY, manifest, security_headers, shell, worker
from web.violations import Violations

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
"""A versioned path never has other bytes."""
ASK_AGAIN = "no-cache"

SCREENS = (
    "/app/",
    "/app/enrol",
    "/app/sign-in",
    "/app/escalations/{id}",
    "/app/decisions",
    "/app/devices",
)
"""Addresses of the page's screens; a token travels only behind `#`, which browsers never send."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application, *, public_url: str, static: Path = STATIC) -> None:
    """Serve the approver's page from this application, and put the security headers on all of its responses."""
    assets = read_assets(static)
    for path in SCREENS:
        app.router.add_get(path, _text(shell(assets), "text/html", {"Content-Security-Policy": PAGE_POLICY}))
    app.router.add_get("/app/manifest.webmanifest", _text(manifest(assets), "application/manifest+json"))
    app.router.add_get("/app/sw.js", _text(worker(assets), "text/javascript", {"Content-Security-Policy": PAGE_POLICY}))
    for name, asset in assets.files.items():
        app.router.add_get(assets.url(name), _file(asset))
    app.router.add_post("/app/csp-reports", Violations(structlog.get_logger("web")).take)
    app.router.add_get("/app", _moved)
    app.router.add_get("/", _moved)
    add_security_headers(app, public_url=public_url)


def add_security_headers(app: web.Application, *, public_url: str) -> None:
    """Give every response of the application, errors included, the headers it did not set itself."""
    headers = security_headers(secure=public_url.startswith("https://"))

    async def give(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers.pop("Server", None)

    app.on_response_prepare.append(give)


def _text(text: str, media_type: str, headers: dict[str, str] | None = None) -> Handler:
    body = text.encode()

    async def serve(_: web.Request) -> web.Response:
        return web.Response(
            body=body,
            content_type=media_type,
            charset="utf-8",
            headers={"Cache-Control": ASK_AGAIN, **(headers or {})},
        )

    return serve


def _file(asset: Asset) -> Handler:
    async def serve(request: web.Request) -> web.Response:
        headers = {"Cache-Control": FOR_EVER, "Content-Type": asset.media_type}
        if asset.packed is None:
            return web.Response(body=asset.data, headers=headers)
        headers["Vary"] = "Accept-Encoding"
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=asset.data, headers=headers)
        return web.Response(body=asset.packed, headers={**headers, "Content-Encoding": "gzip"})

    return serve


async def _moved(_: web.Request) -> web.Response:
    raise web.HTTPFound("/app/")
