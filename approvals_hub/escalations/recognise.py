"""Recognises what was asked before, and gives the asker its salt again, with nothing in the database to guess from.

A short payload can be guessed from any hash whose other parts are known. So the database holds no unsalted hash of an
action, only keyed ones, and no salt but sealed ones.
"""

from __future__ import annotations

import msgspec

from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.match_number import with_code_in
from approvals_hub.keys.vault import Vault
from approvals_hub_client.canonical import b64u, unb64u


class _Salted(msgspec.Struct):
    salt: str


class _Sealed(msgspec.Struct):
    action: _Salted


_open = msgspec.json.Decoder(_Sealed).decode


async def keyed_in(tx: Tx, vault: Vault, org_id: str, use: str, plain: str) -> str:
    """The stored form of an unsalted hash: `hmac-sha256:` and hex. Other organisations and uses have other ones."""
    return "hmac-sha256:" + (await vault.keyed_in(tx, org_id, use, plain.encode())).hex()


async def sealed_salt_in(tx: Tx, vault: Vault, escalation: Escalation) -> str:
    """What the row of a new escalation keeps of its salt: it is read with the row, so that no second read is needed."""
    sealed = await vault.seal_in(tx, escalation.org_id, escalation.salt.encode(), _place(escalation.id))
    return b64u(sealed)


async def salted_in(tx: Tx, vault: Vault, escalation: Escalation) -> Escalation:
    """A stored escalation with its salt and its number, for the agent that asked it."""
    escalation = await with_code_in(tx, vault, escalation)
    if escalation.salt:
        plain = await vault.unseal_in(tx, escalation.org_id, unb64u(escalation.salt), _place(escalation.id))
        return msgspec.structs.replace(escalation, salt=plain.decode())
    # A question from before the salt had its own place: it is in the sealed action.
    plain = await question_in(tx, vault, escalation.org_id, escalation.id)
    return msgspec.structs.replace(escalation, salt=_open(plain).action.salt)


def _place(escalation_id: str) -> str:
    return f"salt:{escalation_id}"


async def question_in(tx: Tx, vault: Vault, org_id: str, escalation_id: str) -> bytes:
    """The unsealed JSON of a question that is there: its salted action and the asker's words."""
    sealed = await store.sealed_question(tx, escalation_id)
    assert sealed is not None
    return await vault.unseal_in(tx, org_id, sealed, f"escalation:{escalation_id}")


async def salted_unless_refused_in(tx: Tx, vault: Vault, result: Escalation | HubError) -> Escalation | HubError:
    """The same for what may have been refused."""
    return result if isinstance(result, HubError) else await salted_in(tx, vault, result)
