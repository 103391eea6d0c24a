"""Signed notes (c2sp.org/signed-note): a text, and Ed25519 signatures that name the key they are made with.

```
text, one or more lines
                                        (an empty line)
— example.com/log M9e0luh4jTG+…         (name, then base64 of 4 bytes of key id and 64 of signature)
```
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

ED25519 = b"\x01"
MAXIMUM_BYTES = 1_000_000
MAXIMUM_SIGNATURES = 100

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_KEY = re.compile(r"([^\s+\x00-\x1f\x7f]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{43}[A-Za-z0-9+/=])")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


class NoteError(ValueError):
    """The text is no signed note, or not signed by the key."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half: checks the signatures that one key made under one name."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        """Raise NoteError for a name that a note cannot carry, or a key that is not 32 bytes."""
        if not _NAME.fullmatch(self.name):
            raise NoteError("the name of a key has no white space, plus or control characters")
        if len(self.public_key) != 32:
            raise NoteError("an Ed25519 key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:4]

    def __str__(self) -> str:
        """The verifier key: `name+key id+key`."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public_key).decode()}"


@dataclass(frozen=True, slots=True)
class Signer:
    """The private half, wherever it lies: `sign` gives the 64 bytes of an Ed25519 signature."""

    verifier: Verifier
    sign: Callable[[bytes], bytes]


def read_key(text: str) -> Verifier:
    """Read a verifier key. Raise NoteError unless its id is that of its name and key."""
    match = _KEY.fullmatch(text)
    raw = _base64(match[3]) if match else b""
    if match is None or raw[:1] != ED25519:
        raise NoteError("not an Ed25519 verifier key: name+8 hex digits+base64")
    verifier = Verifier(match[1], raw[1:])
    if verifier.key_id.hex() != match[2]:
        raise NoteError("the verifier key's id does not belong to its name and key")
    return verifier


def sign(text: str, signer: Signer) -> str:
    """Sign a text that ends with a line feed. Raise NoteError for a text that a note cannot carry."""
    _check_text(text)
    signature = signer.verifier.key_id + signer.sign(text.encode())
    return f"{text}\n— {signer.verifier.name} {b64encode(signature).decode()}\n"


def verify(note: str, *verifiers: Verifier) -> str:
    """The text of a note that one of the keys signed. Other keys' signatures (witnesses) are left alone.

    Raises NoteError for anything that is no note, without a signature of any of the keys, or with a wrong one.
    """
    if len(note) > MAXIMUM_BYTES:
        raise NoteError("the note is too long")
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NoteError("a note is a text, an empty line and signatures")
    text += "\n"
    _check_text(text)
    signatures = lines.removesuffix("\n").split("\n")
    if len(signatures) > MAXIMUM_SIGNATURES:
        raise NoteError("the note has too many signatures")
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed = False
    for name, raw in map(_signature, signatures):
        if verifier := known.get((name, raw[:4])):
            _check_signature(text, raw[4:], verifier)
            signed = True
    if not signed:
        raise NoteError(f"the note is not signed by {' or '.join(map(str, verifiers))}")
    return text


def _check_signature(text: str, signature: bytes, verifier: Verifier) -> None:
    try:
        VerifyKey(verifier.public_key).verify(text.encode(), signature)
    except (BadSignatureError, ValueError):
        raise NoteError(f"the signature by {verifier.name} is wrong") from None


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not _NAME.fullmatch(name):
        raise NoteError("a signature is a dash, a name and base64")
    raw = _base64(encoded)
    if len(raw) < 5:
        raise NoteError("a signature is too short")
    return name, raw


def _base64(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise NoteError("not base64") from None
    if b64encode(raw).decode() != text:
        raise NoteError("base64 has one spelling only")
    return raw


def _check_text(text: str) -> None:
    if len(text) < 2 or not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("the text of a note is lines without control characters")
