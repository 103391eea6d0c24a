"""A new key proves that it is there: a passkey by its registration, a device key by a signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.core.errors import HubError, Invalid
from approvals_hub.people.device import DEVICE_KEY, PASSKEY
from approvals_hub.stepup import passkey
from approvals_hub_client.canonical import b64u, dumps, sha256_text
from approvals_hub_client.keys import BadKey, BadSignature, key_of
from approvals_hub_client.statement import enrol_bytes, further_key_bytes
from identity.webauthn import BadPasskey, RelyingParty, verify_registration

_JOSE_NAMES = {"Ed25519": "EdDSA", "ES256": "ES256"}


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """A passkey's registration, or a device key's JWK with its proof over `enrol_bytes`."""

    kind: str
    credential: dict[str, Any] | None = None
    jwk: dict[str, Any] | None = None
    proof: bytes | None = None


@dataclass(frozen=True, slots=True)
class ProvenKey:
    """A public key whose private half was used for this very enrolment; the algorithm is pinned from here on."""

    kind: str
    alg: str
    thumbprint: str
    """How an existing key names it in `further_key_bytes`."""
    key_hash: str
    jwk: str | None = None
    credential_id: bytes | None = None
    public_key: bytes | None = None
    sign_count: int = 0
    backup_eligible: bool = False
    backed_up: bool = False


def prove(rp: RelyingParty, offered: OfferedKey, *, challenge: bytes, person_id: str) -> ProvenKey | HubError:
    """The proven key, or why it is none: malformed, small order, other algorithm, or a proof that does not hold."""
    if offered.kind == PASSKEY and offered.credential is not None:
        return _passkey(rp, offered.credential, challenge)
    if offered.kind == DEVICE_KEY and offered.jwk is not None and offered.proof is not None:
        return _device_key(offered.jwk, offered.proof, challenge, person_id)
    return Invalid(
        "key_incomplete",
        "kind is passkey (with credential) or device_key (with jwk and proof)",
        next_step="Send one of the two, whole.",
        field="$.kind",
    )


def permission_bytes(key: ProvenKey, *, challenge: bytes, person_id: str) -> bytes:
    """What an existing key signs to let this one in."""
    return further_key_bytes(challenge=b64u(challenge), key_thumbprint=key.thumbprint, person_id=person_id)


def _passkey(rp: RelyingParty, credential: dict[str, Any], challenge: bytes) -> ProvenKey | HubError:
    try:
        found = verify_registration(rp, credential, challenge=challenge)
    except BadPasskey as error:
        return _refused(f"the passkey cannot be enrolled: {error}", "$.credential")
    return ProvenKey(
        kind=PASSKEY,
        alg=found.alg,
        thumbprint=passkey.thumbprint(found.credential_id),
        key_hash=passkey.key_hash(found.public_key),
        credential_id=found.credential_id,
        public_key=found.public_key,
        sign_count=found.sign_count,
        backup_eligible=found.backup_eligible,
        backed_up=found.backed_up,
    )


def _device_key(jwk: dict[str, Any], proof: bytes, challenge: bytes, person_id: str) -> ProvenKey | HubError:
    try:
        key = key_of(jwk)
    except BadKey as error:
        return _refused(f"the key cannot be enrolled: {error}", "$.jwk")
    try:
        key.verify(enrol_bytes(challenge=b64u(challenge), key_thumbprint=key.thumbprint, person_id=person_id), proof)
    except BadSignature:
        return _refused("the proof is not this key's signature over this enrolment", "$.proof")
    text = dumps(key.jwk)
    return ProvenKey(
        kind=DEVICE_KEY,
        alg=_JOSE_NAMES[key.alg],
        thumbprint=key.thumbprint,
        key_hash=sha256_text(text),
        jwk=text.decode(),
    )


def _refused(detail: str, field: str) -> Invalid:
    return Invalid(
        "key_refused",
        detail,
        next_step="Make a new Ed25519 or P-256 key for this hub, and sign the challenge that it just issued.",
        field=field,
    )
