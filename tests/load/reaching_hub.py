"""A hub whose owner is told over one channel of the bench.

`python -m tests.load.reaching_hub FOLDER PORT CHANNEL PORTS` prints the actors as one JSON line when it serves; PORTS
is the JSON of `vendor.py`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

from approvals_hub.api.application import application, begin_stop
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, calm_collector, site_options
from approvals_hub.app import OpenHub, Place
from approvals_hub.core.ids import new_id
from approvals_hub.core.sealing import create_key_file
from approvals_hub.db.database import Tx
from approvals_hub.hub import Hub
from approvals_hub.notifications.address_book import CONTEXT
from approvals_hub.notifications.allowed import OwnChannels
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.stepup import factor_store as factors
from approvals_hub.workers import Workers
from approvals_hub_client.canonical import dumps
from tests.load.addresses import INNER, ROOMS, addresses, room, settings
from tests.load.hub_process import people_and_agents
from tests.load.vendor import HOST

AGENTS = 8
LETTERS = ("smtp", "sendgrid")
"""Channels that reach people at the mailbox that they are known by."""


def place(
    folder: Path, port: int, channels: dict[str, dict[str, Any]], own_channels: OwnChannels | None = None
) -> Place:
    """Where a hub of the bench keeps what, with these channels, and those that its organisation may set up."""
    if not (folder / "kek").exists():
        create_key_file(folder / "kek")
    return Place(
        public_url=f"http://localhost:{port}",
        key_file=folder / "kek",
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{folder / 'hub.db'}",
        channels=channels,
        own_channels=own_channels or OwnChannels(),
        folder=folder,
    )


async def add_address(hub: Hub, channel: str, address: str) -> None:
    """The hub's one person is told here."""

    async def work(tx: Tx) -> None:
        [row] = await tx.rows("SELECT id FROM people")
        if channel in LETTERS:
            await tx.execute("UPDATE people SET email = :email, email_verified_at = 1", email=address)
            return
        if channel == "sms":
            linked = dumps({"address": address, "confirmed_at": hub.clock.now()})
            await factors.add(
                tx,
                factor_id=new_id("fac"),
                person_id=row["id"],
                method="sms_otp",
                name="phone",
                subject_hash=None,
                sealed=await hub.vault.seal_in(tx, row["id"], linked, "factor:sms_otp"),
                at=hub.clock.now(),
                by=row["id"],
            )
            return
        contact_id, person_id = new_id("con"), row["id"]
        await contacts.add(
            tx,
            contact_id=contact_id,
            person_id=person_id,
            channel=channel,
            source=contact_id,
            device_id=None,
            address=await hub.vault.seal_in(tx, person_id, address.encode(), CONTEXT + contact_id),
            address_hash=None,
            masked="…",
            language="en",
            at=hub.clock.now(),
        )

    await hub.db.run(work)


async def main(folder: Path, port: int, channel: str, ports: dict[str, int]) -> None:
    async with OpenHub(_place(folder, port, channel, ports)) as hub:
        actors = await people_and_agents(hub, port, AGENTS)
        if channel in ROOMS:
            operator = OperatorCredential(actors["org_id"])
            await hub.channels.keep.put(operator, channel, channel, room(channel, ports))
        else:
            await add_address(hub, channel, addresses(ports)[channel])
        runner = Runner(application(hub, Served(f"http://localhost:{port}")))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, **site_options()).start()
        workers = Workers(hub)
        workers.start()
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        calm_collector()
        sys.stdout.write(json.dumps(actors) + "\n")
        sys.stdout.flush()
        await stop.wait()
        begin_stop(hub)
        await runner.cleanup()
        await workers.stop()


def _place(folder: Path, port: int, channel: str, ports: dict[str, int]) -> Place:
    if channel in ROOMS:
        inner = OwnChannels(private_networks=[f"{HOST}/32"], ports=(ports[channel],), ca_file=Path("ca.pem"))
        return place(folder, port, {}, inner)
    own_ca = {"ca_file": "ca.pem"}
    # `sms` is the name of another table.
    name = "texts" if channel == "sms" else channel
    channels = {name: {"kind": channel, **settings(ports)[channel], **own_ca, **INNER.get(channel, {})}}
    return place(folder, port, channels)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])))
