"""Signed requests: RFC 9421 HTTP Message Signatures with Ed25519 and RFC 9530 Content-Digest, in one fixed profile.

Covered are `@method`, `@target-uri` and, when the request has them, `content-digest`, `content-type`,
`idempotency-key` and `if-none-match`, in any order; the parameters are `created`, `expires`, `nonce`, `keyid`,
`tag="approvals-hub"` and, at will, `alg="ed25519"`; there is one signature, labelled `sig1`. Nothing else is read:
what a receiver ignores, an attacker may choose.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

import msgspec

from approvals_hub_client.keys import BadSignature, SigningKey, VerifyingKey

TAG: Final = "approvals-hub"
"""The application tag (RFC 9421 section 2.3) of this profile."""

WINDOW: Final = 120
"""How far, in seconds, `created` may lie from the receiver's clock, and `expires` from `created`."""

HEADERS: Final = ("content-digest", "content-type", "idempotency-key", "if-none-match")
"""The headers that are covered whenever the request has them."""

_form = re.compile(
    r'sig1=(\(("[a-z@][a-z0-9-]*"(?: "[a-z@][a-z0-9-]*"){1,9})\)'
    r'((?:;[a-z]{1,16}=(?:[0-9]{1,12}|"[ !#-\[\]-~]{1,256}")){5,6}))'
)
_parameter = re.compile(r';([a-z]+)=(?:([0-9]+)|"([^"]*)")')
_signature = re.compile(r"sig1=:([A-Za-z0-9+/]{86}==):")
_value = re.compile(r"[ -~]*")
_read_headers = frozenset({*HEADERS, "signature", "signature-input"})
_numbers, _texts = {"created", "expires"}, {"nonce", "keyid", "tag", "alg"}


class BadRequestSignature(ValueError):
    """The request is not proven. `reason` is one word for programs.

    `missing` (no signature at all), `malformed`, `not_covered`, `digest`, `too_old_or_new`, `bad_signature`
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep the word for programs beside the sentence for people."""
        super().__init__(message)
        self.reason = reason


class SignatureInput(msgspec.Struct, frozen=True):
    """What a request says about its signature; nothing of it is verified yet. Times are in seconds since 1970."""

    components: tuple[str, ...]
    parameters: str
    """The serialised value of `@signature-params`."""
    created: int
    expires: int
    nonce: str
    keyid: str
    signature: bytes
    headers: dict[str, str]
    """The covered headers by lower-case name."""


def content_digest(body: bytes) -> str:
    """The value of Content-Digest (RFC 9530): SHA-256 alone."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def sign(
    key: SigningKey,
    keyid: str,
    method: str,
    target_uri: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    created: int,
    lifetime: int = 60,
    nonce: str | None = None,
) -> dict[str, str]:
    """The headers that sign this request: `Signature-Input`, `Signature` and, with a body, `Content-Digest`.

    `created` is in seconds since 1970, `lifetime` in seconds; the nonce is 128 random bits unless given.
    Raises ValueError for a key that is not Ed25519.
    """
    if key.public.alg != "Ed25519":
        raise ValueError("requests are signed with Ed25519")
    values = {name.lower(): value for name, value in headers.items()}
    added = {"Content-Digest": content_digest(body)} if body else {}
    values |= {name.lower(): value for name, value in added.items()}
    components = ("@method", "@target-uri", *(name for name in HEADERS if name in values))
    parameters = (
        f"({_quoted(components)});created={created};expires={created + lifetime}"
        f';nonce="{nonce or secrets.token_urlsafe(16)}";keyid="{keyid}";tag="{TAG}"'
    )
    signature = key.sign(signature_base(components, values | _derived(method, target_uri), parameters))
    return {
        **added,
        "Signature-Input": f"sig1={parameters}",
        "Signature": f"sig1=:{b64encode(signature).decode()}:",
    }


def parse(headers: Mapping[str, str]) -> SignatureInput:
    """Read the two signature headers strictly (RFC 8941, in its one serialised form).

    Raises BadRequestSignature: `missing` without them, `malformed` for more than one signature, unknown or repeated
    or missing parameters, another algorithm or tag, and `not_covered` unless exactly the required components of
    this request are covered.
    """
    values = _read(headers)
    given, signed = values.pop("signature-input", None), values.pop("signature", None)
    if given is None or signed is None:
        raise BadRequestSignature("missing", "the request has no signature")
    whole, signature = _form.fullmatch(given), _signature.fullmatch(signed)
    if whole is None or signature is None:
        raise BadRequestSignature("malformed", "not exactly one signature sig1 with the parameters of this profile")
    raw = b64decode(signature[1])
    if b64encode(raw).decode() != signature[1]:
        raise BadRequestSignature("malformed", "the signature is not canonical base64")
    numbers: dict[str, int] = {}
    texts: dict[str, str] = {}
    found = _parameter.findall(whole[3])
    for name, number, text in found:
        if name in _numbers and number:
            numbers[name] = int(number)
        elif name in _texts and text:
            texts[name] = text
        else:
            raise BadRequestSignature("malformed", f"the parameter {name} is not one of this profile")
    if len(numbers) + len(texts) != len(found) or texts.pop("alg", "ed25519") != "ed25519":
        raise BadRequestSignature("malformed", "a repeated parameter or another algorithm")
    if numbers.keys() != _numbers or texts.keys() != {"nonce", "keyid", "tag"} or texts["tag"] != TAG:
        raise BadRequestSignature("malformed", f'created, expires, nonce, keyid and tag="{TAG}" are required')
    components = tuple(whole[2][1:-1].split('" "'))
    required = {"@method", "@target-uri", *values}
    if len(components) != len(required) or set(components) != required:
        raise BadRequestSignature("not_covered", f"the signature must cover exactly {_quoted(sorted(required))}")
    return SignatureInput(
        components, whole[1], numbers["created"], numbers["expires"], texts["nonce"], texts["keyid"], raw, values
    )


def check_window(given: SignatureInput, now: int, *, window: int = WINDOW) -> None:
    """Raise BadRequestSignature unless the signature was made within the window and has not expired (seconds)."""
    in_time = abs(now - given.created) <= window and now < given.expires
    if not in_time or not 0 < given.expires - given.created <= 2 * window:
        raise BadRequestSignature("too_old_or_new", "the signature is outside its window; compare the clocks")


def base(given: SignatureInput, method: str, target_uri: str) -> bytes:
    """The signature base (RFC 9421 section 2.5) of a request in this profile.

    `target_uri` is the one that the receiver knows itself by, never one taken from `Host`.
    Raises BadRequestSignature for values that are not printable ASCII.
    """
    return signature_base(given.components, given.headers | _derived(method, target_uri), given.parameters)


def verify(key: VerifyingKey, given: SignatureInput, method: str, target_uri: str, body: bytes) -> None:
    """Raise BadRequestSignature unless the key signed this request and the digest is the body's.

    A body without Content-Digest is refused. The time window and the nonce are for the caller to check.
    """
    if key.alg != "Ed25519":
        raise BadRequestSignature("bad_signature", "requests are signed with Ed25519")
    digest = given.headers.get("content-digest")
    if (digest is None and body) or (digest is not None and digest != content_digest(body)):
        raise BadRequestSignature("digest", "Content-Digest is not the SHA-256 of the body")
    try:
        key.verify(base(given, method, target_uri), given.signature)
    except BadSignature:
        raise BadRequestSignature("bad_signature", "the signature does not verify") from None


def signature_base(components: Iterable[str], values: Mapping[str, str], parameters: str) -> bytes:
    """The signature base of any components (RFC 9421 section 2.5): a line for each, then the parameters.

    `values` is keyed by component name, lower case. Raises BadRequestSignature for values that could break a line.
    """
    lines = [f'"{name}": {values[name]}' for name in components]
    if not all(map(_value.fullmatch, lines)):
        raise BadRequestSignature("malformed", "a covered value is not printable ASCII")
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode()


def _derived(method: str, target_uri: str) -> dict[str, str]:
    return {"@method": method, "@target-uri": target_uri}


def _quoted(names: Iterable[str]) -> str:
    return " ".join(f'"{name}"' for name in names)


def _read(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of this profile by lower-case name.

    Two of one name are refused: signer and receiver might pick different ones.
    """
    values: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in _read_headers:
            if lower in values:
                raise BadRequestSignature("malformed", f"more than one {name}")
            values[lower] = value.strip(" \t")
    return values
