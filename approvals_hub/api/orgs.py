"""Governing an organisation over HTTP: its agents and people, the emergency stop, the admins' inbox."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.api.agents import AgentView, agent_view
from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items, Line, Seconds
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import ForOpenLeash, Invitation


class OpenLeashInvite(Form, frozen=True):
    """Whom it is for, as far as that is known: the name that the agent goes by, its key (base64 of its
    SubjectPublicKeyInfo; then it may join by a challenge too), and the UUID by which it names its owner."""

    agent_id: Annotated[str, Meta(max_length=128)] | None = None
    public_key: Annotated[str, Meta(max_length=200)] | None = None
    owner_id: Annotated[str, Meta(max_length=64)] | None = None


class AgentInvite(Form, frozen=True):
    """An agent to come: what people will call it, and who answers for it (the inviter unless said).

    With `openleash`, even an empty one, the invitation is for an agent that speaks OpenLeash, and for no other.
    """

    name: Line
    role: Literal["agent", "ci", "script", "monitor"] = "agent"
    owner_id: Id | None = None
    expires_in: Seconds | None = None
    openleash: OpenLeashInvite | None = None


class AgentInviteView(Discreet, msgspec.Struct, frozen=True):
    """The invitation is shown this once; `openleash_url` is the same as the link that OpenLeash clients take."""

    not_printed = ("invite", "openleash_url")

    invite_id: str
    invite: str
    url: str
    expires_at: str
    openleash_url: str | None = None


class NewAgent(Form, frozen=True):
    """An agent that proves itself with an API key: lower trust, marked on every record."""

    name: Line
    owner_id: Id | None = None


class ApiKeyView(Discreet, msgspec.Struct, frozen=True):
    """The key is shown this once."""

    not_printed = ("api_key",)

    agent_id: str
    key_id: str
    api_key: str


class AgentState(Form, frozen=True):
    """The state an agent shall have; `active` again needs a fresh factor."""

    state: Literal["active", "paused", "revoked"]
    fresh: FreshForm | None = None


class MemberView(msgspec.Struct, frozen=True):
    """A person of the organisation; `keys` counts those that may sign."""

    person_id: str
    name: str
    email: str | None
    state: str
    roles: list[str]
    created_at: str
    keys: int


class MemberInvite(Form, frozen=True):
    """A person to come; or, with `person_id`, a member who never had a key and needs a new link. `by_mail`: the hub
    sends the link to their address too, in the `language` given."""

    name: Line | None = None
    email: Line | None = None
    roles: tuple[Literal["owner", "admin", "approver", "auditor", "developer"], ...] = ("approver",)
    expires_in: Seconds | None = None
    person_id: Id | None = None
    by_mail: bool = False
    language: Literal["en", "sv"] = "en"


class MemberInviteView(Discreet, msgspec.Struct, frozen=True):
    """The link is shown this once. `mailed`: whether the mail server took the mail; null where none was asked for."""

    not_printed = ("url", "token")

    invite_id: str
    person_id: str
    url: str
    token: str
    expires_at: str
    mailed: bool | None


class MemberState(Form, frozen=True):
    """Whether a person may do anything here; `active` again needs a fresh factor."""

    state: Literal["active", "disabled"]
    fresh: FreshForm | None = None


class MemberStateView(msgspec.Struct, frozen=True):
    """The person's state now."""

    person_id: str
    state: str


class ExpectedNumber(Discreet, Form, frozen=True):
    """Whose eID a member's must be: their personal number as people write it, and a fresh factor."""

    not_printed = ("number",)

    number: Line
    fresh: FreshForm | None = None


class ExpectedNumberView(msgspec.Struct, frozen=True):
    """What is waited for now; it counts once the person has linked it."""

    factor_id: str
    person_id: str
    method: str
    created_at: str
    expires_at: str


class StoppedView(msgspec.Struct, frozen=True):
    """Whether everything is stopped, and how many questions that ended."""

    org_id: str
    stopped: bool
    ended: int


class Resume(Form, frozen=True):
    """A fresh factor."""

    fresh: FreshForm | None = None


async def invite_agent(call: Call[AgentInvite]) -> AgentInviteView:
    """Let one agent in."""
    form = call.asked
    life = {} if form.expires_in is None else {"life": form.expires_in * SECOND}
    asked = form.openleash
    openleash = None if asked is None else ForOpenLeash(asked.agent_id, asked.public_key, asked.owner_id)
    invited = await call.hub.invite_agent(
        call.person,
        call.part("org"),
        name=form.name,
        role=form.role,
        owner_id=form.owner_id,
        openleash=openleash,
        **life,
    )
    link = None if openleash is None else invited.openleash_link(call.hub.public_url)
    return AgentInviteView(invited.invite_id, invited.token, call.hub.public_url, to_text(invited.expires_at), link)


async def add_agent(call: Call[NewAgent]) -> ApiKeyView:
    """Make an agent that has only an API key."""
    made = await call.hub.invite_agent.with_api_key(
        call.person, call.part("org"), name=call.asked.name, owner_id=call.asked.owner_id
    )
    return ApiKeyView(made.agent_id, made.key_id, made.api_key)


async def agents(call: Call[None]) -> Items[AgentView]:
    """The organisation's agents."""
    found = await call.hub.read_agents.of_org(call.person, call.part("org"))
    return Items([agent_view(agent) for agent in found])


async def set_agent_state(call: Call[AgentState]) -> AgentView:
    """Pause, resume or revoke an agent."""
    return agent_view(
        await call.hub.govern.set_agent_state(
            call.person, call.part("org"), call.part("agent"), call.asked.state, fresh_of(call.asked.fresh)
        )
    )


async def members(call: Call[None]) -> Items[MemberView]:
    """The organisation's people."""
    return Items(
        [
            MemberView(
                member.person_id,
                member.name,
                member.email,
                member.state,
                list(member.roles),
                to_text(member.created_at),
                member.keys,
            )
            for member in await call.hub.list_members(call.person)
        ]
    )


async def invite_member(call: Call[MemberInvite]) -> MemberInviteView:
    """Let a person in."""
    form = call.asked
    life = {} if form.expires_in is None else {"expires_in": form.expires_in * SECOND}
    invitation = Invitation(
        name=form.name or "", email=form.email, roles=frozenset(form.roles), person_id=form.person_id, **life
    )
    mailed = None
    if form.by_mail:
        invited, mailed = await call.hub.invite_by_mail(call.person, invitation, form.language)
    else:
        invited = await call.hub.invite_person(call.person, invitation)
    return MemberInviteView(
        invited.invite_id, invited.person_id, invited.url, invited.token, to_text(invited.expires_at), mailed
    )


async def set_member_state(call: Call[MemberState]) -> MemberStateView:
    """Disable a person at once, or let them in again."""
    form = call.asked
    org_id, person_id = call.part("org"), call.part("person")
    await call.hub.govern.set_person_state(call.person, org_id, person_id, form.state, fresh_of(form.fresh))
    return MemberStateView(person_id, form.state)


async def expect_number(call: Call[ExpectedNumber]) -> ExpectedNumberView:
    """Say whose eID a member's must be; they link it with a key of their own, or decline."""
    expected = await call.hub.expect_factor(
        call.person,
        call.part("org"),
        call.part("person"),
        call.part("method"),
        call.asked.number,
        fresh_of(call.asked.fresh),
    )
    return ExpectedNumberView(
        expected.expected_id,
        expected.person_id,
        expected.method,
        to_text(expected.created_at),
        to_text(expected.expires_at),
    )


async def stop(call: Call[Any]) -> StoppedView:
    """Deny everything that waits, and let no agent go on."""
    ended = await call.hub.govern.stop(call.person, call.part("org"))
    return StoppedView(call.part("org"), True, ended)


async def resume(call: Call[Resume]) -> StoppedView:
    """Let agents ask again; what ended stays ended."""
    await call.hub.govern.resume(call.person, call.part("org"), fresh_of(call.asked.fresh))
    return StoppedView(call.part("org"), False, 0)
