"""The ways to prove who one is that this hub offers, and what is put into a provider's hands for one person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.core.log import logger
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.assurance import named
from approvals_hub.keys.vault import Vault
from approvals_hub.people import store as people
from approvals_hub.people.device import PASSKEY
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.ask import shown_now
from approvals_hub.stepup.step_up import RUNNING, Kept, Step
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.statement import step_up_challenge
from identity.proof import Client, Factor, Purpose, StepUp
from identity.provider import Moving, Provider, proofs_expire

log = logger("stepup")


WEBAUTHN = "webauthn"
"""Needs no factor of its own: the person's passkeys are devices."""


@dataclass(frozen=True, slots=True)
class Held:
    """A person's factor of one method, opened for one call."""

    factor_id: str | None
    factor: Factor


@dataclass(frozen=True, slots=True)
class Methods:
    """Knows the providers; seals what they remember with the key of the person it is about."""

    providers: Mapping[str, Provider]
    vault: Vault
    subject_key: bytes
    """Hashes the providers' own names for people (personal numbers): the database alone gives none away."""
    sign_in_only: frozenset[str] = frozenset()
    """Providers that are for signing in and prove no decision."""

    def provider(self, method: str) -> Provider | None:
        """The provider of this name, if this hub offers it."""
        return self.providers.get(method)

    def offered(self) -> frozenset[str]:
        """All ways by which an approval can be proven here, as requirements and tokens name them."""
        return frozenset({"device_key", "passkey", *(named(method) for method in self.for_decisions())})

    def for_decisions(self) -> tuple[str, ...]:
        """The providers that a step-up may be begun with."""
        return tuple(method for method in self.providers if method not in self.sign_in_only)

    def of_short_proofs(self) -> list[str]:
        """Providers whose proofs cannot be brought again after a while: what they used up need not be kept for ever."""
        return [method for method, provider in self.providers.items() if proofs_expire(provider)]

    def subject_hash(self, method: str, subject: str) -> bytes:
        """What is stored of a provider's name for a person."""
        return hmac.digest(self.subject_key, f"{method}\0{subject}".encode(), hashlib.sha256)

    async def held_in(self, tx: Tx, person_id: str, method: str) -> Held | None:
        """The person's factor; None where they cannot be asked this way."""
        if method == WEBAUTHN:
            return await self._passkeys_in(tx, person_id)
        row = await factor_store.of_method(tx, person_id, method)
        return None if row is None or not row["sealed"] else await self._open_in(tx, row)

    async def held_alike_in(self, tx: Tx, person_id: str, method: str, nobodys: Mapping[str, Any]) -> Held:
        """The same for a visitor who says who they are: the same work for whoever has such a factor and for whoever has
        not, or is not here. Those get a factor without an id, with `nobodys` data."""
        scope, context = "hub", f"factor:{method}"
        decoy = tx.memory.get("decoy:" + method)
        if decoy is None:
            decoy = tx.memory["decoy:" + method] = await self.vault.seal_in(tx, scope, dumps(dict(nobodys)), context)
        row = await factor_store.of_method(tx, person_id, method)
        found = row is not None and bool(row["sealed"])
        who, sealed = (person_id, bytes(row["sealed"])) if row is not None and found else (scope, decoy)
        plain = await self._opened_in(tx, who, sealed, context, anew=True)
        if plain is None:
            return Held(None, Factor(dict(nobodys)))
        return Held(row["id"] if row is not None and found else None, Factor(msgspec.json.decode(plain)))

    async def kept_in(self, tx: Tx, step: Step) -> Kept | None:
        """What a running step-up keeps sealed; None where it has ended, or where nobody can open it any more."""
        if step.sealed is None:
            return None
        plain = await self._opened_in(tx, step.person_id, step.sealed, f"step-up:{step.id}")
        return None if plain is None else msgspec.json.decode(plain, type=Kept)

    async def seal_kept_in(self, tx: Tx, step_up_id: str, person_id: str, kept: Kept) -> bytes:
        """Seal it for this one step-up."""
        return await self.vault.seal_in(tx, person_id, msgspec.json.encode(kept), f"step-up:{step_up_id}")

    async def seal_data_in(self, tx: Tx, person_id: str, method: str, data: Mapping[str, Any]) -> bytes:
        """Seal what is kept of a person for one method."""
        return await self.vault.seal_in(tx, person_id, dumps(dict(data)), f"factor:{method}")

    def picture(self, step: Step, kept: Kept | None, now: int) -> dict[str, Any]:
        """What the browser may see at this moment: some providers' picture moves each second (BankID's QR code)."""
        if kept is None or step.state_at(now) != RUNNING:
            return {}
        provider: object = self.provider(step.method)
        if isinstance(provider, Moving):
            return shown_now(step.method, provider, asked_with(step, kept.asked), kept.state, now) or dict(kept.shown)
        return dict(kept.shown)

    def linking(self, given: Mapping[str, Any]) -> Held:
        """The factor of somebody who is linked now: whoever proves themselves is the one."""
        return Held(None, Factor(dict(given), lambda subject: True))

    async def _open_in(self, tx: Tx, row: Row) -> Held | None:
        method, stored = row["method"], row["subject_hash"]
        plain = await self._opened_in(tx, row["person_id"], bytes(row["sealed"]), f"factor:{method}")
        if plain is None:
            return None

        def is_mine(subject: str) -> bool:
            return stored is not None and hmac.compare_digest(self.subject_hash(method, subject), bytes(stored))

        return Held(row["id"], Factor(msgspec.json.decode(plain), is_mine))

    async def _opened_in(
        self, tx: Tx, person_id: str, sealed: bytes, context: str, *, anew: bool = False
    ) -> bytes | None:
        """The record, or None where the person's key was destroyed or the record is not theirs.

        One record that does not open must not keep the collector from all the others; the operator is told.
        """
        try:
            if anew:
                return await self.vault.unseal_anew_in(tx, person_id, sealed, context)
            return await self.vault.unseal_in(tx, person_id, sealed, context)
        except (LookupError, SealBroken) as error:
            log.error("step_up_not_opened", person_id=person_id, record=context, why=type(error).__name__)
            return None

    async def _passkeys_in(self, tx: Tx, person_id: str) -> Held | None:
        passkeys = [row for row in await people.active_devices(tx, person_id) if row["kind"] == PASSKEY]
        credentials = [
            {
                "id": b64u(bytes(row["credential_id"])),
                "public_key": b64u(bytes(row["public_key"])),
                "sign_count": row["sign_count"],
                "backup_eligible": bool(row["backup_eligible"]),
                "backed_up": bool(row["backed_up"]),
            }
            for row in passkeys
        ]
        return Held(None, Factor({"credentials": credentials})) if credentials else None


def asked_with(step: Step, asked: Mapping[str, Any]) -> StepUp:
    """What a provider is asked with; `asked` is what was kept when the step-up began."""
    return StepUp(
        id=step.id,
        intent_hash=step.intent_hash,
        challenge=step_up_challenge(step.id, step.intent_hash),
        purpose=Purpose(step.purpose),
        visible=asked["visible"],
        language=asked["language"],
        client=Client(asked["address"], asked["user_agent"], asked["same_device"]),
        began_at=step.began_at,
        expires_at=step.expires_at,
        return_url=asked["return_url"],
        most_risk=asked.get("most_risk"),
        passkeys=asked.get("passkeys", "any"),
        organisation=asked["organisation"],
    )
