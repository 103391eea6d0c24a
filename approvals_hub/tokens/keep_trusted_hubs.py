"""Those who govern agents say which hubs' proofs the organisation takes. Nothing is ever fetched from such a hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.agents.invite import Inviter, admit_inviter_in
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting
from approvals_hub.people.second_person import SecondPerson
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.people.who_answers import HUB_TRUSTED, Waiting, Wanted
from approvals_hub.tokens import trusted_hub_store as store
from approvals_hub.tokens.trust_hub import TrustHub
from approvals_hub.tokens.trusted_hub import (
    NewTrust,
    OfferedKey,
    TrustedHub,
    TrustedKey,
    check_hub,
    known_so_far,
    read_keys,
    unknown,
)
from approvals_hub_client.paseto import paserk


@dataclass(frozen=True, slots=True)
class KeepTrustedHubs:
    """Trusting more asks for a fresh factor, and for a second person where publishing does; trusting less works at
    once, without ceremony."""

    db: Database
    trust: TrustHub
    fresh: FreshFactors
    clock: Clock
    second: SecondPerson

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
    ) -> TrustedHub | Waiting:
        """Trust a hub with these keys; the own issuer, without keys, says under which names its proofs may be taken.
        Waiting: a second person is asked first.

        Raises Invalid, Conflict (issuer or key known, too many, nobody could be the second person), Forbidden without
        the right or a fresh factor, TooMany of drafts.
        """
        check_hub(name, issuer, audiences)
        wanted = NewTrust(name=name, issuer=issuer, audiences=tuple(sorted(set(audiences))), keys=tuple(keys))
        read_keys(wanted.keys, own=issuer == self.trust.issuer)
        now, new = self.clock.now(), new_id("thb")

        async def work(tx: Tx) -> TrustedHub | Waiting | HubError:
            who = await self._admitted_in(tx, by, org_id, fresh, now)
            return who if isinstance(who, HubError) else await self._trust_in(tx, who, new, wanted, now)

        return await self._told(await self.db.run(work, org=by.org_id))

    async def add_keys(
        self, by: Inviter, org_id: str, hub_id: str, keys: Sequence[OfferedKey], fresh: Any = None
    ) -> TrustedHub | Waiting:
        """Trust further keys of a hub. Raises as `add` does, and NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> TrustedHub | Waiting | HubError:
            who = await self._admitted_in(tx, by, org_id, fresh, now)
            if isinstance(who, HubError):
                return who
            row = await store.hub(tx, org_id, hub_id)
            if row is None:
                return unknown()
            wanted = NewTrust(
                trusted_hub_id=hub_id, name=row["name"], issuer=row["issuer"], audiences=(), keys=tuple(keys)
            )
            return await self._trust_in(tx, who, hub_id, wanted, now)

        return await self._told(await self.db.run(work, org=by.org_id))

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
                await self.trust.record_in(tx, who, "trusted_hub.key_revoked", hub_id, {"kid": kid}, now)
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
            await self.trust.record_in(tx, who, "trusted_hub.removed", hub_id, {"issuer": row["issuer"]}, now)
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

    async def _trust_in(
        self, tx: Tx, who: Acting, new: str, wanted: NewTrust, now: int
    ) -> TrustedHub | Waiting | HubError:
        refusal = await self.trust.refuse_in(tx, who.org_id, wanted)
        if refusal is not None:
            return refusal
        so_far = known_so_far(wanted.trusted_hub_id)
        more = Wanted(HUB_TRUSTED, wanted.issuer, wanted.text(), so_far.version, so_far.hash)
        waiting = await self.second.keep_in(tx, who, more, now)
        if waiting is not None:
            return waiting
        return await _one_in(tx, who.org_id, await self.trust.trust_in(tx, who, new, wanted, now))

    async def _told(self, made: TrustedHub | Waiting | HubError) -> TrustedHub | Waiting:
        if isinstance(made, HubError):
            raise made
        return await self.second.asked(made) if isinstance(made, Waiting) else made


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
