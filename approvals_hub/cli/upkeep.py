"""What the operator does to look after a hub: its keys, its log, how it is."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.audit.filter import Filter
from approvals_hub.cli.arguments import (
    Answer,
    Exported,
    ExportedEvidence,
    ExportedSignIns,
    Nothing,
    OneKey,
    OneQuestion,
)
from approvals_hub.cli.tenant import every_org, the_org
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import NotFound
from approvals_hub.hub import Hub
from approvals_hub.keys.key import LOG, TOKEN, SigningKey
from approvals_hub.people.acting import OperatorCredential


async def list_keys(hub: Hub, given: Nothing) -> Answer:
    """The signing keys' public halves and their validity."""
    await hub.ring.load()
    now = hub.clock.now()
    return {"items": [_key(key, now) for purpose in (TOKEN, LOG) for key in hub.ring.all(purpose)]}


async def rotate_key(hub: Hub, given: Nothing) -> Answer:
    """A new key is published now and signs a little later; the one before verifies for the overlap."""
    return _key(await hub.rotate_keys.signing_key(TOKEN), hub.clock.now())


async def rotate_key_file(hub: Hub, given: Nothing) -> Answer:
    """A new key-encryption key wraps every data key."""
    return {"rewrapped": await hub.rotate_keys.key_encryption_key()}


async def compromised_key(hub: Hub, given: OneKey) -> Answer:
    """Nothing that this key signed counts by itself any more; a new one takes over where it was the active one."""
    key = hub.ring.find(given.kid)
    await hub.rotate_keys.mark_compromised(given.kid)
    if key is not None and not any(other.may_sign(hub.clock.now()) for other in hub.ring.all(key.purpose)):
        await hub.rotate_keys.signing_key(key.purpose)
    return {"kid": given.kid, "state": "compromised"}


async def export_audit(hub: Hub, given: Exported) -> Answer:
    """The log, as lines that verify offline or as a table for people."""
    org_id = await the_org(hub, given.org)
    await hub.read_audit.admit(OperatorCredential(org_id), org_id, "audit.exported")
    await seal(hub)
    wanted = Filter(**msgspec.structs.asdict(given.filter))
    if given.format == "csv":
        return hub.read_audit.export.table(org_id, wanted)
    return hub.read_audit.export.lines(org_id, wanted)


async def export_evidence(hub: Hub, given: ExportedEvidence) -> Answer:
    """What was signed, and what proved each person, beside an export."""
    org_id = await the_org(hub, given.org)
    header = await hub.read_evidence.admit(OperatorCredential(org_id), org_id, given.filter)
    return hub.read_evidence.lines(header, given.filter)


async def export_sign_ins(hub: Hub, given: ExportedSignIns) -> Answer:
    """Who signed in or was refused, when, from where, by what."""
    org_id = await the_org(hub, given.org)
    await hub.read_audit.admit(OperatorCredential(org_id), org_id, "sign_ins.exported")
    await seal(hub)
    report = hub.read_audit.sign_ins
    return report.table(org_id, given.filter) if given.format == "csv" else report.lines(org_id, given.filter)


async def evidence(hub: Hub, given: OneQuestion) -> Answer:
    """The same of one question."""
    org_id = await the_org(hub, given.org)
    found = await hub.read_evidence(OperatorCredential(org_id), org_id, given.escalation_id)
    return {"items": [msgspec.to_builtins(answer) for answer in found]}


async def checkpoint(hub: Hub, given: Nothing) -> Answer:
    """The newest signed checkpoint, to keep elsewhere, and the keys that verify it."""
    org_id = await the_org(hub, given.org)
    await seal(hub)
    note = hub.sealer.outside.read(org_id)
    if note is None:
        raise NotFound("no_checkpoint", "nothing was sealed yet", next_step="Try again in a second.")
    return {"org_id": org_id, "checkpoint": note, "keys": [str(key) for key in hub.read_audit.export.keys(org_id)]}


async def state(hub: Hub, given: Nothing) -> Answer:
    """How the hub is, for `doctor`."""
    now = hub.clock.now()
    return {
        "public_url": hub.public_url,
        "epoch": hub.epoch.epoch_id,
        "time": to_text(now),
        "sealing_lag": await hub.sealer.lag(),
        "logs_refused": [f"{refused.org_id}: {refused.why}" for refused in hub.sealer.refused.values()],
        "signing": {purpose: any(key.may_sign(now) for key in hub.ring.all(purpose)) for purpose in (TOKEN, LOG)},
        "few_channels": await _few_channels(hub),
        "channels": [msgspec.to_builtins(each) for each in await hub.channels.rehearse.every()],
    }


async def _few_channels(hub: Hub) -> list[str]:
    """Whom fewer than two working channels reach, in words."""
    found = []
    for org_id in await every_org(hub):
        for few in await hub.channels.read.warnings(OperatorCredential(org_id)):
            found.append(f"{few.name or few.whom} of {org_id}: {', '.join(few.channels) or 'none'}")
    return found


async def seal(hub: Hub) -> None:
    """Seal what waits, so that what follows holds it."""
    while any(hasattr(result, "added") for result in await hub.sealer.seal_all()):
        continue


def _key(key: SigningKey, now: int) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "purpose": key.purpose,
        "state": _state(key, now),
        "active_from": to_text(key.active_from),
        "retired_at": None if key.retired_at is None else to_text(key.retired_at),
        "valid_until": None if key.valid_until is None else to_text(key.valid_until),
    }


def _state(key: SigningKey, now: int) -> str:
    if key.compromised_at is not None:
        return "compromised"
    if key.may_sign(now):
        return "active"
    if now < key.active_from:
        return "published"
    return "retired" if key.verifies(now) else "ended"
