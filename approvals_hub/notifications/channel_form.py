"""What an organisation may write about a channel of its own, field by field: pure, and nothing is connected.

Of each kind it is known which settings are secret and which say where messages go. Whoever changes where they go hands
over the secrets again: else a secret could be led to a server of somebody's choice without being known.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from approvals_hub.core.errors import Invalid

WHOLE: Final = "*"
"""The place of the settings of an installed package: nobody but it knows which of them are secret."""
SECRETS: Final = {
    "smtp": ("password",),
    "sendgrid": ("api_key",),
    "sms": tuple(
        f"gateway.{name}"
        for name in (
            *("username", "password", "api_key", "api_secret", "headers", "body"),
            *("auth.username", "auth.password", "auth.token", "auth.value"),
        )
    ),
    "webpush": ("private_key",),
    "apns": ("key",),
    "fcm": ("service_account",),
    "relay": (),
    "webhook": ("url", "secrets"),
    "slack": ("url",),
    "teams": ("url",),
}
"""Kind → places of its secrets. A gateway's headers and body are among them, as some want their key there."""
DESTINATIONS: Final = {
    "smtp": ("host", "port", "tls", "username"),
    "sendgrid": ("base_url",),
    "sms": ("gateway",),
    "webpush": ("hosts",),
    "apns": ("host", "port", "environment", "team_id", "key_id", "topic"),
    "fcm": ("base_url",),
    "relay": ("url",),
    "webhook": ("url",),
    "slack": ("url",),
    "teams": ("url",),
}
"""Kind → places that say where messages go, and as whom."""
ROOMS: Final = ("webhook", "slack", "teams")
"""Kinds that have one address of their own, and no person's."""
_AT = re.compile(r" - at `\$\.?([^`]*)`$")
_MEMBER = re.compile(r"(?:required|unknown) field `([^`]*)`")


@dataclass(frozen=True, slots=True)
class Written:
    """The settings of one channel, split into what may be shown and what may not."""

    kind: str
    plain: dict[str, Any]
    secrets: dict[str, Any] = field(repr=False)

    def whole(self) -> dict[str, Any]:
        """The settings as they were written. A new copy."""
        found: dict[str, Any] = dict(msgspec.json.decode(msgspec.json.encode(self.plain)))
        for place, value in self.secrets.items():
            if place == WHOLE:
                return dict(value)
            _put(found, place.split("."), value)
        return found


def split(kind: str, settings: Mapping[str, Any]) -> Written:
    """The same settings, sorted. Everything of an installed package's channel is secret."""
    plain: dict[str, Any] = dict(msgspec.json.decode(msgspec.json.encode(settings)))
    if kind not in SECRETS:
        return Written(kind, {}, {WHOLE: plain} if plain else {})
    secrets: dict[str, Any] = {}
    for place in SECRETS[kind]:
        found = _take(plain, place.split("."))
        if found is not None:
            secrets[place] = found
    return Written(kind, plain, secrets)


def merged(before: Written | None, kind: str, settings: Mapping[str, Any]) -> Written:
    """What stands after `settings` were sent: a secret that they leave out stays, one that is null goes.

    Raises Invalid with the secret's place where another destination was sent without it.
    """
    given = split(kind, settings)
    if before is None:
        return given
    removed = {place for place in SECRETS.get(kind, ()) if _is_null(settings, place.split("."))}
    kept = {
        place: value for place, value in before.secrets.items() if place not in given.secrets | dict.fromkeys(removed)
    }
    after = Written(kind, given.plain, {**kept, **given.secrets})
    if kept and moved(before, after):
        place = next(iter(kept))
        raise Invalid(
            "secret_needed",
            "where messages go has changed: the secrets are needed again",
            next_step="Send the settings with every secret of this channel.",
            field=f"$.settings.{place}",
        )
    return after


def moved(before: Written, after: Written) -> bool:
    """Whether messages go somewhere else, or as somebody else."""
    if before.kind not in DESTINATIONS:
        return before.secrets != after.secrets
    # What is secret of a place is compared only where it is the place itself, as the URL of a webhook.
    return any(_found(before, place) != _found(after, place) for place in DESTINATIONS[before.kind])


def changed(before: Written | None, after: Written) -> list[str]:
    """The names of settings that differ, for the log; never a value."""
    old = {} if before is None else before.whole()
    new = after.whole()
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def check(written: Written, form: type[msgspec.Struct] | None) -> None:
    """Raises Invalid with the place of the first setting that is wrong, and the nearest name where it is unknown.

    `form` is what may be written; None for an installed package, which checks for itself.
    """
    if form is None:
        return
    try:
        msgspec.convert(written.whole(), form)
    except msgspec.ValidationError as error:
        raise _invalid(form, str(error)) from None


def _invalid(form: type[msgspec.Struct], message: str) -> Invalid:
    at, member = _AT.search(message), _MEMBER.search(message)
    place = at[1] if at else ""
    # What stands before the place may quote what was written there.
    what = message.removesuffix(at[0]) if at else message
    known = tuple(_names(form, place.split(".") if place else []))
    if member is not None:
        place = f"{place}.{member[1][:64]}" if place else member[1][:64]
        wrong = member[1]
    else:
        found = re.search(r"^Invalid (?:value|enum value) '([^']*)'", what)
        wrong, what = (found[1], "it is none of the kinds there are") if found else ("", what)
        known = tuple(_tags(form, place.split(".")[:-1])) if found else ()
    near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5) if wrong and "required" not in what else []
    fix = f"Did you mean {near[0]}?" if near else "See docs/howto/channels_of_your_own.md."
    return Invalid("channel_invalid", what[:300], next_step=fix, field=f"$.settings.{place}" if place else "$.settings")


def _names(form: Any, place: list[str]) -> Iterator[str]:
    for kind in _structs(form, place):
        yield from kind.__struct_fields__


def _tags(form: Any, place: list[str]) -> Iterator[str]:
    for kind in _structs(form, place):
        tag = kind.__struct_config__.tag
        if isinstance(tag, str):
            yield tag


def _structs(form: Any, place: list[str]) -> Iterator[type[msgspec.Struct]]:
    """The forms that may stand at a place."""
    if get_origin(form) in (Union, UnionType):
        for each in get_args(form):
            yield from _structs(each, place)
    elif isinstance(form, type) and issubclass(form, msgspec.Struct):
        if not place:
            yield form
            return
        hint = get_type_hints(form).get(place[0])
        if hint is not None:
            yield from _structs(hint, place[1:])


def _found(written: Written, place: str) -> Any:
    if place in written.secrets:
        return written.secrets[place]
    value: Any = written.plain
    for name in place.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(table: dict[str, Any], place: list[str], value: Any) -> None:
    for name in place[:-1]:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        table = inner
    table[place[-1]] = value


def _take(table: Any, place: list[str]) -> Any:
    """The value at a place, which goes; None where nothing is there."""
    for name in place[:-1]:
        table = table.get(name) if isinstance(table, dict) else None
    return table.pop(place[-1], None) if isinstance(table, dict) else None


def _is_null(table: Any, place: list[str]) -> bool:
    for name in place[:-1]:
        table = table.get(name) if isinstance(table, dict) else None
    return isinstance(table, dict) and place[-1] in table and table[place[-1]] is None
