"""Envelope encryption: data keys seal records, key-encryption keys from a file wrap the data keys.

XChaCha20-Poly1305 (libsodium) with the record's context as associated data, so that a sealed value moved to another
row, person or organisation does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as _decrypt
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as _encrypt
from nacl.exceptions import CryptoError

_VERSION = b"\x01"
_NONCE = 24
_KEY = 32


class SealBroken(Exception):
    """What was sealed does not open: another key, another context, or changed bytes."""


class KeyFileError(Exception):
    """The file of key-encryption keys cannot be used; the message says why and what to do."""


def new_key() -> bytes:
    """A random 256-bit key."""
    return secrets.token_bytes(_KEY)


def seal(key: bytes, plain: bytes, context: str) -> bytes:
    """Encrypt `plain` so that it opens only with this key and this context."""
    nonce = os.urandom(_NONCE)
    return _VERSION + nonce + _encrypt(plain, context.encode(), nonce, key)


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt. Raises SealBroken for another key or context, or for changed bytes."""
    if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE + 16:
        raise SealBroken("not a sealed value of version 1")
    try:
        return _decrypt(sealed[1 + _NONCE :], context.encode(), sealed[1 : 1 + _NONCE], key)
    except CryptoError:
        raise SealBroken("the sealed value does not open with this key and context") from None


def derive(data_key: bytes, label: str) -> bytes:
    """A key for one use, from a data key: HMAC-SHA256 of the label (RFC 5869's expand step, one block)."""
    return hmac.digest(data_key, label.encode() + b"\x01", hashlib.sha256)


class Mac:
    """HMAC-SHA256 under one key. The two padded halves of the key are hashed once (RFC 2104 §4), which halves the cost
    of each short message."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """Raise ValueError unless the key has 32 bytes."""
        if len(key) != _KEY:
            raise ValueError("the MAC key has 32 bytes")
        padded = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, first: bytes, second: bytes = b"") -> bytes:
        """The MAC of `first` and `second`, one behind the other."""
        inner = self._inner.copy()
        inner.update(first)
        inner.update(second)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


@dataclass(frozen=True, slots=True)
class KeyEncryptionKeys:
    """The keys that wrap data keys: the first one wraps, all of them unwrap. Never printed."""

    keys: dict[str, bytes] = field(repr=False)

    @property
    def active(self) -> str:
        """The id of the key that wraps."""
        return next(iter(self.keys))

    def wrap(self, data_key: bytes, scope: str, *, under: str | None = None) -> tuple[str, bytes]:
        """The id of the wrapping key (the active one unless `under` names one), and the wrapped data key of `scope`.

        Raises SealBroken where `under` is not here.
        """
        kek_id = under or self.active
        return kek_id, seal(self._key(kek_id), data_key, f"data-key:{scope}")

    def unwrap(self, kek_id: str, wrapped: bytes, scope: str) -> bytes:
        """The data key. Raises SealBroken where the key is not here or does not fit."""
        return unseal(self._key(kek_id), wrapped, f"data-key:{scope}")

    def _key(self, kek_id: str) -> bytes:
        key = self.keys.get(kek_id)
        if key is None:
            raise SealBroken(f"key-encryption key {kek_id} is not in the key file")
        return key


def create_key_file(path: Path) -> KeyEncryptionKeys:
    """Make the file with one new key and mode 0600. Raises FileExistsError where there is one."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(_line(_new_id(), new_key()))
        file.flush()
        os.fsync(file.fileno())
    return read_key_file(path)


def read_key_file(path: Path) -> KeyEncryptionKeys:
    """Read the keys: one a line, `id base64`, the active one first.

    Raises KeyFileError where the file is missing, readable by others, or malformed.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text(errors="replace").splitlines()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; `approvals-hub init` makes a new hub's key file") from error
    if mode & 0o077:
        raise KeyFileError(f"{path} can be read by other users; run: chmod 600 {path}")
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, 1):
        name, _, text = line.partition(" ")
        try:
            key = b64decode(text, validate=True)
        except ValueError:
            key = b""
        if not name.startswith("kek_") or len(key) != _KEY or name in keys:
            raise KeyFileError(f"{path}:{number}: not `kek_… base64` of {_KEY} bytes")
        keys[name] = key
    if not keys:
        raise KeyFileError(f"{path} holds no key")
    return KeyEncryptionKeys(keys)


def write_key_file(path: Path, keks: KeyEncryptionKeys) -> None:
    """Replace the file in one step (write beside it, fsync, rename), mode 0600."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.writelines(_line(name, key) for name, key in keks.keys.items())
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def with_new_active(keks: KeyEncryptionKeys) -> KeyEncryptionKeys:
    """The same keys behind a new active one."""
    return KeyEncryptionKeys({_new_id(): new_key(), **keks.keys})


def _new_id() -> str:
    return "kek_" + secrets.token_hex(8)


def _line(name: str, key: bytes) -> str:
    return f"{name} {b64encode(key).decode()}\n"
