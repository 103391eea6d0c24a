"""Takes a hub's proofs, or those of further keys of it, inside the unit of work of whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import HubError
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.tokens import trusted_hub_store as store
from approvals_hub.tokens.trusted_hub import (
    HUBS_LIMIT,
    KEYS_LIMIT,
    NewTrust,
    key_known,
    kid_of,
    read_keys,
    taken,
    too_many,
    unknown,
)


@dataclass(frozen=True, slots=True)
class TrustHub:
    """The caller holds the organisation's row."""

    recorder: Recorder
    issuer: str
    """This hub's own."""

    async def refuse_in(self, tx: Tx, org_id: str, wanted: NewTrust) -> HubError | None:
        """Why it cannot be trusted: there are too many, or issuer or key are known. Raises Invalid for what is no
        key."""
        offered = read_keys(wanted.keys, own=wanted.issuer == self.issuer)
        there = await store.hub_of(tx, org_id, wanted.issuer)
        refusal: HubError | None
        if wanted.trusted_hub_id is None:
            many = len(await store.hubs(tx, org_id)) >= HUBS_LIMIT
            refusal = too_many() if many else taken(wanted.issuer) if there is not None else None
        elif there != wanted.trusted_hub_id:
            refusal = unknown()
        else:
            many = len(await store.keys(tx, [there])) + len(offered) > KEYS_LIMIT
            refusal = too_many() if many else None
        return refusal or await _known_in(tx, org_id, [kid_of(key) for key, _ in offered])

    async def trust_in(
        self, tx: Tx, who: Acting, new: str, wanted: NewTrust, now: int, *, question: str | None = None
    ) -> str:
        """Trust what is not refused; the hub's id, `new` for one that there was not. `question` is what people have
        signed about it."""
        hub_id = wanted.trusted_hub_id or new
        if wanted.trusted_hub_id is None:
            names = sorted(set(wanted.audiences))
            text = msgspec.json.encode(names).decode()
            name, issuer = wanted.name, wanted.issuer
            added = await store.add_hub(
                tx, hub_id=new, org_id=who.org_id, name=name, issuer=issuer, audiences=text, at=now, by=who.actor_id
            )
            assert added  # the organisation's row is held since its issuer was looked up
            detail: Detail = {"issuer": issuer, "audiences": names}
            await self.record_in(tx, who, "trusted_hub.added", hub_id, detail, now, question)
        for key, given in read_keys(wanted.keys, own=wanted.issuer == self.issuer):
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
            await self.record_in(tx, who, "trusted_hub.key_added", hub_id, {"kid": kid}, now, question)
        return hub_id

    async def record_in(
        self, tx: Tx, who: Acting, kind: Kind, hub_id: str, detail: Detail, now: int, question: str | None = None
    ) -> None:
        """The entry about a trusted hub."""
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                escalation_id=question,
                detail={"trusted_hub_id": hub_id, **detail},
            ),
        )


async def _known_in(tx: Tx, org_id: str, kids: Sequence[str]) -> HubError | None:
    """Why one of these keys cannot be taken, or None."""
    for row in await store.believed(tx, org_id, list(kids)):
        return key_known(row["kid"], revoked=False)
    for kid in kids:
        if await store.was_revoked(tx, org_id, kid):
            return key_known(kid, revoked=True)
    return None
