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
    """A believed key: by itself, or with what a hub published of it, which then goes over what anybody else says.

    `issuer` is the hub that it is known to be of; without one, whose key it is remains the word of whatever is
    verified. `origins` are the logs of which it is known to be a key.
    """

    issuer: str | None = None
    published: PublicKey | None = None
    origins: frozenset[str] = frozenset()


class Trust:
    """Keys that somebody believes. Without any, everything vouches for itself, and reports say so."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.pins: dict[bytes, Pinned] = {}

    def __bool__(self) -> bool:
        """Whether any key was named."""
        return bool(self.pins)

    def add_key(self, text: str) -> None:
        """Believe a key: `ISSUER=k4.public.…` of that hub, a log's verifier key of that log, a bare PASERK of nobody.

        Raises ValueError for any other text, and Untrusted for a key that is pinned under another issuer.
        """
        issuer, key = text.rsplit("=", 1) if text.startswith(("https://", "http://")) and "=" in text else (None, text)
        try:
            if issuer is None and not key.startswith(_PASERK):
                verifier = note.read_key(key)
                self._pin(ed25519_of(verifier.public_key), Pinned(origins=frozenset({verifier.name})))
                return
            if not key.startswith(_PASERK):
                raise ValueError("not an Ed25519 public key")
            self._pin(ed25519_of(unb64u(key[len(_PASERK) :])), Pinned(issuer))
        except (BadKey, CanonicalError):
            raise ValueError("not an Ed25519 public key") from None

    def add_published(self, published: Published) -> None:
        """Believe what a hub published. Raises Untrusted where one of the keys is none, or pinned under another
        issuer: whoever publishes somebody else's key must not become them."""
        for entry in (*published.keys, *published.log_keys):
            self._pin(entry.key(), Pinned(published.issuer, entry))

    def _pin(self, key: Ed25519Key, pinned: Pinned) -> None:
        before = self.pins.get(key.raw, Pinned())
        if None not in (before.issuer, pinned.issuer) and before.issuer != pinned.issuer:
            raise Untrusted(f"{key_id(key)} is pinned as a key of {before.issuer} already, not of {pinned.issuer}")
        published = pinned.published or before.published
        if before.published is not None and before.published.compromised_at is not None:
            published = before.published  # an older file does not take back that a key was compromised
        self.pins[key.raw] = Pinned(before.issuer or pinned.issuer, published, before.origins | pinned.origins)

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

    def is_of(self, key: Ed25519Key, issuer: str) -> bool:
        """Whether this key is believed to be this hub's, not just any hub's."""
        return issuer == self.pins.get(key.raw, Pinned()).issuer

    def is_of_log(self, key: Ed25519Key, origin: str) -> bool:
        """Whether this key is believed to be this log's."""
        return origin in self.pins.get(key.raw, Pinned()).origins

    def is_of_another_log(self, key: Ed25519Key, origin: str) -> bool:
        """Whether this key is believed, but only for other logs."""
        pinned = self.pins.get(key.raw, Pinned())
        return pinned.issuer is None and bool(pinned.origins) and origin not in pinned.origins


def published_of(data: bytes) -> Published:
    """Read what `/v1/public-keys` answered, as its bytes. Raises ValueError for anything else."""
    try:
        return as_published(loads(data))
    except CanonicalError as error:
        raise ValueError(f"not what /v1/public-keys answers: {error}") from None


def as_published(answer: Any) -> Published:
    """What `/v1/public-keys` answered; what a newer hub says beside is left out. Raises ValueError for another."""
    known = _known(answer, Published)
    for name in ("keys", "log_keys"):
        if isinstance(known, dict) and isinstance(known.get(name), list):
            known[name] = [_known(key, PublicKey) for key in known[name]]
    try:
        return msgspec.convert(known, Published)
    except msgspec.ValidationError as error:
        raise ValueError(f"not what /v1/public-keys answers: {error}") from None


def _known(given: Any, form: type[msgspec.Struct]) -> Any:
    """The members that the form has."""
    return {name: given[name] for name in form.__struct_fields__ if name in given} if isinstance(given, dict) else given


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
            found = _of_purpose(entry, purpose)
            pinned = trust.pins.get(found[0].raw, Pinned())
            if pinned.issuer not in (None, issuer):
                raise Untrusted(f"{kid} is a key of {pinned.issuer}, not of {issuer}")
            if pinned.origins and pinned.issuer is None and purpose != LOG:
                raise Untrusted(f"{kid} is known as the key of a log, which signs no tokens")
            return found
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
