"""The action: exactly what an agent wants to do, checked once, and from then on never read loosely again.

`parse_action` is strict at the envelope (unknown members are refused, with their path) and open in the payload, which
may be any JSON that has one canonical text and that a person can be shown whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from approvals_hub.core.clock import HOUR, MINUTE, to_milliseconds
from approvals_hub.core.errors import Forbidden, Invalid, TooLarge
from approvals_hub.core.visible import visible
from approvals_hub.domain.payload import MAX_INTEGER, PayloadError, check_payload
from approvals_hub_client.canonical import CanonicalError, b64u, dumps, sha256_text

MAX_BYTES = 256 * 1024
"""Of the canonical text."""
MAX_ATTACHMENTS = 32
MAX_CHAIN = 16
MAX_AGE = 24 * HOUR
MAX_AHEAD = 2 * MINUTE

TRUST_PROFILES = frozenset({"LOW", "MEDIUM", "HIGH", "REGULATED"})
RESERVED = "hub."
"""Types of actions that only the hub itself asks about."""

_REQUIRED = ("action_id", "action_type", "requested_at", "principal", "subject", "payload")
_ALIKE = frozenset({"action_type", "payload", "relying_party", "subject"})
_TYPE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
_NAME = re.compile(r"[!-~]{1,128}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")


class Action(msgspec.Struct, frozen=True, gc=False):
    """A checked action. `members` is the JSON object as it was asked; nobody changes it."""

    action_id: str
    action_type: str
    requested_at: int
    """Milliseconds since 1970 UTC."""
    agent_id: str
    chain: tuple[str, ...]
    """The agents on whose behalf `agent_id` asks, nearest last; empty when it asks for itself."""
    subject_id: str
    domain: str | None
    """`relying_party.domain`."""
    members: dict[str, Any]


def parse_action(value: Any, *, agent_id: str, now: int, by_hub: bool = False, known_as: str | None = None) -> Action:
    """Check what an agent asks, as strict JSON already parsed it (no duplicate keys, no lone surrogates).

    `agent_id` is the authenticated agent, `now` in milliseconds. `by_hub`: the hub itself asks, and only about types of
    its own. `known_as`: the agent speaks OpenLeash and goes by this name; its relying party may be named by `rp_id`
    or not at all. Raises Invalid with the member's path, Forbidden `principal_mismatch` or `reserved_action`.
    """
    _members(value, "$.action", _REQUIRED, ("relying_party", "attachments"))
    action_id = _text(value["action_id"], "$.action.action_id", _NAME, "1 to 128 visible ASCII characters")
    action_type = _text(value["action_type"], "$.action.action_type", _TYPE, "lower-case words joined by dots")
    if len(action_type) > 128:
        raise _refused("$.action.action_type", "is longer than 128 characters")
    if by_hub:
        assert action_type.startswith(RESERVED)
    elif action_type.startswith(RESERVED):
        raise Forbidden(
            "reserved_action",
            f"actions of type {RESERVED}* are asked by the hub itself",
            next_step="use a type of your own",
            field="$.action.action_type",
        )
    requested_at = _requested_at(value["requested_at"], now)
    chain = _principal(value["principal"], known_as or agent_id)
    subject_id = _subject(value["subject"])
    domain = _relying_party(value["relying_party"], known_as is not None) if "relying_party" in value else None
    if "attachments" in value:
        _attachments(value["attachments"])
    _payload(value["payload"])
    return Action(action_id, action_type, requested_at, agent_id, chain, subject_id, domain, value)


class Hashed(msgspec.Struct, frozen=True, gc=False):
    """An action with the hub's salt, and its three hashes, made of one canonical text of each member."""

    members: dict[str, Any]
    canonical: bytes
    action_hash: str
    plain_hash: str
    """Of the action as it was asked, unsalted: finds an identical open question."""
    similarity_hash: str
    """Of what two alike actions share: type, subject, relying party and payload, not id, time or salt."""


def hashed(action: Action, salt: bytes | None) -> Hashed:
    """The action with the hub's 16 random bytes as `salt`, its canonical bytes, and its hashes. Without a salt, as
    OpenLeash has it, the action's hash is that of what was asked.

    Raises TooLarge when the canonical text is longer than `MAX_BYTES`.
    """
    members = action.members if salt is None else {"salt": b64u(salt), **action.members}
    try:
        # Every member's text is made once; the names are ASCII, so their order is the canonical one (RFC 8785 §3.2.3).
        texts = {name: b'"%b":%b' % (name.encode(), dumps(members[name])) for name in sorted(members)}
    except CanonicalError as error:
        raise _refused("$.action", f"has no canonical text: {error}") from error
    canonical = _object(texts.values())
    if len(canonical) > MAX_BYTES:
        raise TooLarge(
            "action_too_large",
            f"the action's canonical text is longer than {MAX_BYTES} bytes",
            next_step="send large content as attachments by hash",
            field="$.action",
        )
    plain = _object(text for name, text in texts.items() if name != "salt")
    alike = _object(text for name, text in texts.items() if name in _ALIKE)
    return Hashed(members, canonical, sha256_text(canonical), sha256_text(plain), sha256_text(alike))


def _object(members: Iterable[bytes]) -> bytes:
    return b"{" + b",".join(members) + b"}"


def audience(action: Action) -> str:
    """Where tokens for this action count: the relying party's domain, else the agent itself."""
    return action.domain or action.agent_id


def _requested_at(value: Any, now: int) -> int:
    text = _text(value, "$.action.requested_at", _TIME, "an RFC 3339 time with an offset")
    try:
        moment = to_milliseconds(text)
    except ValueError:
        raise _refused("$.action.requested_at", "is no time that exists") from None
    if not now - MAX_AGE <= moment <= now + MAX_AHEAD:
        raise Invalid(
            "requested_at_out_of_range",
            "requested_at is more than 24 hours old or more than 2 minutes ahead",
            next_step="check the clock and ask again with the present time",
            field="$.action.requested_at",
        )
    return moment


def _principal(value: Any, agent_id: str) -> tuple[str, ...]:
    _members(value, "$.action.principal", ("agent_id",), ("chain",))
    asked = _text(value["agent_id"], "$.action.principal.agent_id", _NAME, "an agent's id")
    if asked != agent_id:
        raise Forbidden(
            "principal_mismatch",
            "principal.agent_id is not the agent that signed the request",
            next_step=f"send {agent_id}",
            field="$.action.principal.agent_id",
        )
    chain = value.get("chain", [])
    if type(chain) is not list or len(chain) > MAX_CHAIN:
        raise _refused("$.action.principal.chain", f"must be a list of at most {MAX_CHAIN} ids")
    for index, link in enumerate(chain):
        _text(link, f"$.action.principal.chain[{index}]", _NAME, "an agent's id")
    return tuple(chain)


def _subject(value: Any) -> str:
    """Whom the agent acts for; whether it may is the agent's own matter, judged beside its row."""
    _members(value, "$.action.subject", ("principal_id",), ())
    return _text(value["principal_id"], "$.action.subject.principal_id", _NAME, "an id")


def _relying_party(value: Any, openleash: bool) -> str | None:
    optional = ("trust_profile", "domain", "rp_id") if openleash else ("trust_profile",)
    _members(value, "$.action.relying_party", () if openleash else ("domain",), optional)
    if "rp_id" in value:
        _text(value["rp_id"], "$.action.relying_party.rp_id", _NAME, "1 to 128 visible ASCII characters")
    profile = value.get("trust_profile", "LOW")
    if type(profile) is not str or profile not in TRUST_PROFILES:
        raise _refused("$.action.relying_party.trust_profile", "must be LOW, MEDIUM, HIGH or REGULATED")
    if "domain" not in value:
        return None
    return _text(value["domain"], "$.action.relying_party.domain", _DOMAIN, "a lower-case ASCII host name (xn--…)")


def _attachments(value: Any) -> None:
    if type(value) is not list or len(value) > MAX_ATTACHMENTS:
        raise _refused("$.action.attachments", f"must be a list of at most {MAX_ATTACHMENTS}")
    for index, attachment in enumerate(value):
        path = f"$.action.attachments[{index}]"
        _members(attachment, path, ("sha256", "size", "type", "name"), ())
        _text(attachment["sha256"], f"{path}.sha256", _HASH, "sha256: and 64 lower-case hex digits")
        _text(attachment["type"], f"{path}.type", _MEDIA_TYPE, "a media type")
        if type(attachment["size"]) is not int or not 0 <= attachment["size"] <= MAX_INTEGER:
            raise _refused(f"{path}.size", "must be a number of bytes")
        if type(attachment["name"]) is not str or not 1 <= len(attachment["name"]) <= 255:
            raise _refused(f"{path}.name", "must be 1 to 255 characters")


def _payload(value: Any) -> None:
    try:
        check_payload(value)
    except PayloadError as error:
        raise _refused(f"$.action.payload{error.path}", error.why) from None


def _members(value: Any, path: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """Refuse anything but an object with exactly these members."""
    if type(value) is not dict:
        raise _refused(path, "must be an object")
    for name in required:
        if name not in value:
            raise _refused(f"{path}.{name}", "is missing")
    if len(value) > len(required):
        for name in value:
            if name not in required and name not in optional:
                raise _refused(f"{path}.{visible(name[:64]).text}", "is not known here")


def _text(value: Any, path: str, pattern: re.Pattern[str], what: str) -> str:
    if type(value) is not str or pattern.fullmatch(value) is None:
        raise _refused(path, f"must be {what}")
    return value


def _refused(path: str, why: str) -> Invalid:
    name = path.rpartition(".")[2]
    return Invalid("invalid_action", f"{name} {why}", next_step="correct the member and ask again", field=path)
