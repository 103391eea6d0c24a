"""A person calls one of their devices otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import REVOKED, Device, device_of
from approvals_hub.people.person import check_name
from approvals_hub.people.session import PersonCredential, admit_person_in


@dataclass(frozen=True, slots=True)
class RenameDevice:
    """Changes nothing but the name: the key, its state and its sessions stay."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, device_id: str, name: str) -> Device:
        """Rename it. Raises Invalid for a name that is none, NotFound for a device that is not the person's own."""
        name, now = check_name(name), self.clock.now()

        async def work(tx: Tx) -> Device | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await people.device(tx, device_id)
            if row is None or row["person_id"] != session.person_id or row["state"] == REVOKED:
                return NotFound("device_unknown", "no such device of yours", next_step="Look at the list of devices.")
            await people.rename_device(tx, device_id, name=name)
            await self.recorder.record(
                tx,
                Event(
                    kind="device.renamed",
                    org_id=session.org_id,
                    at=now,
                    actor_type="person",
                    actor_id=session.person_id,
                    detail={"device_id": device_id},
                ),
            )
            tx.changed(f"person:{session.person_id}")
            renamed = await people.device(tx, device_id)
            assert renamed is not None
            return device_of(renamed)

        return settled(await self.db.run(work, org=credential.org_id))
