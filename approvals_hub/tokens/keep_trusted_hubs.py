"""Those who govern agents say which hubs' proofs the organisation takes. Nothing is ever fetched from such a hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.agents.invite import Inviter, admit_inviter_in
from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.tokens import trusted_hub_store as store
from approvals_hub.tokens.trusted_hub import (
    HUBS_LIMIT,
    KEYS_LIMIT,
    OfferedKey,
    TrustedHub,
    TrustedKey,
    check_hub,
    key_known,
    kid_of,
    read_keys,
    taken,
    too_many,
    unknown,
)
from approvals_hub_client.keys import Ed25519Key
from approvals_hub_client.paseto import paserk

Keys = list[tuple[Ed25519Key, OfferedKey]]


@dataclass(frozen=True, slots=True)
class KeepTrustedHubs:
    """Trusting more asks for a fresh factor; trusting less works at once, without ceremony."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    issuer: str

    async def list(self, reader: Inviter, org_id: str) -> list[TrustedHub]:
        """All of an organisation, the oldest first. Raises Forbidden, NotFound for another organisation."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[TrustedHub] | HubError:
            who = await admit_inviter_in(tx, reader, org_id, now, Permission.READ_AGENTS)
            if isinstance(who, HubError):
                return who
            return await _shown_in(tx, await store.hubs(tx, org_id))

        return settled(await self.db.read(work, org=reader.org_id))

    async def add(
        self,
        by: Inviter,
        org_id: str,
        *,
        name: str,
        issuer: str,
        audiences: Sequence[str] = (),
        keys: Sequence[OfferedKey] = (),
        fresh: Any = None,
    ) -> TrustedHub:
        """Trust a hub with these keys; the own issuer, without keys, says under which names its proofs may be taken.

        Raises Invalid, Conflict (issuer or key known, too many), Forbidden without the right or a fresh factor.
        """
        check_hub(name, issuer, audiences)
        offered = read_keys(keys, own=issuer == self.issuer)
        now, hub_id = self.clock.now(), new_id("thb")
        names = sorted(set(audiences))

        async def work(tx: Tx) -> TrustedHub | HubError:
            who = await self._admitted_in(tx, by, org_id, fresh, now)
            if isinstance(who, HubError):
                return who
            if len(await store.hubs(tx, org_id)) >= HUBS_LIMIT:
                return too_many()
            refusal = await _known_in(tx, org_id, offered)
            if refusal is not None:
                return refusal
            text = msgspec.json.encode(names).decode()
            added = await store.add_hub(
                tx, hub_id=hub_id, org_id=org_id, name=name, issuer=issuer, audiences=text, at=now, by=who.actor_id
            )
            if not added:
                return taken(issuer)
            detail: Detail = {"issuer": issuer, "audiences": names}
            await self._record_in(tx, who, "trusted_hub.added", hub_id, detail, now)
            await self._trust_in(tx, who, hub_id, offered, now)
            return await _one_in(tx, org_id, hub_id)

        return settled(await self.db.run(work, org=by.org_id))

    async def add_keys(
        self, by: Inviter, org_id: str, hub_id: str, keys: Sequence[OfferedKey], fresh: Any = None
    ) -> TrustedHub:
        """Trust further keys of a hub. Raises as `add` does, and NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> TrustedHub | HubError:
            who = await self._admitted_in(tx, by, org_id, fresh, now)
            if isinstance(who, HubError):
                return who
            row = await store.hub(tx, org_id, hub_id)
            if row is None:
                return unknown()
            offered = read_keys(keys, own=row["issuer"] == self.issuer)
            if len(await store.keys(tx, [hub_id])) + len(offered) > KEYS_LIMIT:
                return too_many()
            refusal = await _known_in(tx, org_id, offered)
            if refusal is not None:
                return refusal
            await self._trust_in(tx, who, hub_id, offered, now)
            return await _one_in(tx, org_id, hub_id)

        return settled(await self.db.run(work, org=by.org_id))

    async def revoke_key(self, by: Inviter, org_id: str, hub_id: str, kid: str) -> TrustedHub:
        """Trust a key no more, from this moment on and for ever. Raises NotFound, Forbidden. Twice is no error."""
        now = self.clock.now()

        async def work(tx: Tx) -> TrustedHub | HubError:
            who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_AGENTS)
            if isinstance(who, HubError):
                return who
            row = await store.hub(tx, org_id, hub_id)
            known = [] if row is None else [key["kid"] for key in await store.keys(tx, [hub_id])]
            if row is None or kid not in known:
                return unknown() if row is None else NotFound("key_unknown", "no such key", next_step="List them.")
            if await store.revoke_key(tx, hub_id, kid, at=now):
                await self._record_in(tx, who, "trusted_hub.key_revoked", hub_id, {"kid": kid}, now)
            return await _one_in(tx, org_id, hub_id)

        return settled(await self.db.run(work, org=by.org_id))

    async def remove(self, by: Inviter, org_id: str, hub_id: str) -> TrustedHub:
        """Trust a hub no more, with all its keys; the last that was known of it. Raises NotFound, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> TrustedHub | HubError:
            who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_AGENTS)
            if isinstance(who, HubError):
                return who
            row = await store.hub(tx, org_id, hub_id)
            if row is None:
                return unknown()
            await store.remove_hub(tx, hub_id, at=now)
            await self._record_in(tx, who, "trusted_hub.removed", hub_id, {"issuer": row["issuer"]}, now)
            return (await _shown_in(tx, [row]))[0]

        return settled(await self.db.run(work, org=by.org_id))

    async def _admitted_in(self, tx: Tx, by: Inviter, org_id: str, fresh: Any, now: int) -> Acting | HubError:
        """Who widens the trust, one at a time."""
        who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_AGENTS)
        if isinstance(who, HubError):
            return who
        await tx.lock("orgs", org_id)
        refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
        return who if refusal is None else refusal

    async def _trust_in(self, tx: Tx, who: Acting, hub_id: str, offered: Keys, now: int) -> None:
        for key, given in offered:
            kid = kid_of(key)
            await store.add_key(
                tx,
                key_id=new_id("thk"),
                org_id=who.org_id,
                hub_id=hub_id,
                kid=kid,
                public_key=key.raw,
                valid_from=given.valid_from,
                valid_until=given.valid_until,
                at=now,
                by=who.actor_id,
            )
            await self._record_in(tx, who, "trusted_hub.key_added", hub_id, {"kid": kid}, now)

    async def _record_in(self, tx: Tx, who: Acting, kind: Kind, hub_id: str, detail: Detail, now: int) -> None:
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                detail={"trusted_hub_id": hub_id, **detail},
            ),
        )


async def _known_in(tx: Tx, org_id: str, offered: Keys) -> HubError | None:
    """Why one of these keys cannot be taken, or None."""
    kids = [kid_of(key) for key, _ in offered]
    for row in await store.believed(tx, org_id, kids):
        return key_known(row["kid"], revoked=False)
    for kid in kids:
        if await store.was_revoked(tx, org_id, kid):
            return key_known(kid, revoked=True)
    return None


async def _one_in(tx: Tx, org_id: str, hub_id: str) -> TrustedHub:
    row = await store.hub(tx, org_id, hub_id)
    assert row is not None
    return (await _shown_in(tx, [row]))[0]


async def _shown_in(tx: Tx, rows: list[Row]) -> list[TrustedHub]:
    keys: dict[str, list[TrustedKey]] = {}
    for row in await store.keys(tx, [row["id"] for row in rows]):
        keys.setdefault(row["hub_id"], []).append(
            TrustedKey(
                kid=row["kid"],
                paserk=paserk(bytes(row["public_key"])),
                valid_from=row["valid_from"],
                valid_until=row["valid_until"],
                added_at=row["added_at"],
                ended_at=row["ended_at"],
                cause=row["cause"],
            )
        )
    return [
        TrustedHub(
            hub_id=row["id"],
            name=row["name"],
            issuer=row["issuer"],
            audiences=tuple(msgspec.json.decode(row["audiences"], type=list[str])),
            added_at=row["added_at"],
            added_by=row["added_by"],
            keys=tuple(keys.get(row["id"], ())),
        )
        for row in rows
    ]
