"""Apple and Google, with the publisher's keys; and the only words that a relay ever shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from approvals_hub.core.authorities import shared, trusting
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Invalid
from notify import registry
from notify.message import Notice, Urgency

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from approvals_hub.relay.settings import Settings
    from notify.channel import Channel

APNS, FCM = "apns", "fcm"
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("Approvals Hub", "There is something new. Open it to see."),
    "sv": ("Approvals Hub", "Det har hänt något nytt. Öppna för att se."),
}
"""Title and text by language. They say nothing, and are shown: phones drop pushes that show nothing."""
NOWHERE = "https://relay.invalid/"
"""Every notification has a link; a relay knows none (RFC 2606: no such name is ever given out). The app leaves it."""
SENDING_SECONDS = 6.0
"""How long one wake may take: less than a hub waits for its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """What a hub may say. The hashes are random numbers to all but the app and its hub."""

    id: str
    topic: str
    collapse: str
    ttl: int
    """Seconds."""
    high: bool


def channels(
    settings: Settings, session: ClientSession, clock: Clock, *, seconds: float = SENDING_SECONDS
) -> dict[str, Channel[Any]]:
    """The vendors that the settings have keys for. Raises Invalid, which names the table and what to change.

    Loading what they need takes a second: before anybody is answered. `seconds`: how long one wake may take.
    """
    tables = {APNS: settings.apns, FCM: settings.fcm}
    return {kind: _made(kind, table, session, clock, seconds) for kind, table in tables.items() if table}


def notice(wake: Wake, language: str, *, now: int) -> Notice:
    """What a phone is shown and its app is told."""
    title, text = WORDS[language]
    return Notice(
        id=wake.id,
        language=language,
        expires_at=now + wake.ttl * 1000,
        title=title,
        text=text,
        link=NOWHERE,
        reference=wake.topic,
        collapse_key=wake.collapse,
        category="notice",
        urgency=Urgency.HIGH if wake.high else Urgency.NORMAL,
        woken=True,
    )


def _made(kind: str, table: Mapping[str, Any], session: ClientSession, clock: Clock, seconds: float) -> Channel[Any]:
    # Apple alone may stand behind another authority, where it is tried out.
    file: Path | None = table.get("ca_file") if kind == APNS else None
    own = {name: value for name, value in table.items() if kind != APNS or name != "ca_file"}
    given = registry.Given(
        vendors=lambda: session,
        tls=shared(None),
        clock=clock.now,
        own_tls=partial(trusting, file),
        time_limit=seconds,
    )
    try:
        return registry.load({kind: own}, given)[kind]
    except registry.BadSettings as error:
        raise _wrong(kind, str(error)) from error
    except OSError as error:
        raise _wrong(f"{kind}.ca_file", f"it cannot be read: {type(error).__name__}") from None


def _wrong(setting: str, what: str) -> Invalid:
    return Invalid("setting_wrong", what, next_step="See docs/howto/native_app_relay.md.", field=setting)
