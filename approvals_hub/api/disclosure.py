"""How much of a question may be said outside, over HTTP."""

from __future__ import annotations

from typing import Literal

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.domain.disclosure import FORMS, Disclosure

Said = Literal["minimal", "summary"]
SaidByPush = Literal["minimal", "sealed", "summary"]


class DisclosureForm(Form, frozen=True):
    """The whole of it; a form of channel left out says the least. `minimal`: who asks, for whom, how risky. `summary`:
    a few of the rows that approvers are shown, which whoever carries the message can read. `sealed`: the same rows for
    the device alone, which shows them on its lock screen. What says more in any form needs a fresh factor."""

    push: SaidByPush = "minimal"
    mail: Said = "minimal"
    chat: Said = "minimal"
    webhook: Said = "minimal"
    fresh: FreshForm | None = None


class DisclosureView(msgspec.Struct, frozen=True):
    """How much is said from the next message on. Text messages always say the least."""

    push: SaidByPush
    mail: Said
    chat: Said
    webhook: Said


async def read(call: Call[None]) -> DisclosureView:
    """How much of a question is said in each form of channel."""
    return _view(await call.hub.set_disclosure.present(call.person))


async def replace(call: Call[DisclosureForm]) -> DisclosureView:
    """Say more or less from the next message on. More needs a fresh factor."""
    form = call.asked
    wanted = {name: getattr(form, name) for name in FORMS}
    return _view(await call.hub.set_disclosure(call.person, wanted, fresh_of(form.fresh)))


def _view(found: Disclosure) -> DisclosureView:
    return DisclosureView(found.push, found.mail, found.chat, found.webhook)
