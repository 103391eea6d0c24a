"""The mail that carries a code, in Swedish and English: text and HTML, readable in the light and in the dark.

It has no link and no remote picture: scanners follow links, and a picture tells who opened it. The subject and what a
lock screen previews hold no code. What is approved is not said: mail is read by more than its receiver.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from string import Template

from identity.mail_frame import GROUND, INK, framed, line
from identity.one_time_code import one_line
from identity.proof import Purpose


@dataclass(frozen=True, slots=True)
class Mail:
    """What a sender sends; addresses, date and message id are the sender's."""

    subject: str
    text: str
    html: str
    language: str
    """`sv` or `en`."""


@dataclass(frozen=True, slots=True)
class _Words:
    subject: dict[Purpose, str]
    lead: str
    """The first line, which clients preview."""
    code: str
    life: str
    warning: str
    nobody: str
    """The organisation's place-holder where it has no name."""


_WORDS = {
    "sv": _Words(
        subject={
            Purpose.DECISION: "$who ber dig bekräfta ett beslut",
            Purpose.SIGN_IN: "$who ber dig bekräfta en inloggning",
            Purpose.LINK: "$who ber dig bekräfta din e-postadress",
        },
        lead="Öppna meddelandet för att se din engångskod.",
        code="Din engångskod är:",
        life="Skriv den på sidan som bad om den, inom $minutes min. En nyare kod gör den här ogiltig.",
        warning="Ge koden till ingen. Har du inte bett om den: svara inte, och berätta det för $who.",
        nobody="Approvals Hub",
    ),
    "en": _Words(
        subject={
            Purpose.DECISION: "$who asks you to confirm a decision",
            Purpose.SIGN_IN: "$who asks you to confirm a sign-in",
            Purpose.LINK: "$who asks you to confirm your e-mail address",
        },
        lead="Open this message to see your one-time code.",
        code="Your one-time code is:",
        life="Type it on the page that asked for it, within $minutes min. A newer code makes this one void.",
        warning="Give the code to nobody. If you did not ask for it, do not answer, and tell $who.",
        nobody="Approvals Hub",
    ),
}

_DARK = ".code { background: #14171a !important; color: #ffffff !important; }"


def code_mail(code: str, *, organisation: str, purpose: Purpose, minutes: int, language: str) -> Mail:
    """The mail for one code that lives for `minutes`; any language but `sv` is written in English."""
    chosen = language if language in _WORDS else "en"
    words = _WORDS[chosen]
    who = one_line(organisation) or words.nobody
    subject = Template(words.subject[purpose]).substitute(who=who)
    life = Template(words.life).substitute(minutes=minutes)
    warning = Template(words.warning).substitute(who=who)
    rows = (
        line(who, "padding:24px 24px 0;font-size:14px", soft=True),
        line(words.code, "padding:8px 24px 0;font-size:18px;line-height:26px"),
        _code_row(code),
        line(life, "padding:0 24px;font-size:15px;line-height:22px"),
        line(warning, "padding:16px 24px 24px;font-size:14px;line-height:20px", soft=True),
    )
    html = framed(rows, title=subject, language=chosen, dark=_DARK, preview=words.lead)
    text = "\n".join((words.lead, "", words.code, "", code, "", life, "", warning, ""))
    return Mail(subject, text, html, chosen)


def _code_row(code: str) -> str:
    return f"""\
<tr><td style="padding:16px 24px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="code" align="center" style="padding:16px;background:{GROUND};color:{INK};border-radius:6px;\
font-family:Consolas,Menlo,monospace;font-size:30px;letter-spacing:4px">{escape(code)}</td></tr>
</table></td></tr>"""
