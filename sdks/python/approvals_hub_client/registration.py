"""How an agent comes to a hub: a one-time invite, and a key that is made here and stays here."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from approvals_hub_client.canonical import b64u
from approvals_hub_client.client import AsyncHub
from approvals_hub_client.credential import Credential
from approvals_hub_client.discovery import address_of, ask_hub
from approvals_hub_client.errors import BadAnswer, BadCredential
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import register_bytes, rotate_bytes
from approvals_hub_client.transport import Transport


async def register(
    hub: str,
    invite: str,
    path: Path | str,
    *,
    name: str | None = None,
    tls: ssl.SSLContext | None = None,
    allow_http: bool = False,
) -> Credential:
    """Redeem the invite at the hub's address, as somebody typed it, and keep the credential in `path` (0600).

    The key is on disk before the invite is spent: after a crash, the same call with the same path goes on with it.
    Raises BadCredential when `path` holds a registered agent, NoHub where no hub is, or one of another address,
    Refused for an invite that is spent, expired or unknown, Unreachable, ValueError for what is no address.
    """
    path, url = Path(path), address_of(hub)
    draft = Credential.load(path) if path.exists() else Credential(url, seed=Ed25519SigningKey().seed)
    if draft.agent_id or draft.key is None or draft.hub != url:
        raise BadCredential(f"{path} already holds a credential; choose another path")
    async with Transport(url, None, tls=tls, allow_http=allow_http) as transport:
        found = await ask_hub(transport, within=30.0)
        draft.save(path)
        public_key = b64u(draft.key.public.raw)
        body: dict[str, Any] = {
            "invite": invite,
            "public_key": public_key,
            "proof": b64u(draft.key.sign(register_bytes(invite=invite, public_key=public_key))),
        }
        body |= {} if name is None else {"name": name}
        answer = await transport.call("POST", "/v1/agents/register-with-invite", body=body)
    credential = draft.registered(issuer=found.issuer, **_ids(answer))
    credential.save(path)
    return credential


async def rotate_key(hub: AsyncHub, path: Path | str, *, overlap_seconds: int = 3600) -> Credential:
    """Replace the agent's key; the old one stays good for `overlap_seconds` (at most a day), for what is under way.

    The new key is on disk, beside the old file (`….next`), before the hub hears of it.
    Raises Refused, Unreachable, BadCredential; then the old credential still holds.
    """
    path = Path(path)
    old, spare = hub.credential, path.with_name(path.name + ".next")
    new = Ed25519SigningKey(Credential.load(spare).seed if spare.exists() else None)
    Credential(old.hub, old.issuer, old.agent_id, old.org_id, old.key_id, new.seed).save(spare)
    public_key = b64u(new.public.raw)
    body = {
        "public_key": public_key,
        "proof": b64u(new.sign(rotate_bytes(agent_id=old.agent_id, public_key=public_key))),
        "overlap_seconds": overlap_seconds,
    }
    answer = await hub.transport.call("POST", "/v1/agent/keys", body=body)
    credential = Credential(old.hub, old.issuer, old.agent_id, old.org_id, _member(answer, "key_id"), new.seed)
    credential.save(path)
    spare.unlink(missing_ok=True)
    return credential


def _ids(answer: dict[str, Any]) -> dict[str, str]:
    return {name: _member(answer, name) for name in ("agent_id", "org_id", "key_id")}


def _member(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"the hub's answer has no {name}")
    return value
