"""What a process that forks has loaded, so that none of its children loads it again: half a second of each."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

OURS = ("approvals_hub", "approvals_hub_client", "identity", "notify", "web")
LATER = ("aiohttp.web", "asyncpg", "click._textwrap", "concurrent.futures.thread", "pyseto", "segno", "webauthn")
"""What is loaded when something is done for the first time."""
OF_A_HUB = (
    "approvals_hub.db.postgres",
    "approvals_hub.db.postgres_schema",
    "approvals_hub.db.sqlite",
    "approvals_hub.db.sqlite_schema",
    "approvals_hub.events.postgres",
    "approvals_hub.outbound",
    "identity.oidc_presets",
    "identity.passkey_step_up",
    "identity.registry",
    "identity.totp",
    "notify.webhook",
)
"""Of ours, what a hub without settings loads while it opens."""


def load_for_hubs() -> None:
    """What opening a hub, its workers and its first requests load, where `app` and `workers` are loaded already."""
    for module in (*LATER, *OF_A_HUB):
        import_module(module)


def load_for_commands() -> None:
    """Every module of ours, what they load by and by, and the page's files as they are served."""
    load_whole(*OURS)
    for module in LATER:
        import_module(module)
    import_module("web.assets").read_assets(import_module("web.routes").STATIC)


def load_whole(*packages: str) -> None:
    """Every module of these packages."""
    for package in packages:
        for found in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(found.name)
