"""What OpenLeash calls things: the name that an agent goes by, its public key's form, its owner's former id."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Final

from approvals_hub.core.errors import Invalid
from approvals_hub_client.keys import BadKey, Ed25519Key, ed25519_of

SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410 section 4)."""

_NAME = re.compile(r"(?!agt_)[A-Za-z0-9][!#-&(-;=?-\[\]-~]{0,127}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class ForOpenLeash:
    """Whom an invitation for an OpenLeash agent is for, as far as the inviter says."""

    agent_id: str | None = None
    """The name that the agent goes by."""
    public_key: str | None = None
    """Its key, base64 of the SubjectPublicKeyInfo: then this key may join by a challenge too."""
    owner_id: str | None = None
    """How it names its owner in what it asks; a UUID of its former hub."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The same, checked."""

    handle: str | None
    key: Ed25519Key | None
    known_owner: str | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where an agent says, when it joins, that it takes events."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def expected(given: ForOpenLeash) -> Expected:
    """Check what an inviter says. Raises Invalid."""
    handle = None if given.agent_id is None else check_handle(given.agent_id, "$.openleash.agent_id")
    key = None if given.public_key is None else read_spki(given.public_key, "$.openleash.public_key")
    if given.owner_id is not None and _UUID.fullmatch(given.owner_id) is None:
        # An id of this hub would let the agent name somebody here whom it does not act for.
        raise Invalid(
            "known_owner_invalid",
            "owner_id is the UUID by which the agent names its owner",
            next_step="Leave it out where the agent is told its owner when it registers.",
            field="$.openleash.owner_id",
        )
    return Expected(handle, key, given.owner_id)


def check_handle(name: str, field: str) -> str:
    """The name. Raises Invalid for what is none, like an id of this hub's own."""
    if _NAME.fullmatch(name) is None:
        raise Invalid(
            "agent_name_invalid",
            "an agent's id has 1 to 128 visible ASCII characters without quotes, and does not begin with agt_",
            next_step="Choose another one.",
            field=field,
        )
    return name


def read_spki(text: str, field: str) -> Ed25519Key:
    """The key of a base64 text of a DER SubjectPublicKeyInfo. Raises Invalid, for small-order keys too."""
    try:
        raw = b64decode(text, validate=True)
        if b64encode(raw).decode() != text or len(raw) != len(SPKI) + 32 or not raw.startswith(SPKI):
            raise BadKey("not the DER form of an Ed25519 key")
        return ed25519_of(raw[len(SPKI) :])
    except (BadKey, ValueError) as error:
        raise Invalid(
            "public_key_invalid",
            f"not an Ed25519 public key in base64 of its SubjectPublicKeyInfo: {error}",
            next_step="Send the key as the client makes it.",
            field=field,
        ) from None


def spki(key: Ed25519Key) -> str:
    """The same the other way round."""
    return b64encode(SPKI + key.raw).decode()
