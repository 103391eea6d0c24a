"""Where passkeys of this hub belong, and what is kept of one in its device's row."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from approvals_hub_client.canonical import b64u, sha256_text
from identity.webauthn import Known, RelyingParty


def relying_party(public_url: str, *, name: str = "Approvals Hub", origins: tuple[str, ...] = ()) -> RelyingParty:
    """The relying party of a hub at `public_url`: its host name is the rpId, its origin the only page allowed to ask.

    `origins` are further ones, like those of native apps. Raises ValueError for a URL without a host.
    """
    parts = urlsplit(public_url)
    if parts.hostname is None or parts.scheme not in ("http", "https"):
        raise ValueError(f"{public_url} is no http or https URL")
    return RelyingParty(parts.hostname, name, (f"{parts.scheme}://{parts.netloc}", *origins))


def thumbprint(credential_id: bytes) -> str:
    """How signed texts name a passkey that is being enrolled: base64url of the SHA-256 of its credential id.

    The page cannot know the public key before the credential is made, so the id stands for it.
    """
    return b64u(sha256(credential_id).digest())


def key_hash(public_key: bytes) -> str:
    """`sha256:` and hex of the COSE key, as receipts and the audit log name it."""
    return sha256_text(public_key)


def known(row: Any) -> Known:
    """What was kept of the passkey of a device's row."""
    return Known(
        credential_id=bytes(row["credential_id"]),
        public_key=bytes(row["public_key"]),
        sign_count=row["sign_count"],
        backup_eligible=bool(row["backup_eligible"]),
    )
