"""The rows of a question that may be told of it, where its organisation lets any be told."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Question
from approvals_hub.keys.vault import Vault
from approvals_hub_client.canonical import loads
from approvals_hub_client.fields import fields_of


@dataclass(frozen=True, slots=True)
class ShownOutside:
    """Reads them for whoever composes messages, who knows nothing of questions but their ids."""

    vault: Vault

    async def fields_in(self, tx: Tx, org_id: str, escalation_id: str) -> list[dict[str, str]] | None:
        """The fields of its presentation; None where they are gone. Raises SealBroken, LookupError."""
        sealed = await store.sealed_question(tx, escalation_id)
        if sealed is None:
            return None
        plain = await self.vault.unseal_in(tx, org_id, sealed, f"escalation:{escalation_id}")
        return fields_of(msgspec.convert(loads(plain, max_depth=40), Question).action)
