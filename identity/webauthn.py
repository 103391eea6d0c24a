"""Passkeys (W3C Web Authentication, Level 3): options for the browser, and verification of what it sends back.

Stores nothing. The package `webauthn` is imported at the first verification: it costs 0.3 s. It leaves cross-origin
use, the kind of key and a consistent backup flag to its caller; all three are held here.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

EDDSA = -8
"""COSE algorithm of Ed25519 (RFC 9053)."""
ES256 = -7
"""COSE algorithm of ECDSA with P-256 and SHA-256 (RFC 9053)."""
RS256 = -257
"""COSE algorithm of RSA with PKCS #1 v1.5 and SHA-256 (RFC 8812)."""
ALGORITHMS = {EDDSA: "EdDSA", ES256: "ES256", RS256: "RS256"}
"""What a credential may sign with: COSE number to JOSE name, the preferred one first.

Windows Hello has RSA keys; without RS256 nobody gets a passkey there (Chromium, content/browser/webauth).
"""
RSA_BITS = range(2048, 4096 + 1)

TIMEOUT = 5 * 60 * 1000
"""How long the browser may keep its dialogue open, in milliseconds."""
LARGEST = 16 * 1024
"""The most characters that one text of a credential may have."""


class BadPasskey(ValueError):
    """The browser's answer proves nothing here: malformed, of another site, challenge or key, or without the person."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site that credentials belong to: its id (a host name), its shown name, and the origins it is reached at."""

    rp_id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """A new credential. The person was present and verified."""

    credential_id: bytes
    public_key: bytes
    """COSE_Key bytes, as the authenticator sent them."""
    alg: str
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    aaguid: str


@dataclass(frozen=True, slots=True)
class Known:
    """What was kept of a credential when it was registered, and its counter since."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool


@dataclass(frozen=True, slots=True)
class Asserted:
    """A verified assertion. The person was present and verified."""

    credential_id: bytes
    sign_count: int
    counter_regressed: bool
    """The counter did not grow: two authenticators may hold the same key (section 6.1.1). The caller decides."""
    backed_up: bool


def warm_up() -> None:
    """Load what the first verification would load, 0.3 s: for a process that must not stop that long later."""
    import webauthn  # noqa: F401 -- the import is the point


def creation_options(
    rp: RelyingParty,
    *,
    challenge: bytes,
    user_handle: bytes,
    user_name: str,
    display_name: str,
    exclude: Iterable[bytes] = (),
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON: a discoverable credential, user verification required, no attestation."""
    return {
        "rp": {"id": rp.rp_id, "name": rp.name},
        "user": {"id": _b64u(user_handle), "name": user_name, "displayName": display_name},
        "challenge": _b64u(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
        "timeout": TIMEOUT,
        "excludeCredentials": _descriptors(exclude),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
        # Level 3, section 5.8.7: what browsers offer first; any other authenticator will do as well.
        "hints": ["client-device", "security-key"],
    }


def request_options(rp: RelyingParty, *, challenge: bytes | None, allow: Iterable[bytes] = ()) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON: user verification required.

    Any discoverable credential will do where `allow` is empty. `challenge` may be None where the page computes it.
    """
    options = {
        "rpId": rp.rp_id,
        "timeout": TIMEOUT,
        "allowCredentials": _descriptors(allow),
        "userVerification": "required",
    }
    return options if challenge is None else {"challenge": _b64u(challenge), **options}


def credential_named(credential: Any) -> tuple[bytes, bytes | None]:
    """The credential id and the user handle that an assertion names, not verified yet. Raises BadPasskey."""
    _require_json_form(credential)
    handle = credential["response"].get("userHandle")
    return _bytes(credential["rawId"]), None if handle is None else _bytes(handle)


def verify_registration(rp: RelyingParty, credential: Any, *, challenge: bytes) -> Registered:
    """Verify a RegistrationResponseJSON (section 7.1). Raises BadPasskey."""
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    _require_json_form(credential)
    _require_own_page(credential)
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp.rp_id,
            expected_origin=list(rp.origins),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in ALGORITHMS],
        )
    except Exception as error:
        # Parsers of CBOR, ASN.1 and keys raise many kinds for hostile bytes; none of them is a registration.
        raise BadPasskey(f"the registration does not verify: {error}") from error
    if found.fmt not in ("none", "packed"):
        # No attestation was asked for; a browser then sends "none", or self attestation as "packed".
        raise BadPasskey(f"attestation {found.fmt} was not asked for")
    return Registered(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        alg=_algorithm(found.credential_public_key),
        sign_count=found.sign_count,
        backup_eligible=found.credential_device_type == "multi_device",
        backed_up=found.credential_backed_up,
        aaguid=found.aaguid,
    )


def verify_assertion(rp: RelyingParty, credential: Any, *, challenge: bytes, known: Known) -> Asserted:
    """Verify an AuthenticationResponseJSON (section 7.2) of exactly this credential. Raises BadPasskey."""
    from webauthn import verify_authentication_response

    named, _ = credential_named(credential)
    if named != known.credential_id:
        raise BadPasskey("the assertion is of another credential")
    _require_own_page(credential)
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp.rp_id,
            expected_origin=list(rp.origins),
            credential_public_key=known.public_key,
            # Zero, as the package would refuse a counter that went back; here it is told to the caller instead.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:
        # As above: hostile bytes raise many kinds.
        raise BadPasskey(f"the assertion does not verify: {error}") from error
    if (found.credential_device_type == "multi_device") != known.backup_eligible:
        raise BadPasskey("whether the key can be backed up has changed since it was registered")
    counts = found.new_sign_count > 0 or known.sign_count > 0
    return Asserted(
        credential_id=found.credential_id,
        sign_count=found.new_sign_count,
        counter_regressed=counts and found.new_sign_count <= known.sign_count,
        backed_up=found.credential_backed_up,
    )


def _require_json_form(credential: Any) -> None:
    """Texts where texts belong, of bounded length. The package parses `null` and numbers with less care."""
    if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
        raise BadPasskey("not a credential's JSON form")
    response = credential["response"]
    texts = [credential.get("id"), credential.get("rawId"), credential.get("type"), response.get("clientDataJSON")]
    optional = [response.get(name) for name in ("userHandle", "attestationObject", "authenticatorData", "signature")]
    for text in (*texts, *(value for value in optional if value is not None)):
        if not isinstance(text, str) or len(text) > LARGEST:
            raise BadPasskey("not a credential's JSON form")


def _require_own_page(credential: dict[str, Any]) -> None:
    """Refuse what a page inside another site's frame has got (clientData's crossOrigin and topOrigin)."""
    try:
        client_data = json.loads(_bytes(credential["response"]["clientDataJSON"]))
    except ValueError as error:
        raise BadPasskey("clientDataJSON is not JSON") from error
    if not isinstance(client_data, dict):
        raise BadPasskey("clientDataJSON is not an object")
    if client_data.get("crossOrigin") not in (None, False) or client_data.get("topOrigin") is not None:
        raise BadPasskey("the page was inside another site's frame")


def _algorithm(public_key: bytes) -> str:
    """The JOSE name of a COSE_Key's algorithm. Raises BadPasskey unless it is a sound key of `ALGORITHMS`."""
    from nacl.bindings import crypto_core_ed25519_is_valid_point
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
    from webauthn.helpers.decode_credential_public_key import (
        DecodedEC2PublicKey,
        DecodedOKPPublicKey,
        DecodedRSAPublicKey,
    )

    try:
        key = decode_credential_public_key(public_key)
        decoded_public_key_to_cryptography(key)  # proves that the coordinates are a point
    except Exception as error:
        # Decoders of CBOR and of keys raise many kinds for hostile bytes.
        raise BadPasskey(f"not a public key: {error}") from error
    if isinstance(key, DecodedOKPPublicKey) and (key.alg, key.crv) == (EDDSA, 6):
        # With a key of small order one constant signature verifies for every message; OpenSSL accepts such keys.
        if len(key.x) == 32 and crypto_core_ed25519_is_valid_point(key.x):
            return ALGORITHMS[EDDSA]
    elif isinstance(key, DecodedEC2PublicKey) and (key.alg, key.crv) == (ES256, 1):
        return ALGORITHMS[ES256]
    elif isinstance(key, DecodedRSAPublicKey) and (key.alg, key.e) == (RS256, b"\x01\x00\x01") and _is_sound(key.n):
        return ALGORITHMS[RS256]
    raise BadPasskey("not an Ed25519 or P-256 key, or an RSA key of 2048 to 4096 bits")


def _is_sound(modulus: bytes) -> bool:
    """A short or even one can be factored, a long one costs whoever verifies, and zeros in front are another text."""
    return int.from_bytes(modulus, "big").bit_length() in RSA_BITS and modulus[0] != 0 and modulus[-1] & 1 == 1


def _descriptors(ids: Iterable[bytes]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": _b64u(raw)} for raw in ids]


def _b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        data = urlsafe_b64decode(text.encode() + b"==")
    except ValueError as error:
        raise BadPasskey("not base64url") from error
    if _b64u(data) != text:
        raise BadPasskey("not canonical base64url")
    return data
