"""Which hubs' keys somebody believes, from elsewhere; and whether one of them was good when it signed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from approvals_hub_client import note
from approvals_hub_client.canonical import CanonicalError, loads, unb64u
from approvals_hub_client.keys import BadKey, Ed25519Key, ed25519_of
from approvals_hub_client.paseto import key_id
from approvals_hub_client.times import to_milliseconds

TOKEN, LOG = "token", "log"
SKEW = 30_000
"""How far the clocks of two hubs may differ, in milliseconds."""
MAXIMUM_BYTES = 256 * 1024
"""The longest file of keys that is read."""
_PASERK = "k4.public."


class Untrusted(ValueError):
    """The key does not vouch for what it signed."""


class PublicKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key as `/v1/public-keys` publishes it; times are RFC 3339 texts in UTC."""

    kid: str
    purpose: str
    public_key: str
    paserk: str
    active_from: str
    retired_at: str | None
    valid_until: str | None
    compromised_at: str | None

    def key(self) -> Ed25519Key:
        """The key itself. Raises Untrusted unless id, PASERK and bytes are of one key of the curve."""
        try:
            found = ed25519_of(unb64u(self.public_key))
        except (BadKey, CanonicalError):
            raise Untrusted(f"{self.kid[:80]} is no Ed25519 key") from None
        if key_id(found) != self.kid or self.paserk != _PASERK + self.public_key:
            raise Untrusted(f"{self.kid[:80]} is not the id of the key that stands beside it")
        return found

    def check_at(self, moment: int) -> None:
        """Raise Untrusted unless what it signed at `moment` (milliseconds) counts. Compromise is another question."""
        try:
            since = to_milliseconds(self.active_from)
            until = None if self.valid_until is None else to_milliseconds(self.valid_until)
        except ValueError:
            raise Untrusted(f"the validity of {self.kid} is no time") from None
        if moment < since - SKEW:
            raise Untrusted(f"{self.kid} was not valid yet")
        if until is not None and moment >= until + SKEW:
            raise Untrusted(f"{self.kid} was not valid any more")


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `/v1/public-keys` answers."""

    issuer: str
    keys: list[PublicKey]
    log_keys: list[PublicKey] = []


class Pinned(msgspec.Struct, frozen=True):
    """A believed key: by itself, or with what a hub published of it, which then goes over what anybody else says."""

    issuer: str | None = None
    published: PublicKey | None = None


class Trust:
    """Keys that somebody believes. Without any, everything vouches for itself, and reports say so."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.pins: dict[bytes, Pinned] = {}

    def __bool__(self) -> bool:
        """Whether any key was named."""
        return bool(self.pins)

    def add_key(self, text: str) -> None:
        """Believe a key: a PASERK (`k4.public.…`), or a log's verifier key. Raises ValueError for any other text."""
        try:
            raw = unb64u(text[len(_PASERK) :]) if text.startswith(_PASERK) else note.read_key(text).public_key
            self.pins.setdefault(ed25519_of(raw).raw, Pinned())
        except (BadKey, CanonicalError):
            raise ValueError("not an Ed25519 public key") from None

    def add_published(self, published: Published) -> None:
        """Believe what a hub published. Raises Untrusted where one of the keys is none."""
        for entry in (*published.keys, *published.log_keys):
            self.pins[entry.key().raw] = Pinned(published.issuer, entry)

    def add_file(self, data: bytes) -> None:
        """Believe a file: the answer of `/v1/public-keys`, or one key in each line. Raises ValueError for another."""
        if len(data) > MAXIMUM_BYTES:
            raise ValueError("the file is too long for one of keys")
        if data.lstrip().startswith(b"{"):
            self.add_published(published_of(data))
            return
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError:
            raise ValueError("neither JSON nor lines of keys") from None
        keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        if not keys:
            raise ValueError("there is no key in it")
        for key in keys:
            self.add_key(key)

    def has(self, key: Ed25519Key) -> bool:
        """Whether this key is believed."""
        return key.raw in self.pins


def published_of(data: bytes) -> Published:
    """Read what `/v1/public-keys` answered. Raises ValueError for anything else."""
    try:
        return msgspec.convert(loads(data), Published)
    except (CanonicalError, msgspec.ValidationError) as error:
        raise ValueError(f"not what /v1/public-keys answers: {error}") from None


def choose(
    kid: str, purpose: str, *, issuer: str, declared: Iterable[PublicKey], trust: Trust
) -> tuple[Ed25519Key, PublicKey]:
    """The key that `kid` names: of those that its hub is believed to have, otherwise of the declared ones.

    Where keys were named from elsewhere, what these publish of validity and compromise counts, not the file's own
    word. Raises Untrusted for a key of another purpose or issuer, an unknown one, and one that is not believed.
    """
    for pinned in trust.pins.values():
        if pinned.published is not None and pinned.published.kid == kid:
            if pinned.issuer != issuer:
                raise Untrusted(f"{kid} is a key of {pinned.issuer}, not of {issuer}")
            return _of_purpose(pinned.published, purpose)
    for entry in declared:
        if entry.kid == kid:
            return _of_purpose(entry, purpose)
    raise Untrusted(f"{kid} is no key that is known of {issuer}")


def _of_purpose(entry: PublicKey, purpose: str) -> tuple[Ed25519Key, PublicKey]:
    if entry.purpose != purpose:
        raise Untrusted(f"{entry.kid} is no {purpose} key")
    return entry.key(), entry


def read_trust(sources: Iterable[bytes | str]) -> Trust:
    """The trust of these keys (texts) and files (bytes). Raises ValueError for what is neither."""
    trust = Trust()
    for source in sources:
        if isinstance(source, bytes):
            trust.add_file(source)
        else:
            trust.add_key(source)
    return trust


def plain(value: Any) -> Any:
    """The JSON form of a struct."""
    return msgspec.to_builtins(value)
