"""Somebody is invited, and the hub sends the link. It goes out at once: only its hash is kept, so no queue can hold it.

Whoever reads that mailbox can open the link, and no more: the key that they make counts once the inviter has compared
the six digits with the person that they know.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import MINUTE, Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.notifications.link_mail import invitation_mail
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.invite import Invitation, Invited, InvitePerson
from approvals_hub.people.session import PersonCredential
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.sending import take_invitation_in
from identity.code_mail import Mail
from identity.one_time_code import Send, Sent

Inviter = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class _Reserved:
    """One mail that may be sent."""

    by: Acting
    address: str
    organisation: str


@dataclass(frozen=True, slots=True)
class InviteByMail:
    """Invites, then sends; what was not sent can still be handed over, as the inviter gets the link too."""

    invite_person: InvitePerson
    db: Database
    methods: Methods
    recorder: Recorder
    clock: Clock
    send: Send[Mail] | None
    """None where the settings send no mail."""

    async def __call__(self, inviter: Inviter, invitation: Invitation, language: str) -> tuple[Invited, bool]:
        """The invitation, and whether the mail server took its mail. Any language but `sv` is English.

        Raises Invalid where no mail is sent or no address is known, TooMany for an address or an organisation that got
        too many, and what InvitePerson raises; then nobody is invited.
        """
        if self.send is None:
            raise Invalid(
                "mail_not_set_up",
                "this hub sends no mail",
                next_step="Hand over the link yourself, or let whoever runs the hub set up [mail].",
                field="$.by_mail",
            )
        reserved = settled(await self._reserve(inviter, invitation))
        invited = await self.invite_person(inviter, invitation)
        minutes = max(1, (invited.expires_at - self.clock.now()) // MINUTE)
        mail = invitation_mail(invited.url, organisation=reserved.organisation, minutes=minutes, language=language)
        sent = isinstance(await self.send(reserved.address, mail), Sent)
        await self._record(reserved.by, invited, sent=sent)
        return invited, sent

    async def _reserve(self, inviter: Inviter, invitation: Invitation) -> _Reserved | HubError:
        """Where to, in whose name; one of the mails that may be sent is taken."""
        now = self.clock.now()

        async def work(tx: Tx) -> _Reserved | HubError:
            by = await admit_acting_in(tx, inviter, now, Permission.INVITE_PEOPLE)
            if isinstance(by, HubError):
                return by
            address = invitation.email
            if invitation.person_id is not None:
                member = await orgs.member(tx, by.org_id, invitation.person_id)
                address = None if member is None else member["email"]
            org = await orgs.find(tx, by.org_id)
            if address is None or org is None:
                return _no_address()
            refusal = await take_invitation_in(tx, self.methods, address, by.org_id, now)
            return refusal or _Reserved(by, address, org["name"])

        return await self.db.run(work, org=inviter.org_id)

    async def _record(self, by: Acting, invited: Invited, *, sent: bool) -> None:
        event = Event(
            kind="person.invitation_mailed",
            org_id=by.org_id,
            at=self.clock.now(),
            actor_type=by.actor_type,
            actor_id=by.actor_id,
            detail={
                "invite_id": invited.invite_id,
                "person_id": invited.person_id,
                "status": "sent" if sent else "not_sent",
            },
        )

        async def work(tx: Tx) -> None:
            await self.recorder.record(tx, event)

        await self.db.run(work, org=by.org_id)


def _no_address() -> Invalid:
    return Invalid(
        "email_missing",
        "no address is known to send the invitation to",
        next_step="Give an email, or hand over the link yourself.",
        field="$.email",
    )
