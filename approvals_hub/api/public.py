"""What anybody may read: how to talk to this hub, the keys its tokens verify with, and whether it serves."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec

from approvals_hub.agents.agent import WINDOW
from approvals_hub.agents.openleash_names import spki
from approvals_hub.api.call import Call
from approvals_hub.api.fields import at
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.core.errors import HubError, Unavailable
from approvals_hub.core.log import logger
from approvals_hub.hub import Hub
from approvals_hub.keys.key import LOG, TOKEN, SigningKey
from approvals_hub_client.canonical import b64u
from approvals_hub_client.request_signature import HEADERS, TAG

log = logger("api")

READY_SECONDS = 3.0
"""A database that takes longer to answer is as good as none."""


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A public key of the hub. What a compromised one signed counts only with a proof from the log."""

    kid: str
    purpose: str
    kty: str
    alg: str
    public_key: str
    public_key_b64: str
    """The same as OpenLeash reads it: base64 of its SubjectPublicKeyInfo."""
    paserk: str
    created_at: str
    active_from: str
    retired_at: str | None
    valid_until: str | None
    compromised_at: str | None
    revoked_at: str | None
    """From when on nothing counts that it has signed."""


class KeysView(msgspec.Struct, frozen=True):
    """The keys of tokens, and those that sign the checkpoints of every organisation's log."""

    issuer: str
    keys: list[KeyView]
    log_keys: list[KeyView]


class Health(msgspec.Struct, frozen=True):
    """`ok` or `ready`."""

    status: str


async def well_known(call: Call[None]) -> dict[str, Any]:
    """How to talk to this hub."""
    return discovery(call.hub)


async def public_keys(call: Call[None]) -> KeysView:
    """The hub's public keys with their validity."""
    ring = call.hub.ring
    return KeysView(call.hub.mint.issuer, [_key(key) for key in ring.all(TOKEN)], [_key(key) for key in ring.all(LOG)])


async def live(call: Call[None]) -> Health:
    """The process answers."""
    return Health("ok")


async def ready(call: Call[None]) -> Health:
    """The hub takes requests: it is not stopping, its database answers, and its log keeps up."""
    if call.hub.stopping.begun:
        raise Unavailable("stopping", "this process is stopping", next_step="Ask another one.", retry_after=1)
    try:
        async with asyncio.timeout(READY_SECONDS):
            await call.hub.ring.load()
            await call.hub.log_watch.check()
    except HubError:
        raise
    except Exception as error:
        log.exception("not_ready")
        raise Unavailable(
            "database_unavailable", "the database does not answer", next_step="Ask another one.", retry_after=5
        ) from error
    return Health("ready")


def discovery(hub: Hub) -> dict[str, Any]:
    """The contents of /.well-known/approvals-hub."""
    return {
        "issuer": hub.mint.issuer,
        "audience": hub.public_url,
        "api": "/v1",
        "token_keys": "/v1/public-keys",
        "signing": {
            "profile": "rfc9421",
            "alg": "ed25519",
            "tag": TAG,
            "components": ["@method", "@target-uri", *HEADERS],
            "window_seconds": WINDOW // SECOND,
        },
        "endpoints": {
            "register": "/v1/agents/register-with-invite",
            "escalations": "/v1/escalations",
            "stream": "/v1/agent/stream",
            "redeem": "/v1/tokens/redeem",
            "verify": "/v1/tokens/verify",
            "openapi": "/openapi.json",
            "guide": "/skill.md",
        },
        # What a native client of people needs to know before anybody is signed in.
        "people": {
            "page": "/app/",
            "rp_id": urlsplit(hub.public_url).hostname,
            "sign_in_ways": "/v1/sign-in-ways",
            "challenges": "/v1/challenges",
            "sessions": "/v1/sessions",
            "refresh": "/v1/sessions/refresh",
            "inbox": "/v1/inbox",
        },
    }


def _key(key: SigningKey) -> KeyView:
    public = b64u(key.public.raw)
    return KeyView(
        kid=key.kid,
        purpose=key.purpose,
        kty="OKP",
        alg="EdDSA",
        public_key=public,
        public_key_b64=spki(key.public),
        paserk=f"k4.public.{public}",
        created_at=to_text(key.created_at),
        active_from=to_text(key.active_from),
        retired_at=at(key.retired_at),
        valid_until=at(key.valid_until),
        compromised_at=at(key.compromised_at),
        revoked_at=at(key.compromised_at),
    )
