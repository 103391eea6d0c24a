"""A person's keys over HTTP: enrol, list, confirm, revoke."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Base64, Form, Id, Items, Line, at, raw
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.recoveries import RecoveryView, recovery_view
from approvals_hub.api.sessions import OpenedSessionView, PersonRef, opened_view, with_session
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import NotFound
from approvals_hub.people.device import Device
from approvals_hub.stepup.enrolment import Enrolment, Permit
from approvals_hub.stepup.new_key import OfferedKey


class ExistingKey(Form, frozen=True):
    """An active key's word for the new one, over its thumbprint."""

    device_id: Id
    signature: Base64 | None = None
    assertion: dict[str, Any] | None = None


class NewDevice(Form, frozen=True):
    """What every new key says of itself. A further key of an installation takes the place of the one of its kind that
    the installation had: an app that lost its key, or changes it, leaves no second device behind."""

    challenge_id: Id
    name: Line
    platform: Line | None = None
    app_version: Line | None = None
    installation_id: Line | None = None
    existing: ExistingKey | None = None


class NewPasskey(NewDevice, frozen=True, kw_only=True, tag_field="kind", tag="passkey"):
    """A passkey: the browser's credential as JSON."""

    credential: dict[str, Any]


class NewDeviceKey(NewDevice, frozen=True, kw_only=True, tag_field="kind", tag="device_key"):
    """A key of an app: its JWK (Ed25519 or P-256), and its signature over the challenge."""

    jwk: dict[str, Any]
    proof: Base64


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A key; nothing of its material but the hash."""

    device_id: str
    kind: str
    alg: str
    name: str
    platform: str | None
    app_version: str | None
    state: str
    key_hash: str
    backup_eligible: bool
    backed_up: bool
    flagged: str | None
    created_at: str
    last_used_at: str | None
    current: bool


class RevokeForm(Form, frozen=True):
    """A fresh factor; one's own active key needs it."""

    fresh: FreshForm | None = None


class EnrolledView(Discreet, msgspec.Struct, frozen=True):
    """The new key. While it is pending `digits` are compared by the inviter, or by the colleagues of a `recovery`."""

    not_printed = ("digits",)

    device: DeviceView
    digits: str | None
    session: OpenedSessionView | None
    recovery: RecoveryView | None


class DigitsForm(Discreet, Form, frozen=True):
    """The six digits of the other screen, and a fresh factor of whoever compared them."""

    not_printed = ("digits",)

    digits: Annotated[str, Meta(pattern="^[0-9]{6}$(?!\n)")]
    fresh: FreshForm | None = None


class NameForm(Form, frozen=True):
    """What the person calls the device."""

    name: Line


class PendingDeviceView(Discreet, msgspec.Struct, frozen=True):
    """A key that waits for its confirmation."""

    not_printed = ("digits",)

    device_id: str
    person: PersonRef
    kind: str
    digits: str
    created_at: str


async def enrol(call: Call[NewPasskey | NewDeviceKey]) -> Answer:
    """Add a key to the person of the session."""
    form = call.asked
    permit = None
    if form.existing is not None:
        signature = raw(form.existing.signature, "$.existing.signature")
        permit = Permit(form.existing.device_id, signature, form.existing.assertion)
    enrolment = Enrolment(
        challenge_id=form.challenge_id,
        key=_offered(form),
        name=form.name,
        platform=form.platform,
        app_version=form.app_version,
        installation_id=form.installation_id,
        existing=permit,
    )
    enrolled = await call.hub.enrol_device(call.person, enrolment, call.visitor(None))
    as_cookie, session = call.wants_cookie(), enrolled.session
    view = EnrolledView(
        device=device_view(enrolled.device, current=session is not None),
        digits=enrolled.digits,
        session=None if session is None else opened_view(session, as_cookie=as_cookie),
        recovery=None if enrolled.recovery is None else recovery_view(enrolled.recovery),
    )
    return with_session(view, session, as_cookie=as_cookie)


async def listed(call: Call[None]) -> Items[DeviceView]:
    """The person's keys, revoked ones too."""
    return Items([device_view(device, current=own) for device, own in await call.hub.list_devices(call.person)])


async def read(call: Call[None]) -> DeviceView:
    """One of the person's keys."""
    for device, own in await call.hub.list_devices(call.person):
        if device.device_id == call.part("id"):
            return device_view(device, current=own)
    raise NotFound("device_unknown", "no such device of yours", next_step="Look at the list of devices.")


async def rename(call: Call[NameForm]) -> DeviceView:
    """Call a key otherwise."""
    return device_view(await call.hub.rename_device(call.person, call.part("id"), call.asked.name))


async def revoke(call: Call[RevokeForm]) -> DeviceView:
    """End a key for good, and the sessions it opened."""
    return device_view(await call.hub.revoke_device(call.person, call.part("id"), fresh_of(call.asked.fresh)))


async def confirm(call: Call[DigitsForm]) -> DeviceView:
    """Make an invited person's key active: the digits on both screens are the same."""
    form = call.asked
    return device_view(await call.hub.confirm_device(call.person, call.part("id"), form.digits, fresh_of(form.fresh)))


async def pending(call: Call[None]) -> Items[PendingDeviceView]:
    """The keys that wait for an owner or admin."""
    return Items(
        [
            PendingDeviceView(
                device_id=device.device_id,
                person=PersonRef(device.person_id, device.person_name),
                kind=device.kind,
                digits=device.digits,
                created_at=to_text(device.created_at),
            )
            for device in await call.hub.list_pending_devices(call.person)
        ]
    )


def device_view(device: Device, *, current: bool = False) -> DeviceView:
    """A key for the wire; `current`: it opened this session."""
    return DeviceView(
        device_id=device.device_id,
        kind=device.kind,
        alg=device.alg,
        name=device.name,
        platform=device.platform,
        app_version=device.app_version,
        state=device.state,
        key_hash=device.key_hash,
        backup_eligible=device.backup_eligible,
        backed_up=device.backed_up,
        flagged=device.flagged,
        created_at=to_text(device.created_at),
        last_used_at=at(device.last_used_at),
        current=current,
    )


def _offered(form: NewPasskey | NewDeviceKey) -> OfferedKey:
    if isinstance(form, NewPasskey):
        return OfferedKey("passkey", credential=form.credential)
    return OfferedKey("device_key", jwk=form.jwk, proof=raw(form.proof, "$.proof"))
