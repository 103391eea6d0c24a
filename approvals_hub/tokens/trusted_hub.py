"""A hub whose proofs an organisation takes, as it is written down: its name, its issuer, its keys. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import msgspec

from approvals_hub.core.errors import Conflict, Invalid, NotFound
from approvals_hub.people.who_answers import SoFar
from approvals_hub_client.canonical import CanonicalError, sha256_text, unb64u
from approvals_hub_client.keys import BadKey, Ed25519Key, ed25519_of
from approvals_hub_client.paseto import key_id

HUBS_LIMIT = 100
"""Trusted hubs of one organisation."""
KEYS_LIMIT = 20
"""Keys of one trusted hub, ended ones too."""
AUDIENCES_LIMIT = 20
NAME_LIMIT = 80
REVOKED, REMOVED = "revoked", "removed"
"""Why a key is not trusted any more: a revoked one never comes back."""
_PASERK = "k4.public."
_VISIBLE = re.compile(r"[!-~]{1,255}")


class OfferedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key to trust: its PASERK, and from when to when (milliseconds); None has no end."""

    paserk: str
    valid_from: int | None = None
    valid_until: int | None = None


class TrustedKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a trusted hub as it is kept."""

    kid: str
    paserk: str
    valid_from: int | None
    valid_until: int | None
    added_at: int
    ended_at: int | None
    cause: str | None


class TrustedHub(msgspec.Struct, frozen=True, kw_only=True):
    """One trusted hub; `keys` oldest first, ended ones too. That of an own issuer has none: the hub knows its own."""

    hub_id: str
    name: str
    issuer: str
    audiences: tuple[str, ...]
    added_at: int
    added_by: str
    keys: tuple[TrustedKey, ...] = ()


class NewTrust(msgspec.Struct, frozen=True, kw_only=True):
    """What is trusted further: a hub with its keys, or keys of the one that has `trusted_hub_id`."""

    trusted_hub_id: str | None = None
    name: str
    issuer: str
    audiences: tuple[str, ...]
    keys: tuple[OfferedKey, ...]

    def text(self) -> str:
        """As people are asked about it."""
        return msgspec.json.encode(self).decode()


def known_so_far(hub_id: str | None) -> SoFar:
    """What stands of an issuer, where trust in it is proposed: the hub, or nothing. Keys are added to others, whichever
    there are."""
    text = msgspec.json.encode({"trusted_hub_id": hub_id}).decode()
    return SoFar(text, 0, sha256_text(text.encode()))


def check_hub(name: str, issuer: str, audiences: Collection[str]) -> None:
    """Raise Invalid for a name, an issuer or an audience that cannot be one."""
    if not 1 <= len(name.strip()) <= NAME_LIMIT or not name.isprintable():
        raise _invalid(
            "name_invalid", f"a name has 1 to {NAME_LIMIT} printable characters", "Choose another name.", "name"
        )
    if not _VISIBLE.fullmatch(issuer):
        raise _invalid(
            "issuer_invalid",
            "an issuer is the `iss` of the hub's tokens: 1 to 255 visible ASCII characters",
            "Copy `issuer` from what its /v1/public-keys answers.",
            "issuer",
        )
    if len(audiences) > AUDIENCES_LIMIT or not all(map(_VISIBLE.fullmatch, audiences)):
        raise _invalid(
            "audiences_invalid",
            f"audiences are up to {AUDIENCES_LIMIT} names, like the domain under which that hub's agents know you",
            "Give the `relying_party` that its proofs name when they are meant for you.",
            "audiences",
        )


def read_keys(offered: Sequence[OfferedKey], *, own: bool) -> list[tuple[Ed25519Key, OfferedKey]]:
    """The keys that were given. Raises Invalid with the place of one that is none, given twice, or never valid.

    `own`: the issuer is this hub itself, which needs no keys and takes none from anybody.
    """
    if own and offered:
        raise _invalid("keys_of_own_hub", "this hub knows its own keys", "Leave out keys.", "keys")
    if not own and not 1 <= len(offered) <= KEYS_LIMIT:
        raise _invalid(
            "keys_count", f"a trusted hub has 1 to {KEYS_LIMIT} keys", "Give those of its /v1/public-keys.", "keys"
        )
    found: list[tuple[Ed25519Key, OfferedKey]] = []
    for place, each in enumerate(offered):
        try:
            if not each.paserk.startswith(_PASERK):
                raise BadKey("not a PASERK")
            key = ed25519_of(unb64u(each.paserk[len(_PASERK) :]))
        except (BadKey, CanonicalError):
            raise _invalid(
                "key_invalid",
                "a key is a PASERK of an Ed25519 public key, k4.public.…",
                "Copy `paserk` from what the hub's /v1/public-keys answers.",
                f"keys[{place}].paserk",
            ) from None
        if each.valid_from is not None and each.valid_until is not None and each.valid_from >= each.valid_until:
            raise _invalid("key_never_valid", "it would never be valid", "Check the times.", f"keys[{place}]")
        if any(key == other for other, _ in found):
            raise _invalid("key_repeated", "it stands there twice", "Give it once.", f"keys[{place}]")
        found.append((key, each))
    return found


def kid_of(key: Ed25519Key) -> str:
    """The id that tokens name it by."""
    return key_id(key)


def unknown() -> NotFound:
    """It does not exist, or belongs to another organisation: the same answer."""
    return NotFound("trusted_hub_unknown", "there is no such trusted hub", next_step="List them.")


def taken(issuer: str) -> Conflict:
    """Two entries of one issuer would leave open which one counts."""
    return Conflict("issuer_trusted", f"{issuer} is a trusted hub already", next_step="Add keys to it instead.")


def too_many() -> Conflict:
    """A list that nobody can look through protects nobody."""
    return Conflict(
        "trusted_hubs_limit",
        f"an organisation has at most {HUBS_LIMIT} trusted hubs, of {KEYS_LIMIT} keys each",
        next_step="Remove one that is not needed any more.",
    )


def key_known(kid: str, *, revoked: bool) -> Conflict:
    """A key is one hub's, and a revoked one nobody's again."""
    if revoked:
        return Conflict("key_revoked", f"{kid} was revoked here", next_step="Ask its hub for another key.")
    return Conflict("key_trusted", f"{kid} is trusted already", next_step="Leave it out.")


def _invalid(code: str, detail: str, next_step: str, field: str) -> Invalid:
    return Invalid(code, detail, next_step=next_step, field=f"$.{field}")
