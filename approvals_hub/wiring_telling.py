"""Wires who is told of questions, over what, and when: routes, people's presence, channels, calls back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database
from approvals_hub.decisions.my_orgs import MyOrgs
from approvals_hub.decisions.organisations import Organisations
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.change_absence import absence_changed_in
from approvals_hub.escalations.forget_limits import forget_limits_in
from approvals_hub.escalations.members import Members
from approvals_hub.escalations.reach import Reach
from approvals_hub.escalations.shown_outside import ShownOutside
from approvals_hub.escalations.tell import Tell
from approvals_hub.events.bus import Bus
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.acknowledge import Acknowledge
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.administration import Channels, channels
from approvals_hub.notifications.call_back import CallBack
from approvals_hub.notifications.callbacks import KeepCallbacks
from approvals_hub.notifications.codes import mail_sender
from approvals_hub.notifications.dispatch import Dispatch
from approvals_hub.notifications.forget import Forget
from approvals_hub.notifications.open_telling import OpenTelling
from approvals_hub.notifications.push_address import PushAddresses
from approvals_hub.notifications.push_reach import ReadPushReach
from approvals_hub.notifications.stale import WarnOfStale
from approvals_hub.notifications.tell_news import TellNews
from approvals_hub.notifications.try_push import TryPush
from approvals_hub.people.disclose import SetDisclosure
from approvals_hub.people.invite import InvitePerson
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.make_org import MakeOrg
from approvals_hub.people.want_least import WantLeast
from approvals_hub.policies.uses import policies_use_in
from approvals_hub.routing.be_absent import BeAbsent
from approvals_hub.routing.default_route import SetDefaultRoute
from approvals_hub.routing.keep_quiet import KeepQuiet
from approvals_hub.routing.on_call import OnCall
from approvals_hub.routing.preview import PreviewRoute
from approvals_hub.routing.read_plans import ReadPlans
from approvals_hub.stepup.fresh import FreshFactor
from approvals_hub.stepup.invite_by_mail import InviteByMail
from approvals_hub.stepup.join_org import JoinOrg
from approvals_hub.stepup.joinings import Joinings
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.switch_org import SwitchOrg

if TYPE_CHECKING:
    from notify.channel import Channel
    from notify.message import Event


class Telling(TypedDict):
    """These parts of a Hub, by the names of its members."""

    read_plans: ReadPlans
    set_default_route: SetDefaultRoute
    set_disclosure: SetDisclosure
    want_least: WantLeast
    on_call: OnCall
    be_absent: BeAbsent
    keep_quiet: KeepQuiet
    preview_route: PreviewRoute
    keep_callbacks: KeepCallbacks
    call_back: CallBack
    reach: Reach
    push_addresses: PushAddresses
    read_push_reach: ReadPushReach
    try_push: TryPush
    acknowledge: Acknowledge
    channels: Channels
    invite_person: InvitePerson
    invite_by_mail: InviteByMail
    orgs: Organisations
    forget: Forget


def telling(
    *,
    db: Database,
    bus: Bus,
    clock: Clock,
    vault: Vault,
    recorder: Recorder,
    fresh: FreshFactor,
    book: AddressBook,
    methods: Methods,
    advance: Advance,
    callbacks_by: Channel[Event],
    members: Members,
    allowed: int,
    public_url: str,
    attempts_kept: int,
) -> Telling:
    """Build them from what the hub stands on; `attempts_kept`: how long the delivery log is, in milliseconds."""
    invite_person = InvitePerson(db, vault, recorder, clock, public_url)
    letters = [book.settings.channels[key] for key in book.settings.mail]
    send = mail_sender(letters[0], clock.now) if letters else None
    kept = channels(db, book, recorder, fresh, clock, public_url)
    return Telling(
        read_plans=ReadPlans(db, clock, book.names_in, policies_use_in),
        set_default_route=SetDefaultRoute(db, recorder, fresh, clock),
        set_disclosure=SetDisclosure(db, recorder, fresh, clock),
        want_least=WantLeast(db, recorder, clock),
        on_call=OnCall(db, recorder, fresh, clock),
        be_absent=BeAbsent(db, recorder, fresh, clock, absence_changed_in),
        keep_quiet=KeepQuiet(db, recorder, fresh, clock),
        preview_route=PreviewRoute(db, clock, book.names_in),
        keep_callbacks=KeepCallbacks(db, vault, recorder, fresh, clock),
        call_back=CallBack(db, vault, callbacks_by, clock),
        reach=Reach(
            db,
            clock,
            Tell(db, book, advance, clock),
            TellNews(db, book, clock),
            Dispatch(db, bus, book, clock, public_url, OpenTelling(book, ShownOutside(vault)), recorder),
            WarnOfStale(db, clock),
        ),
        push_addresses=PushAddresses(db, book, recorder, clock, public_url),
        read_push_reach=ReadPushReach(db, clock, book, kept.rehearse),
        try_push=TryPush(db, book, recorder, clock, public_url),
        acknowledge=Acknowledge(db, clock),
        invite_person=invite_person,
        invite_by_mail=InviteByMail(invite_person, db, methods, recorder, clock, send),
        orgs=Organisations(
            make=MakeOrg(db, vault, recorder, fresh, invite_person, clock, allowed),
            mine=MyOrgs(db, clock),
            switch=SwitchOrg(db, KeepVisits(recorder, vault), clock),
            join=JoinOrg(db, fresh, recorder, clock),
            joinings=Joinings(db, recorder, fresh, clock),
            members=members,
        ),
        forget=Forget(db, clock, forget_limits_in, attempts_kept),
        channels=kept,
    )
