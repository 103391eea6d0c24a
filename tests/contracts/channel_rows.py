"""One well-formed request for every row about channels and deliveries."""

from __future__ import annotations

import os
from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub_client.canonical import b64u
from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene

ORG = "/v1/orgs/{org}"
# Nobody is called: the guard refuses this computer's own addresses before a socket connects.
ROOM = {"url": "https://localhost:9/services/T0/B0/x", "hosts": ["localhost:9"]}


async def made(scene: Scene) -> str:
    """The name of a new channel that nothing uses."""
    name = f"n{os.urandom(6).hex()}"
    await scene.world.hub.channels.keep.put(scene.world.operator, name, "slack", ROOM)
    return name


def one(ending: str = "") -> Row:
    """About a channel that is there."""

    async def row(scene: Scene) -> Asked:
        return f"/v1/orgs/{scene.world.org_id}/channels/{await made(scene)}{ending}", None

    return row


async def put(scene: Scene) -> Asked:
    body: dict[str, Any] = {"kind": "slack", "settings": ROOM, "fresh": await scene.fresh()}
    return f"/v1/orgs/{scene.world.org_id}/channels/n{os.urandom(6).hex()}", body


async def delete(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/channels/{await made(scene)}"
    return path, {"version": 1, "fresh": await scene.fresh()}


async def tried_push(scene: Scene) -> Asked:
    """Of a device that is told. Nobody listens there: that is the provider's answer, and not the hub's."""
    path = f"/v1/devices/{scene.device.device_id}/push"
    await scene.device.call("PUT", path, {"channel": "android", "address": {"fid": b64u(os.urandom(16))}})
    return f"{path}/test", None


async def retried(scene: Scene) -> Asked:
    """Of a question that is open, and was told to somebody's phone in vain."""
    world, ada, unique = scene.world, scene.ada, os.urandom(12).hex()
    address = {"channel": "android", "address": {"fid": b64u(os.urandom(16))}}
    await ada.call("PUT", f"/v1/devices/{ada.device_id}/push", address)
    question = await scene.bot.ask("db.drop", {"n": unique})
    members = {"org": world.org_id, "asked": question.escalation_id, "person": ada.person_id}

    async def work(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO tellings (id, org_id, kind, escalation_id, person_id, contact_id, channel, lane, level,"
            " reason, replaces, due_at, expires_at, state, attempts) SELECT :id, CAST(:org AS TEXT),"
            " 'escalation.opened',"
            " CAST(:asked AS TEXT), person_id, id, channel, channel, 9, 'asked', 1, 1, 1, 'failed', 1 FROM contacts"
            " WHERE person_id = :person AND device_id IS NOT NULL AND gone_at IS NULL",
            id=f"tel_{unique}",
            **members,
        )
        await tx.execute(
            "INSERT INTO delivery_attempts (id, org_id, telling_id, escalation_id, person_id, at, channel, recipient,"
            " status, latency_ms) VALUES (:id, :org, :telling, :asked, :person, 1, 'android', '…', 'settings', 1)",
            id=f"dlv_{unique}",
            telling=f"tel_{unique}",
            **members,
        )

    await world.hub.db.run(work)
    return f"/v1/orgs/{world.org_id}/deliveries/dlv_{unique}/retry", None


CHANNELS: dict[str, Row] = {
    "GET /v1/push-addresses": plain("/v1/push-addresses"),
    "POST /v1/devices/{id}/push/test": tried_push,
    f"GET {ORG}/channels": plain(f"{ORG}/channels"),
    f"POST {ORG}/channels/test": plain(f"{ORG}/channels/test", {"kind": "slack", "settings": ROOM}),
    f"GET {ORG}/channels/{{name}}": one(),
    f"PUT {ORG}/channels/{{name}}": put,
    f"DELETE {ORG}/channels/{{name}}": delete,
    f"POST {ORG}/channels/{{name}}/test": one("/test"),
    f"GET {ORG}/channel-warnings": plain(f"{ORG}/channel-warnings"),
    f"GET {ORG}/deliveries": plain(f"{ORG}/deliveries"),
    f"POST {ORG}/deliveries/{{id}}/retry": retried,
}
