"""Writes tests/vectors/mails: every mail that the hub sends, as its reader gets it, in both languages.

Run `python -m tests.vectors.make_mails` after a change of words or looks, and look at the files in a browser, in the
light and in the dark; a test holds them equal to what this writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from approvals_hub.domain.disclosure import Disclosure
from approvals_hub.domain.presentation import fields_of
from approvals_hub.notifications.compose import Subject, composed
from approvals_hub.notifications.link_mail import invitation_mail, link_mail
from approvals_hub.notifications.summary import summary_of
from identity.code_mail import Purpose, code_mail
from notify import message

FOLDER = Path(__file__).parent / "mails"
URL = "https://hub.example.com"
ORG = "Åkes Färg & Tapet AB"
ACTION = {
    "action_type": "payment.execute",
    "payload": {"amount_minor": 125000, "currency": "SEK", "note": "Hyra för <åtta> rum", "token": "canary-of-a-token"},
}
SUBJECT = Subject(telling_id="tel_1", kind="escalation.opened", org=ORG)
ASKED = replace(SUBJECT, escalation_id="esc_1", agent="betalrobot", risk="high")
SUMMARISED = replace(ASKED, says=Disclosure(mail="summary"), summary=summary_of(fields_of(ACTION)))


class Mailbox:
    """A channel as far as composing looks at one."""

    name = "smtp"
    takes = message.Mail


def kept() -> list[Path]:
    """The files that were looked at."""
    return [path for path in FOLDER.iterdir() if path.name != "README.md"]


def mails() -> Iterator[tuple[str, str]]:
    """Name of a file → what stands in it: the subject and the text, and the page."""
    for language in ("en", "sv"):
        of = {"organisation": ORG, "language": language}
        made: dict[str, Any] = {
            "asked": _told(ASKED, language),
            "asked_with_a_summary": _told(SUMMARISED, language),
            "device_silent": _told(replace(SUBJECT, kind="push.stale"), language),
            "key_added": _told(replace(SUBJECT, kind="device.enrolled"), language),
            "notice": _told(replace(SUBJECT, kind="admin.agent_paused"), language),
            "code": code_mail("48291507", purpose=Purpose.DECISION, minutes=5, **of),
            "address": code_mail("48291507", purpose=Purpose.LINK, minutes=10, **of),
            "sign_in": link_mail(f"{URL}/app/sign-in#link=lnk_1", minutes=15, **of),
            "invitation": invitation_mail(f"{URL}/app/enrol#inv_1", minutes=1440, **of),
        }
        for name, mail in made.items():
            yield f"{name}.{language}.txt", f"{mail.subject}\n\n{mail.text}"
            yield f"{name}.{language}.html", mail.html


def _told(subject: Subject, language: str) -> Any:
    channel: Any = Mailbox()
    return composed(subject, channel, language=language, public_url=URL)


if __name__ == "__main__":
    for there in kept():
        there.unlink()
    for name, text in mails():
        (FOLDER / name).write_text(text, encoding="utf-8")
