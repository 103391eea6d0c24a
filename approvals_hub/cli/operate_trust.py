"""Commands about what hubs prove to each other, carried out: receipt bundles, and the hubs whose proofs are taken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from approvals_hub.cli.arguments import Arguments
from approvals_hub.cli.operate_drafts import plain_draft
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Hub, OfferedKey, TrustedHub
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.who_answers import Waiting
from approvals_hub_client.canonical import dumps
from approvals_hub_client.trust import plain

Answer = dict[str, Any] | AsyncIterator[bytes]


class OneQuestion(Arguments, frozen=True):
    """A command about one question."""

    escalation_id: str


class NewTrustedHub(Arguments, frozen=True):
    """A hub to trust."""

    name: str
    issuer: str
    audiences: tuple[str, ...] = ()
    keys: tuple[OfferedKey, ...] = ()


class OneTrustedHub(Arguments, frozen=True):
    """A command about one trusted hub."""

    trusted_hub_id: str


class NewTrustedKeys(OneTrustedHub, frozen=True):
    """Further keys of it."""

    keys: tuple[OfferedKey, ...]


class OneTrustedKey(OneTrustedHub, frozen=True):
    """A command about one of its keys."""

    kid: str


async def bundle(hub: Hub, given: OneQuestion) -> Answer:
    """The receipt bundle of a question, as the bytes of its file."""
    made = await hub.make_bundle(OperatorCredential(await the_org(hub, given.org)), given.escalation_id)

    async def pieces() -> AsyncIterator[bytes]:
        yield dumps(plain(made)) + b"\n"

    return pieces()


async def listed(hub: Hub, given: Arguments) -> Answer:
    """The trusted hubs."""
    org_id = await the_org(hub, given.org)
    found = await hub.keep_trusted_hubs.list(OperatorCredential(org_id), org_id)
    return {"items": [_shown(each) for each in found]}


async def add(hub: Hub, given: NewTrustedHub) -> Answer:
    """Take a hub's proofs from now on."""
    org_id = await the_org(hub, given.org)
    operator = OperatorCredential(org_id)
    return await _shown_or_draft(
        hub,
        operator,
        await hub.keep_trusted_hubs.add(
            operator,
            org_id,
            name=given.name,
            issuer=given.issuer,
            audiences=given.audiences,
            keys=given.keys,
        ),
    )


async def add_keys(hub: Hub, given: NewTrustedKeys) -> Answer:
    """Trust further keys of a hub."""
    org_id = await the_org(hub, given.org)
    operator = OperatorCredential(org_id)
    made = await hub.keep_trusted_hubs.add_keys(operator, org_id, given.trusted_hub_id, given.keys)
    return await _shown_or_draft(hub, operator, made)


async def revoke_key(hub: Hub, given: OneTrustedKey) -> Answer:
    """Trust a key no more."""
    org_id = await the_org(hub, given.org)
    keep = hub.keep_trusted_hubs
    return _shown(await keep.revoke_key(OperatorCredential(org_id), org_id, given.trusted_hub_id, given.kid))


async def remove(hub: Hub, given: OneTrustedHub) -> Answer:
    """Take no more proofs of a hub."""
    org_id = await the_org(hub, given.org)
    return _shown(await hub.keep_trusted_hubs.remove(OperatorCredential(org_id), org_id, given.trusted_hub_id))


async def _shown_or_draft(hub: Hub, operator: OperatorCredential, made: TrustedHub | Waiting) -> dict[str, Any]:
    if isinstance(made, Waiting):
        return plain_draft((await hub.drafts.read.one(operator, made.draft_id))[0])
    return _shown(made)


def _shown(found: TrustedHub) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(found)
    members["trusted_hub_id"] = members.pop("hub_id")
    for each in (members, *members["keys"]):
        for name, value in each.items():
            if isinstance(value, int):
                each[name] = to_text(value)
    return members


TRUST: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "audit.bundle": (OneQuestion, bundle),
    "trusted_hubs.list": (Arguments, listed),
    "trusted_hubs.add": (NewTrustedHub, add),
    "trusted_hubs.add_keys": (NewTrustedKeys, add_keys),
    "trusted_hubs.revoke_key": (OneTrustedKey, revoke_key),
    "trusted_hubs.remove": (OneTrustedHub, remove),
}
