"""The headers of the pages, and the few texts that are filled in on the server: shell, manifest, service worker."""

from __future__ import annotations

import json
from pathlib import Path

from web.assets import Assets

TEMPLATES = Path(__file__).parent / "templates"
WORKER = "app/sw.js"
SEALED = "app/sealed.sw.js"
"""The worker's first part."""
SHOWING = "app/showing.sw.js"
"""Its second part."""
NO_WORKER = "off/sw.js"
"""Takes a worker's place and ends both."""

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types approvals-hub",
        "report-uri /app/csp-reports",
    )
)
"""The page's Content-Security-Policy: nothing from elsewhere, no inline code, no text turned into code."""

DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""The Content-Security-Policy of everything that is no page."""

_FEATURES = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "bluetooth", "display-capture")
_ALWAYS = {
    # Without a value of its own aiohttp tells its version and Python's.
    "Server": "approvals-hub",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": ", ".join(
        (
            "publickey-credentials-get=(self)",
            "publickey-credentials-create=(self)",
            *(f"{name}=()" for name in _FEATURES),
        )
    ),
}
_YEAR = 365 * 24 * 3600


def security_headers(*, secure: bool) -> dict[str, str]:
    """The headers of everything served here; `secure`: the public URL is https, so browsers may insist."""
    headers = {**_ALWAYS, "Content-Security-Policy": DATA_POLICY, "Cache-Control": "no-store"}
    if secure:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return headers


def shell(assets: Assets, *, offline: bool) -> str:
    """The one HTML document of the approver's page; which screen it shows is the address' matter.

    Without `offline` it registers no service worker, and ends one that is there.
    """
    return _filled("app.html", assets).replace("{{worker}}", "on" if offline else "off")


def manifest(assets: Assets) -> str:
    """What the browser needs to install the page."""
    return _filled("manifest.webmanifest", assets)


def worker(assets: Assets, *, offline: bool) -> str:
    """The service worker, with the version and the list of files that it keeps for use without a network.

    Without `offline` it is the one that removes itself and everything kept from browsers that have another.
    """
    if not offline:
        return assets.files[NO_WORKER].data.decode()
    kept = [assets.url(name) for name in assets.files if name not in (WORKER, SEALED, SHOWING, NO_WORKER)]
    head = f"self.approvalsHub = {json.dumps({'version': assets.version, 'files': kept})}\n"
    return head + "".join(assets.files[part].data.decode() for part in (SEALED, SHOWING, WORKER))


def _filled(name: str, assets: Assets) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").replace("{{static}}", assets.url("").rstrip("/"))
