"""The HTML of a mail that leads to a page, in Swedish and English: the same card as a mail with a code, readable in the
light and in the dark.

No remote picture tells who opened it, and the one link holds nothing that decides: scanners follow links.
"""

from __future__ import annotations

from html import escape
from string import Template
from urllib.parse import urlsplit

from identity.mail_frame import GROUND, INK, PAPER, framed, line

_OPEN = {"sv": "Öppna sidan", "en": "Open the page"}
_FOOT = {
    "sv": "Skickat av Approvals Hub på $host. Inget avgörs genom att svara på brevet.",
    "en": "Sent by Approvals Hub at $host. Nothing is decided by answering this mail.",
}
_DARK = f".key {{ background: {GROUND} !important; color: {INK} !important; }}"


def mail_card(*, organisation: str, title: str, text: str, link: str, language: str) -> str:
    """The whole page. `text` may have several lines; everything is text here, whatever it looks like. Any language but
    `sv` is English."""
    chosen = language if language in _OPEN else "en"
    foot = Template(_FOOT[chosen]).substitute(host=urlsplit(link).netloc)
    rows = (
        line(organisation, "padding:24px 24px 0;font-size:14px", soft=True),
        line(title, "padding:8px 24px 0;font-size:18px;line-height:26px"),
        line(text, "padding:12px 24px 0;font-size:15px;line-height:22px;overflow-wrap:anywhere"),
        _button(link, _OPEN[chosen]),
        line(link, "padding:12px 24px 0;font-size:13px;line-height:18px;overflow-wrap:anywhere", soft=True),
        line(foot, "padding:16px 24px 24px;font-size:14px;line-height:20px", soft=True),
    )
    return framed(rows, title=title, language=chosen, dark=_DARK)


def _button(link: str, words: str) -> str:
    return f"""\
<tr><td style="padding:16px 24px 0"><a class="key" href="{escape(link)}" style="display:inline-block;\
padding:12px 20px;background:{INK};color:{PAPER};border-radius:6px;font-size:16px;text-decoration:none">\
{escape(words)}</a></td></tr>"""
