"""What was kept of a proof, verified again years later: without the vendor, the hub or a network.

What each way leaves behind differs, and so does how far it can be checked. Nothing is looked up here: whether the
bytes are those that the log commits to, and whether the words are the question's, the caller compares.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from identity import bankid_evidence, bankid_xmldsig, freja_evidence
from identity.bankid_certificates import personal_number, read_roots
from identity.errors import NotProven, TooWeak
from identity.freja_settings import LEVELS
from identity.jws import ALGORITHMS, KIND_OF, BadJws, b64u, json_object, kind_of, read, unb64u, verify
from identity.webauthn import BadPasskey, Known, RelyingParty, verify_assertion

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LARGEST_TOKEN = 64 * 1024
"""Characters of an id_token."""
_BACKUP_ELIGIBLE = 0x08
_FLAGS_AT = 32


class BadEvidence(ValueError):
    """It does not prove what it was kept for. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """Certificates known from elsewhere. Where there are none, what lies in the evidence is believed, and said so."""

    bankid: tuple[Certificate, ...] = ()
    """BankID's root certificates."""
    freja: tuple[Certificate, ...] = ()
    """Freja's certificates for signing results."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One proof, as it was stored. Times are milliseconds since 1970 UTC."""

    method: str
    members: Mapping[str, bytes] = field(repr=False)
    subject: str | None = field(repr=False)
    intent_hash: str
    challenge: bytes
    auth_ref: str | None
    audience: str
    """The hub's public URL at that time."""
    began_at: int
    at: int


@dataclass(frozen=True, slots=True)
class Checked:
    """How far it holds."""

    tied_by: str
    """`signed`: the person signed words and hash; `nonce`: the hash is inside what was signed; `server`: only the hub's
    own record ties it, and nothing more can be checked."""
    words: str | None = field(default=None, repr=False)
    """What the person read and signed; None where the way signs no words."""
    pinned: bool = True
    """Whether whoever signed was known from elsewhere, and not by the evidence itself."""


def check(kept: Kept, trusted: Trusted) -> Checked:
    """Verify it again. Raises BadEvidence. A way that leaves nothing to verify behind is `server`."""
    one = _CHECKS.get(kept.method) or (_id_token if "id_token" in kept.members else None)
    if one is None:
        return Checked("server")
    try:
        return one(kept, trusted)
    except (NotProven, BadJws, BadPasskey) as error:
        raise BadEvidence(f"{kept.method}: {error}") from None
    except (KeyError, ValueError, TypeError, UnicodeError) as error:
        if isinstance(error, BadEvidence):
            raise
        raise BadEvidence(f"{kept.method}: the evidence lacks a part, or it cannot be read") from None


def certificates(pem: bytes) -> tuple[Certificate, ...]:
    """The certificates of a PEM file. Raises ValueError where there is none."""
    return read_roots(pem)


def _bankid(kept: Kept, trusted: Trusted) -> Checked:
    """XML signature, certificate chain, OCSP response with its nonce, purpose, hash, and the person's number."""
    document = kept.members["signature"]
    found = bankid_xmldsig.verify(document)
    asked = bankid_evidence.Asked(
        kind="sign",
        visible=found.visible,
        hidden=b64encode(kept.intent_hash.encode()).decode(),
        not_before=kept.began_at,
    )
    signature, ocsp = (b64encode(kept.members[name]).decode() for name in ("signature", "ocsp"))
    roots: Sequence[Certificate] = trusted.bankid or found.certificates[-1:]
    bankid_evidence.verify(signature, ocsp, asked, roots=roots, now=kept.at)
    if personal_number(found.certificates[0]) != kept.subject:
        raise BadEvidence("bankid: it names another person than the certificate that signed")
    words = None if found.visible is None else b64decode(found.visible, validate=True).decode()
    return Checked("signed", words, pinned=bool(trusted.bankid))


def _freja(kept: Kept, trusted: Trusted) -> Checked:
    """Freja's signature over its result, which holds the person's own over the words and the hash."""
    from cryptography.x509 import load_der_x509_certificate

    details = kept.members["jws"].decode()
    text = _freja_words(details)
    own = (load_der_x509_certificate(kept.members["certificate"]),)
    for known_by in ("ssn", "relying_party_user_id"):
        asked = freja_evidence.Asked(
            reference=kept.auth_ref or "",
            text=text,
            hidden=kept.intent_hash.encode(),
            level=LEVELS[0],
            known_by=known_by,
            began_at=kept.began_at,
            now=kept.at,
        )
        try:
            found = freja_evidence.verified(details, asked, trusted.freja or own)
        except TooWeak:
            # Which of the two names the hub knew people by is not kept.
            continue
        if found.subject == kept.subject:
            return Checked("signed", text, pinned=bool(trusted.freja))
    raise BadEvidence("freja: it names another person than the result that was signed")


def _freja_words(details: str) -> str:
    result = json_object(read(details, largest=freja_evidence.LARGEST_JWS).payload)
    signed = result["signatureData"]["userSignature"]
    text: str = json_object(read(signed, largest=freja_evidence.LARGEST_JWS).payload)["text"]
    return b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True).decode()


def _id_token(kept: Kept, trusted: Trusted) -> Checked:
    """The provider's signature over the person and the nonce. The key is the one that the hub fetched at that time."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key: Any = load_pem_public_key(kept.members["key"])
    token = read(kept.members["id_token"].decode(), largest=LARGEST_TOKEN)
    if token.alg not in ALGORITHMS or KIND_OF[token.alg] != kind_of(key):
        raise BadEvidence(f"{kept.method}: the key is none for the token's algorithm")
    verify(token, key, alg=token.alg)
    claims = json_object(token.payload)
    if claims.get("nonce") != b64u(kept.challenge):
        raise BadEvidence(f"{kept.method}: the token is for another step-up")
    if f"{claims.get('iss')}|{claims.get('sub')}" != kept.subject:
        raise BadEvidence(f"{kept.method}: it names another person than the token")
    return Checked("nonce", pinned=False)


def _passkey(kept: Kept, trusted: Trusted) -> Checked:
    """The authenticator's signature over the challenge, with the person verified."""
    members = kept.members
    parts = {"client_data": "clientDataJSON", "authenticator_data": "authenticatorData", "signature": "signature"}
    response = {there: b64u(members[here]) for here, there in parts.items()}
    passkey_signed(response, members["public_key"], kept.challenge, kept.audience)
    return Checked("nonce")


def passkey_signed(response: Mapping[str, Any], public_key: bytes, challenge: bytes, audience: str) -> None:
    """Verify the three parts of an assertion (base64url) with the key alone. Raises BadPasskey, ValueError."""
    place = urlsplit(audience)
    flags = unb64u(str(response["authenticatorData"]))[_FLAGS_AT]
    # Neither the credential's id nor the counter is kept: the key stands for the one, and a log has the other.
    known = Known(b"\0", public_key, 0, bool(flags & _BACKUP_ELIGIBLE))
    name = b64u(known.credential_id)
    credential = {"id": name, "rawId": name, "type": "public-key", "response": dict(response)}
    own = RelyingParty(place.hostname or "", "", (f"{place.scheme}://{place.netloc}",))
    verify_assertion(own, credential, challenge=challenge, known=known)


_CHECKS: Mapping[str, Callable[[Kept, Trusted], Checked]] = {"bankid": _bankid, "freja": _freja, "webauthn": _passkey}
