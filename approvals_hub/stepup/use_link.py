"""Somebody presses the button on the page that a link by mail opens."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people import joining_store as joining
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.person import ACTIVE
from approvals_hub.people.session import EMAIL_LINK, FULL
from approvals_hub.stepup import sign_in_link_store as store
from approvals_hub.stepup.admit_sign_in import Arrival
from approvals_hub.stepup.open_session import SessionSecrets, Whose, new_session_secrets, open_session_in
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_attempt import secret_hash
from approvals_hub.stepup.sign_in_link import MOST_TRIES, code_hash, code_needed, code_wrong, link_invalid


@dataclass(frozen=True, slots=True)
class LinkProof:
    """The link's token, with the asking page's secret (the same browser) or the digits that it shows."""

    token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UseLink:
    """Opens a full session of level LOW, that no device stands behind."""

    db: Database
    visits: KeepVisits
    clock: Clock
    key: bytes = field(repr=False)
    """Codes are hashed under it."""

    async def __call__(self, proof: LinkProof, arrival: Arrival) -> SignedIn:
        """Sign in, once.

        Raises Unauthenticated, with one answer for a link that is unknown, used or too old and for a person who was
        disabled or removed meanwhile; Forbidden where the digits are missing or wrong.
        """
        now, secrets = self.clock.now(), new_session_secrets()

        async def work(tx: Tx) -> SignedIn | HubError:
            found = await store.of_token(tx, secret_hash(proof.token))
            if found is None:
                return link_invalid()
            await tx.lock("sign_in_links", found["id"])
            link = await store.of_token(tx, secret_hash(proof.token))
            if link is None:
                return link_invalid()
            return await self._use_in(tx, link, proof, arrival, secrets, now)

        return settled(await self.db.run(work))

    async def _use_in(
        self, tx: Tx, link: Row, proof: LinkProof, arrival: Arrival, secrets: SessionSecrets, now: int
    ) -> SignedIn | HubError:
        member = await orgs.member(tx, link["org_id"], link["person_id"])
        org = await orgs.find(tx, link["org_id"])
        if member is None or org is None or member["state"] != ACTIVE:
            return await self._refused_in(tx, link, "not_a_member", arrival, now)
        if link["used_at"] is not None or now >= link["expires_at"]:
            return await self._refused_in(tx, link, "link_invalid", arrival, now)
        if proof.secret is None and proof.code is None:
            return code_needed()
        if not self._is_asker(link, proof):
            await store.count_wrong(tx, link["id"], most=MOST_TRIES, now=now)
            await self._record_in(tx, link, "code_wrong", arrival, now)
            return code_wrong()
        if not await store.use(tx, link["id"], at=now):
            return await self._refused_in(tx, link, "link_invalid", arrival, now)
        if member["email"] is not None:
            await joining.verify_email(tx, link["person_id"], member["email"], at=now)
        whose = Whose(link["org_id"], link["person_id"], FULL, native=arrival.native, method=EMAIL_LINK)
        return SignedIn(
            session=await open_session_in(tx, self.visits, secrets, whose, arrival.visitor, now),
            person_id=link["person_id"],
            person_name=member["name"],
            person_email=member["email"],
            org_id=link["org_id"],
            org_name=org["name"],
            roles=tuple(sorted(member["roles"].split())),
            method=EMAIL_LINK,
        )

    def _is_asker(self, link: Row, proof: LinkProof) -> bool:
        """Whether this is the browser that asked, or whoever sees its screen."""
        if proof.secret is not None and hmac.compare_digest(bytes(link["secret_hash"]), secret_hash(proof.secret)):
            return True
        given = code_hash(self.key, link["id"], proof.code or "")
        return hmac.compare_digest(bytes(link["code_hash"]), given)

    async def _refused_in(self, tx: Tx, link: Row, code: str, arrival: Arrival, now: int) -> HubError:
        """A link that is followed twice may have been read by somebody else: worth an entry."""
        await self._record_in(tx, link, code, arrival, now)
        return link_invalid()

    async def _record_in(self, tx: Tx, link: Row, code: str, arrival: Arrival, now: int) -> None:
        await self.visits.record_in(
            tx,
            Event(
                kind="session.refused",
                org_id=link["org_id"],
                at=now,
                actor_type="person",
                actor_id=link["person_id"],
                decision=code,
                detail={"link_id": link["id"], "method": EMAIL_LINK, "used": link["used_at"] is not None},
            ),
            arrival.visitor,
        )
