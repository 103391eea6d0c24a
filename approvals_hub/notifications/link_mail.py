"""The mail that carries a link to sign in, in Swedish and English.

It says nothing of anybody's questions, and no remote picture tells who opened it. Opening the link does nothing yet.
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


_WORDS = {
    "sv": _Words(
        subject="Logga in hos $who",
        lead="Öppna sidan och tryck på Logga in:",
        life="Länken gäller en gång, i $minutes min. I en annan webbläsare frågar sidan efter de sex siffror som visas "
        "där du bad om länken.",
        warning="Har du inte bett om den: gör ingenting. Utan dina siffror loggar länken in ingen.",
    ),
    "en": _Words(
        subject="Sign in at $who",
        lead="Open the page and press Sign in:",
        life="The link works once, within $minutes min. In another browser the page asks for the six digits that are "
        "shown where you asked for the link.",
        warning="If you did not ask for it, do nothing. Without your digits the link signs nobody in.",
    ),
}


def link_mail(url: str, *, organisation: str, minutes: int, language: str) -> Mail:
    """The mail for one link that lives for `minutes`; any language but `sv` is written in English."""
    chosen = language if language in _WORDS else "en"
    words, who = _WORDS[chosen], one_line(organisation) or "Approvals Hub"
    said = {
        "subject": Template(words.subject).substitute(who=who),
        "lead": words.lead,
        "life": Template(words.life).substitute(minutes=minutes),
        "warning": words.warning,
    }
    lines = (said["lead"], "", url, "", said["life"], "", said["warning"], "")
    text = "\n\n".join((said["lead"], said["life"], said["warning"]))
    html = mail_card(organisation=who, title=said["subject"], text=text, link=url, language=chosen)
    return Mail(said["subject"], "\n".join(lines), html, chosen)
