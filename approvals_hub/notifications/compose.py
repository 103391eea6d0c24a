"""The message of one telling, in the form that its channel takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals_hub.domain.disclosure import SEALED, SUMMARY, Disclosure
from approvals_hub.notifications.mail_card import mail_card
from approvals_hub.notifications.outlets import TAKES, form_of, taken
from approvals_hub.notifications.seal import SealTo, sealed
from approvals_hub.notifications.summary import Summary, members
from approvals_hub.notifications.telling import ENDED, OPENED, TEST
from approvals_hub.notifications.words import ADMIN, Said, asks, asks_for, button_titles, news, one_line, over, tried
from notify.channel import Channel
from notify.message import Button, Event, Mail, Message, Notice, ShortText, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a telling is about, as far as it may be said outside."""

    telling_id: str
    kind: str
    org: str
    escalation_id: str | None = None
    agent: str = ""
    risk: str = ""
    decided_by: str | None = None
    happened_at: int = 0
    expires_at: int = 0
    waiting: int | None = None
    """How many questions wait for who is told; None where nobody is asked anything."""
    says: Disclosure = field(default_factory=Disclosure)
    """How much of it may be said where."""
    summary: Summary | None = field(default=None, repr=False)
    """What is asked, where some of it may be."""


def said(subject: Subject, language: str) -> Said:
    """The least that there is to say."""
    if subject.kind == OPENED:
        return asks(language, agent=subject.agent, org=subject.org, risk=subject.risk)
    if subject.kind == ENDED:
        return over(language, agent=subject.agent, org=subject.org, decided_by=subject.decided_by)
    if subject.kind == TEST:
        return tried(language, org=subject.org)
    return news(language, subject.kind, org=subject.org)


def composed(
    subject: Subject, channel: Channel[Any], *, language: str, public_url: str, seal_to: SealTo | None = None
) -> Message:
    """The message, with the telling's id whenever it is sent. Raises ValueError for what no channel may carry."""
    level = subject.says.of(form_of(channel.name, TAKES[taken(channel)]))
    summary = subject.summary if level == SUMMARY else None
    words, link = _words(subject, summary, language), link_of(subject, public_url)
    frame: dict[str, Any] = {"id": subject.telling_id, "language": language, "expires_at": subject.expires_at}
    if channel.takes is Mail:
        who = one_line(subject.org)
        html = mail_card(organisation=who, title=words.title, text=words.text, link=link, language=language)
        return Mail(**frame, subject=words.title, text=f"{words.text}\n\n{link}\n", html=html)
    if channel.takes is ShortText:
        # A dot between words is a letter of another alphabet, in which a message has less than half the room.
        short = words.text.partition(". ")[0].replace(" · ", ", ")
        return ShortText(**frame, title=words.title, text=f"{words.title}. {short}. {link}")
    if channel.takes is Event:
        return Event(**frame, type=subject.kind, happened_at=subject.happened_at, data=_data(subject, summary, link))
    about = subject.escalation_id or subject.telling_id
    return Notice(
        **frame,
        title=words.title,
        text=words.text,
        link=link,
        reference=about,
        collapse_key=about,
        category="approval" if subject.kind == OPENED else "notice",
        buttons=_buttons(link, language) if subject.kind == OPENED else (),
        urgency=Urgency.NORMAL if subject.kind == ENDED else Urgency.HIGH,
        sealed=_sealed(subject, language, seal_to) if level == SEALED else None,
        badge=subject.waiting,
    )


def link_of(subject: Subject, public_url: str) -> str:
    """The page about it. It holds an id and nothing that opens anything: who follows it signs in there."""
    if subject.escalation_id is not None:
        return f"{public_url}/app/escalations/{subject.escalation_id}"
    if subject.kind.startswith(ADMIN):
        return f"{public_url}/app/notices"
    return f"{public_url}/app/" if subject.kind.startswith("agent.") else f"{public_url}/app/devices"


def _buttons(link: str, language: str) -> tuple[Button, ...]:
    """To read it, or to deny it on the page that opens: none of them answers."""
    review, deny = button_titles(language)
    return Button("review", review, link), Button("deny", deny, f"{link}/denial")


def _words(subject: Subject, summary: Summary | None, language: str) -> Said:
    if summary is None:
        return said(subject, language)
    return asks_for(language, agent=subject.agent, org=subject.org, risk=subject.risk, summary=summary)


def _data(subject: Subject, summary: Summary | None, link: str) -> dict[str, Any]:
    """What a program is told. How a question was decided it asks for with a key of its own."""
    data: dict[str, Any] = {"escalation_id": subject.escalation_id, "link": link}
    if subject.kind == ENDED:
        data["decided_by"] = subject.decided_by
    if summary is not None:
        data["summary"] = members(summary)
    return data


def _sealed(subject: Subject, language: str, to: SealTo | None) -> bytes | None:
    """What is asked, for one device; as many rows of it as there is room for. None leaves the least alone."""
    summary = subject.summary
    while to is not None and summary is not None and subject.escalation_id is not None:
        words = _words(subject, summary, language)
        found = sealed(
            to,
            title=words.title,
            body=words.text,
            escalation_id=subject.escalation_id,
            telling_id=subject.telling_id,
        )
        if found is not None:
            return found
        summary = summary.shorter()
    return None
