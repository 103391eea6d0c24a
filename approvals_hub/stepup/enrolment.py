"""What enrolling a key asks for: the weakest door, so every way in is spelled out here.

| session | active keys | what happens |
|---|---|---|
| set-up link | none | active at once: the link is the confirmation |
| invitation | none | pending, until whoever invited compares the six digits on both screens |
| set-up link or invitation | one or more | refused: a link enrols nothing where a key exists |
| the same | none any more | refused: else whoever revoked the last key and made the link is in alone |
| recovery, by code or by colleagues | any number | pending, until its waiting time is over and colleagues agree |
| recovery from the host | any number | active at once: the link has waited |
| full | one or more | active at once, if an existing active key of the same person signs for the new one |
| full, by a provider or a link by mail | none, and never one | pending, until an owner or admin compares the digits |
| the same | none any more | refused: whoever lost their keys takes one of the two recoveries |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid
from approvals_hub.people.device import ACTIVE, DEVICES_LIMIT, PENDING, Device
from approvals_hub.people.person import check_name
from approvals_hub.people.session import FULL
from approvals_hub.stepup.new_key import OfferedKey
from approvals_hub.stepup.open_session import OpenedSession
from approvals_hub.stepup.recovery import HOST, RECOVER, Recovery
from approvals_hub.stepup.verify import Verified

TEXT_LIMIT = 100
"""Characters of each text that a client says about its device."""

SETUP = "setup"
INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Permit:
    """An existing device's word for a new key, over `further_key_bytes`."""

    device_id: str
    signature: bytes | None = None
    assertion: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person sends to enrol a key."""

    challenge_id: str
    key: OfferedKey
    name: str
    platform: str | None = None
    app_version: str | None = None
    installation_id: str | None = None
    existing: Permit | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The device; the digits to compare while it is pending; the full session that a first active key opens.

    `recovery` is the one that the key belongs to: it says from when the key counts at the earliest.
    """

    device: Device
    digits: str | None = field(repr=False)
    session: OpenedSession | None
    recovery: Recovery | None = None


def check_texts(enrolment: Enrolment) -> None:
    """Raise Invalid for a name that is none, and for texts about the device that are too long to be ones."""
    check_name(enrolment.name)
    for member in ("platform", "app_version", "installation_id"):
        text: str | None = getattr(enrolment, member)
        if text is not None and not 1 <= len(text) <= TEXT_LIMIT:
            raise Invalid(
                "text_length",
                f"{member} has 1 to {TEXT_LIMIT} characters",
                next_step="Shorten it, or leave it out.",
                field=f"$.{member}",
            )


def refusal(
    *,
    scope: str,
    purpose: str | None,
    person_id: str,
    active: int,
    permit: Verified | HubError | None,
    first: bool,
) -> HubError | None:
    """Why nothing may be enrolled by this person now, or None.

    `purpose` is that of the session's link. `first`: no key of the person ever counted.
    """
    if scope != FULL:
        return None if purpose == RECOVER else _refuse_by_link(active, first=first)
    if isinstance(permit, HubError):
        return permit
    if first and permit is None and not active:
        return None
    if permit is None or permit.person_id != person_id:
        return _existing_needed()
    if active >= DEVICES_LIMIT:
        return Conflict(
            "too_many_devices", f"{DEVICES_LIMIT} devices are enrolled", next_step="Revoke one that is not in use."
        )
    return None


def first_state(*, scope: str, purpose: str | None, first: bool, way: str | None = None) -> str:
    """Whether a new key may sign at once. Only what is known to be safe is active; everything else waits.

    `first`: no key of the person ever counted, so none has signed for this one. `way` is that of the recovery that the
    key belongs to.
    """
    return ACTIVE if (scope == FULL and not first) or purpose == SETUP or way == HOST else PENDING


def _refuse_by_link(active: int, *, first: bool) -> HubError | None:
    if active:
        return _key_exists()
    # An admin who revoked the last key could otherwise invite anew, and confirm alone.
    return None if first else _had_key()


def _key_exists() -> Forbidden:
    return Forbidden(
        "key_exists",
        "you have a key already; an invitation enrols no further one",
        next_step="Sign in with the key you have, then add this one.",
    )


def _had_key() -> Forbidden:
    return Forbidden(
        "had_key",
        "you had a key here: an invitation lets nobody in who lost theirs",
        next_step="Use a recovery code, or ask an owner or admin for a recovery.",
    )


def _existing_needed() -> Forbidden:
    return Forbidden(
        "existing_key_needed",
        "a further key needs the word of a key that you have",
        next_step="Sign the new key with an active device of yours, and send that as `existing`.",
        field="$.existing",
    )
