"""The mails that carry a link of the hub itself, to sign in or to come in, in Swedish and English.

They say nothing of anybody's questions, and no remote picture tells who opened them. Opening a link does nothing yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from approvals_hub.notifications.mail_card import mail_card
from identity.code_mail import Mail
from identity.one_time_code import one_line


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    lead: str
    life: str
    warning: str


_SIGN_IN = {
    "sv": _Words(
        subject="Logga in hos $who",
        lead="Öppna sidan och tryck på Logga in:",
        life="Länken gäller en gång, i $time min. I en annan webbläsare frågar sidan efter de sex siffror som visas "
        "där du bad om länken.",
        warning="Har du inte bett om den: gör ingenting. Utan dina siffror loggar länken in ingen.",
    ),
    "en": _Words(
        subject="Sign in at $who",
        lead="Open the page and press Sign in:",
        life="The link works once, within $time min. In another browser the page asks for the six digits that are "
        "shown where you asked for the link.",
        warning="If you did not ask for it, do nothing. Without your digits the link signs nobody in.",
    ),
}
_INVITATION = {
    "sv": _Words(
        subject="$who bjuder in dig",
        lead="Du ska kunna svara på frågor från AI-agenter. Öppna sidan på den telefon eller dator du svarar med:",
        life="Länken gäller en gång, i $time. Sidan visar sex siffror: läs upp dem för den som bjöd in dig. Först när "
        "de har jämförts räknas din nyckel.",
        warning="Väntar du ingen inbjudan: gör ingenting, och skicka inte länken vidare.",
    ),
    "en": _Words(
        subject="$who invites you",
        lead="You are to answer questions of AI agents. Open the page on the phone or computer you will answer with:",
        life="The link works once, within $time. The page shows six digits: read them to whoever invited you. Your key "
        "counts once they have been compared.",
        warning="If you expect no invitation, do nothing, and hand the link to nobody.",
    ),
}


def link_mail(url: str, *, organisation: str, minutes: int, language: str) -> Mail:
    """The mail for one link to sign in, that lives for `minutes`; any language but `sv` is written in English."""
    return _mail(_SIGN_IN, url, organisation, str(minutes), language)


def invitation_mail(url: str, *, organisation: str, minutes: int, language: str) -> Mail:
    """The mail for one link to come in, that lives for `minutes`; any language but `sv` is written in English."""
    time = f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
    return _mail(_INVITATION, url, organisation, time, language)


def _mail(written: dict[str, _Words], url: str, organisation: str, time: str, language: str) -> Mail:
    chosen = language if language in written else "en"
    words, who = written[chosen], one_line(organisation) or "Approvals Hub"
    subject = Template(words.subject).substitute(who=who)
    life = Template(words.life).substitute(time=time)
    lines = (words.lead, "", url, "", life, "", words.warning, "")
    text = "\n\n".join((words.lead, life, words.warning))
    html = mail_card(organisation=who, title=subject, text=text, link=url, language=chosen)
    return Mail(subject, "\n".join(lines), html, chosen)
