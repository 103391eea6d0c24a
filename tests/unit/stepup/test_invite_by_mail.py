"""An invitation that the hub sends: where it may go, and what is written down of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Invalid, TooMany
from approvals_hub.people.invite import Invitation
from approvals_hub.stepup.invite_by_mail import InviteByMail, Inviter
from approvals_hub.stepup.sending import LINK_TO
from identity.code_mail import Mail
from identity.one_time_code import NotSent, Sent
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import refused

ADA = Invitation("Ada", "ada@example.org")


class Post:
    """What would go out, and what becomes of it."""

    def __init__(self, result: Sent | NotSent) -> None:
        self.result = result
        self.mails: list[tuple[str, Mail]] = []

    async def send(self, address: str, mail: Mail) -> Sent | NotSent:
        self.mails.append((address, mail))
        return self.result


def inviting(house: StaffedHub, post: Post) -> InviteByMail:
    return replace(house.hub.invite_by_mail, send=post.send)


async def refusal(house: StaffedHub, kind: type[HubError], inviter: Inviter, invitation: Invitation = ADA) -> str:
    """The code; nobody was invited, and nothing was sent."""
    post, before = Post(Sent()), len(await house.rows("SELECT id FROM people"))
    found = await refused(kind, inviting(house, post)(inviter, invitation, "en"))
    assert (post.mails, len(await house.rows("SELECT id FROM people"))) == ([], before)
    return found.code


@pytest.mark.parametrize(("result", "status"), [(Sent(), "sent"), (NotSent(permanent=True), "not_sent")])
async def test_the_link_goes_to_the_address_and_the_log_says_whether_it_was_taken(
    house: StaffedHub, result: Sent | NotSent, status: str
) -> None:
    post = Post(result)
    invited, sent = await inviting(house, post)(house.owner.credential, ADA, "sv")
    [(address, mail)] = post.mails
    assert (address, invited.url in mail.text, mail.language) == ("ada@example.org", True, "sv")
    assert sent is (status == "sent")
    [event] = await house.events("person.invitation_mailed")
    assert (event["actor_id"], event["detail"]["status"]) == (house.owner.person_id, status)
    assert invited.token not in str(event)


async def test_a_member_without_a_key_gets_the_new_link_at_the_address_that_is_known(house: StaffedHub) -> None:
    post = Post(Sent())
    first = await house.hub.invite_person(house.operator, ADA)
    again = Invitation(person_id=first.person_id, email="mallory@example.org")
    await inviting(house, post)(house.operator, again, "en")
    assert [address for address, _ in post.mails] == ["ada@example.org"]


async def test_nobody_is_invited_where_no_mail_can_go_out(house: StaffedHub) -> None:
    attempt = replace(house.hub.invite_by_mail, send=None)(house.operator, ADA, "en")
    assert (await refused(Invalid, attempt)).code == "mail_not_set_up"
    assert await refusal(house, Invalid, house.operator, Invitation("Ada")) == "email_missing"
    assert await refusal(house, Invalid, house.operator, Invitation(person_id="per_nobody")) == "email_missing"


async def test_who_may_not_invite_sends_mail_to_nobody(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    assert await refusal(house, Forbidden, ada.credential) == "role_missing"


async def test_an_inviter_cannot_fill_a_strangers_mailbox(house: StaffedHub) -> None:
    post = Post(Sent())
    for _ in range(LINK_TO.burst):
        await inviting(house, post)(house.operator, ADA, "en")
    assert await refusal(house, TooMany, house.operator) == "too_many_invitations"
    assert await refusal(house, TooMany, house.operator, replace(ADA, email=" ADA@example.org")) != ""
