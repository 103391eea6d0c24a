"""PASETO v4.public with one canonical text per token, and the checks of claims that every reader owes.

Tokens are written with pyseto. They are read here: pyseto 1.10 accepts several texts for one token (padding, spare
bits, the other alphabet), takes small-order keys, and costs 1.7 times what parsing and verifying cost below. Tests
hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from approvals_hub_client.canonical import CanonicalError, b64u, loads, unb64u
from approvals_hub_client.keys import BadSignature, Ed25519Key, Ed25519SigningKey, VerifyingKey
from approvals_hub_client.times import to_milliseconds

APPROVAL = b"approvals-hub.approval.v1"
"""Implicit assertion of approval tokens: no verifier of proofs ever accepts one."""

OUTCOME = b"approvals-hub.outcome.v1"
"""Implicit assertion of outcome tokens."""

PROOF = b""
"""Proof tokens have no implicit assertion, so that any PASETO library verifies them."""

MAX_LENGTH = 64 * 1024
"""Longer texts are refused unread; in characters."""

_header = "v4.public."
_head = (4).to_bytes(8, "little") + len(_header).to_bytes(8, "little") + _header.encode()
_form = re.compile(r"v4\.public\.([A-Za-z0-9_-]{86,})(?:\.([A-Za-z0-9_-]+))?")
_footer = re.compile(rb'\{"kid":"([A-Za-z0-9._-]{1,128})"\}')


class BadToken(ValueError):
    """The token is refused. `reason` is one word for programs.

    `malformed, unknown_key, bad_signature, kid, purpose, issuer, audience, expired, not_yet_valid`
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep the word for programs beside the sentence for people."""
        super().__init__(message)
        self.reason = reason


def key_id(public_key: bytes | Ed25519Key) -> str:
    """The PASERK id (`k4.pid.…`) of a public key (or its 32 bytes): its `kid`, which nobody can choose."""
    name = "k4.pid."
    return name + b64u(blake2b((name + paserk(public_key)).encode(), digest_size=33).digest())


def paserk(public_key: bytes | Ed25519Key) -> str:
    """The PASERK text (`k4.public.…`) of a public key (or its 32 bytes)."""
    return "k4.public." + b64u(public_key.raw if isinstance(public_key, Ed25519Key) else public_key)


def sign(secret: bytes | Ed25519SigningKey, kid: str, payload: bytes, *, implicit: bytes) -> str:
    """The token of a payload, with exactly `{"kid":…}` as its footer. `secret` is a key or its 32-byte seed.

    Raises ValueError for a kid that is not 1 to 128 letters, digits, dots, dashes and underscores.
    """
    import pyseto  # a quarter of a second, and readers do not need it

    footer = b'{"kid":"%b"}' % kid.encode()
    if not _footer.fullmatch(footer):
        raise ValueError("not a key id")
    key = _pyseto_key(secret.seed if isinstance(secret, Ed25519SigningKey) else secret)
    return str(pyseto.encode(key, payload, footer, implicit_assertion=implicit), "ascii")


def warm_up() -> None:
    """Load what the first `sign` would load, 50 to 250 ms: for a process that must not stop that long later."""
    import pyseto  # noqa: F401 -- the import is the point


def verify(public_key: bytes | Ed25519Key, token: str, *, implicit: bytes) -> bytes:
    """The payload of a token that this key (or its 32 bytes) signed under this implicit assertion.

    Raises BadToken for any other text, and BadKey for bytes that are no key.
    """
    body, footer = _split(token)
    return _payload(
        public_key if isinstance(public_key, Ed25519Key) else Ed25519Key(public_key), body, footer, implicit
    )


def kid_of(token: str) -> str:
    """The key id that the footer claims; nothing is verified. Raises BadToken when the text has no strict form."""
    return _kid(_split(token)[1])


def unverified(token: str) -> bytes:
    """The payload as it stands there, nothing verified: good for choosing the key that verifies it, and no more.

    Raises BadToken when the text has no strict form.
    """
    return _split(token)[0][:-64]


def decode(
    keys: Mapping[str, VerifyingKey],
    token: str,
    *,
    implicit: bytes,
    audience: str | None,
    now: int,
    purpose: str | None = None,
    issuer: str | None = None,
    leeway: int = 0,
) -> dict[str, Any]:
    """The claims of a token that is good now. `now` and `leeway` are in milliseconds.

    Checked: the signature by the key of the footer's kid, claim `kid` equal to it, `exp` (required), `iat`, `nbf`,
    `aud` equal to `audience`, `purpose` equal or absent when None, `iss` equal when `issuer` is given.
    Pass `audience=None` only to report what a token says; who acts on a token names itself.

    Raises BadToken.
    """
    body, footer = _split(token)
    kid = _kid(footer)
    key = keys.get(kid)
    if not isinstance(key, Ed25519Key):
        raise BadToken("unknown_key", "the token names a key that is not trusted here")
    payload = _payload(key, body, footer, implicit)
    try:
        claims = loads(payload)
    except CanonicalError as error:
        raise BadToken("malformed", f"the payload is not strict JSON: {error}") from None
    if type(claims) is not dict:
        raise BadToken("malformed", "the payload is not an object")
    if claims.get("kid") != kid:
        raise BadToken("kid", "claim and footer name different keys")
    if claims.get("purpose") != purpose or ("purpose" in claims) != (purpose is not None):
        raise BadToken("purpose", "the token is for another purpose")
    if issuer is not None and claims.get("iss") != issuer:
        raise BadToken("issuer", "the token is from another issuer")
    if audience is not None and claims.get("aud") != audience:
        raise BadToken("audience", "the token is for another audience")
    _check_times(claims, now, leeway)
    return claims


def _check_times(claims: dict[str, Any], now: int, leeway: int) -> None:
    times = {name: _time(claims.get(name), name) for name in ("iat", "nbf", "exp") if name in claims or name == "exp"}
    if now >= times.pop("exp") + leeway:
        raise BadToken("expired", "the token has expired")
    if any(now < moment - leeway for moment in times.values()):
        raise BadToken("not_yet_valid", "the token is not valid yet")


def _time(text: Any, name: str) -> int:
    try:
        return to_milliseconds(text)
    except (ValueError, TypeError):
        raise BadToken("malformed", f"{name} is not an RFC 3339 time in UTC") from None


def _split(token: str) -> tuple[bytes, bytes]:
    """Payload with signature, and footer (maybe empty). Raises BadToken unless no other text has these bytes."""
    parts = _form.fullmatch(token) if len(token) <= MAX_LENGTH else None
    if parts is None:
        raise BadToken("malformed", "not a v4.public token")
    try:
        return unb64u(parts[1]), unb64u(parts[2] or "")
    except CanonicalError:
        raise BadToken("malformed", "not the canonical text of a token") from None


def _kid(footer: bytes) -> str:
    kid = _footer.fullmatch(footer)
    if kid is None:
        raise BadToken("malformed", 'the footer is not exactly {"kid":…}')
    return kid[1].decode()


def _payload(key: Ed25519Key, body: bytes, footer: bytes, implicit: bytes) -> bytes:
    payload, signature = body[:-64], body[-64:]
    try:
        key.verify(_encoded(payload, footer, implicit), signature)
    except BadSignature:
        raise BadToken("bad_signature", "the signature does not verify") from None
    return payload


def _encoded(payload: bytes, footer: bytes, implicit: bytes) -> bytes:
    """What is signed, in pre-authentication encoding: the count and every length as 64-bit little-endian integers."""
    return b"".join(
        (
            _head,
            len(payload).to_bytes(8, "little"),
            payload,
            len(footer).to_bytes(8, "little"),
            footer,
            len(implicit).to_bytes(8, "little"),
            implicit,
        )
    )


@lru_cache(maxsize=8)
def _pyseto_key(seed: bytes) -> Any:
    """pyseto's key of this seed, which signs by libsodium.

    The signature is the same: Ed25519 has one for each message (RFC 8032). OpenSSL, which pyseto asks, takes one and a
    half times as long for it, and twice as long where its tables have left the cache.
    """
    from pyseto import Key

    key, libsodium = Key.from_asymmetric_key_params(4, d=seed), Ed25519SigningKey(seed)

    class SodiumKey(type(key)):  # type: ignore[misc]  # pyseto has no public name for the class
        def sign(self, payload: bytes, footer: bytes = b"", implicit_assertion: bytes = b"") -> bytes:
            return libsodium.sign(_encoded(payload, footer, implicit_assertion))

    return SodiumKey(key._key)
