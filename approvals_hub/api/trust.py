"""Trusted hubs and receipt bundles over HTTP: what of other hubs counts here, and what of this one counts elsewhere."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Items, Line, Time, at, instant
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.policy_drafts import asked_first
from approvals_hub.core.clock import to_text
from approvals_hub.hub import OfferedKey, TrustedHub
from approvals_hub.people.who_answers import Waiting
from approvals_hub_client.bundle_form import Bundle

Paserk = Annotated[str, Meta(pattern="^k4\\.public\\.[A-Za-z0-9_-]{43}$(?!\n)")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class TrustedKeyForm(Form, frozen=True):
    """A public key: `paserk` as the other hub's /v1/public-keys shows it, and from when to when it is trusted."""

    paserk: Paserk
    valid_from: Time | None = None
    valid_until: Time | None = None


class NewTrustedHub(Form, frozen=True):
    """A hub whose proofs are taken. `audiences` are the names that its proofs bear when they are meant for you."""

    name: Name
    issuer: Line
    audiences: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    keys: Annotated[tuple[TrustedKeyForm, ...], Meta(max_length=20)] = ()
    fresh: FreshForm | None = None


class NewTrustedKeys(Form, frozen=True):
    """Further keys of a trusted hub."""

    keys: Annotated[tuple[TrustedKeyForm, ...], Meta(min_length=1, max_length=20)]
    fresh: FreshForm | None = None


class TrustedKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a trusted hub; `cause` says why it is trusted no more: `revoked`, or `removed` with its hub."""

    kid: str
    paserk: str
    valid_from: str | None
    valid_until: str | None
    added_at: str
    ended_at: str | None
    cause: str | None


class TrustedHubView(msgspec.Struct, frozen=True, kw_only=True):
    """A trusted hub with its keys, the oldest first."""

    trusted_hub_id: str
    name: str
    issuer: str
    audiences: list[str]
    added_at: str
    added_by: str
    keys: list[TrustedKeyView]


async def listed(call: Call[None]) -> Items[TrustedHubView]:
    """The hubs whose proofs are taken."""
    found = await call.hub.keep_trusted_hubs.list(call.person, call.part("org"))
    return Items([_view(each) for each in found])


async def add(call: Call[NewTrustedHub]) -> TrustedHubView | Answer:
    """Take a hub's proofs from now on. Needs a fresh factor; 202 with a draft where publishing takes a second
    person."""
    form = call.asked
    return await _told(
        call,
        await call.hub.keep_trusted_hubs.add(
            call.person,
            call.part("org"),
            name=form.name,
            issuer=form.issuer,
            audiences=form.audiences,
            keys=_keys(form.keys),
            fresh=fresh_of(form.fresh),
        ),
    )


async def add_keys(call: Call[NewTrustedKeys]) -> TrustedHubView | Answer:
    """Trust further keys of a hub. Needs a fresh factor; 202 with a draft where publishing takes a second person."""
    form = call.asked
    return await _told(
        call,
        await call.hub.keep_trusted_hubs.add_keys(
            call.person, call.part("org"), call.part("id"), _keys(form.keys), fresh_of(form.fresh)
        ),
    )


async def revoke_key(call: Call[None]) -> TrustedHubView:
    """Trust a key no more, at once and for ever."""
    keep = call.hub.keep_trusted_hubs
    return _view(await keep.revoke_key(call.person, call.part("org"), call.part("id"), call.part("kid")))


async def remove(call: Call[None]) -> TrustedHubView:
    """Take no more proofs of a hub."""
    return _view(await call.hub.keep_trusted_hubs.remove(call.person, call.part("org"), call.part("id")))


async def bundle(call: Call[None]) -> Bundle:
    """The receipt bundle of a question that has ended: one file that verifies without the hub."""
    assert call.who is not None
    return await call.hub.make_bundle(call.who, call.part("id"))


async def _told(
    call: Call[NewTrustedHub] | Call[NewTrustedKeys], made: TrustedHub | Waiting
) -> TrustedHubView | Answer:
    if not isinstance(made, Waiting):
        return _view(made)
    draft, _ = await call.hub.drafts.read.one(call.person, made.draft_id)
    return asked_first(draft)


def _keys(forms: tuple[TrustedKeyForm, ...]) -> list[OfferedKey]:
    return [
        OfferedKey(
            paserk=each.paserk,
            valid_from=_instant(each.valid_from, f"$.keys[{place}].valid_from"),
            valid_until=_instant(each.valid_until, f"$.keys[{place}].valid_until"),
        )
        for place, each in enumerate(forms)
    ]


def _instant(text: str | None, path: str) -> int | None:
    return None if text is None else instant(text, path)


def _view(hub: TrustedHub) -> TrustedHubView:
    return TrustedHubView(
        trusted_hub_id=hub.hub_id,
        name=hub.name,
        issuer=hub.issuer,
        audiences=list(hub.audiences),
        added_at=to_text(hub.added_at),
        added_by=hub.added_by,
        keys=[
            TrustedKeyView(
                kid=key.kid,
                paserk=key.paserk,
                valid_from=at(key.valid_from),
                valid_until=at(key.valid_until),
                added_at=to_text(key.added_at),
                ended_at=at(key.ended_at),
                cause=key.cause,
            )
            for key in hub.keys
        ],
    )
