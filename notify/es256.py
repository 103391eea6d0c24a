"""JSON Web Tokens signed with ECDSA on P-256 (RFC 7515, RFC 7518 section 3.4): by them push services know a sender."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def signed(key: ec.EllipticCurvePrivateKey, header: Mapping[str, str], claims: Mapping[str, str | int]) -> str:
    """The token in compact form; `alg` is put into the header."""
    parts = [base64url(msgspec.json.encode(part)) for part in ({**header, "alg": "ES256"}, claims)]
    message = ".".join(parts)
    r, s = decode_dss_signature(key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
    # JOSE has the two numbers side by side, where the library has them in DER.
    return f"{message}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def base64url(octets: bytes) -> str:
    """Without padding, as all of JOSE has it (RFC 7515 section 2)."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
