"""What an SMTP server's refusal means for a message (RFC 5321 section 4.2, enhanced codes of RFC 3463).

The code alone blames too many: `550` says that nobody has this address, and just as often that the server does not like
us. Where the text begins with an enhanced code, it decides. Nothing of the text is passed on: it may quote the address.
"""

from __future__ import annotations

import re

from notify.delivery import AFTER, AddressGone, Delivery, TryLater, bad_address_here, bad_settings, permanent

GREYLISTED = 120.0
"""Seconds after a server has put us off: grey lists commonly let the second attempt pass after one to five minutes."""
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")


def of_recipient(code: int, text: str) -> Delivery:
    """The refusal of RCPT."""
    if 400 <= code < 500:
        return TryLater(GREYLISTED, _why("receiver", code, text))
    if not 500 <= code < 600:
        return _malformed()
    why = _why("receiver", code, text)
    subject, detail = _enhanced(text)
    if (subject, detail) == (2, 2) or (subject is None and code == 552):
        return TryLater(GREYLISTED, why)  # the mailbox is full; 552 is to be read as 452 (RFC 5321, 4.5.3.1.10)
    if code == 530 or subject == 7 or (subject, detail) in ((1, 7), (1, 8)):
        # Not allowed to relay, no sign-in, blocked, or it is the sender that is refused: for this receiver at least.
        return bad_address_here(why)
    if subject in (1, 2) or (subject is None and code in (550, 551, 553)) or (subject == 0 and code == 550):
        return AddressGone(why)
    return permanent(why)


def of_sender(code: int, text: str) -> Delivery:
    """The refusal of MAIL: the address that we write from, not the one that we write to."""
    if 400 <= code < 500:
        return TryLater(AFTER, _why("sender", code, text))
    if not 500 <= code < 600:
        return _malformed()
    if code == 552 or _enhanced(text) in ((2, 3), (3, 4)):
        return permanent(_why("sender", code, text))  # the announced size is too large
    return bad_settings(_why("sender", code, text))


def of_letter(code: int, text: str) -> Delivery:
    """The refusal of DATA, or of what came after it."""
    if 400 <= code < 500:
        return TryLater(AFTER, _why("message", code, text))
    if not 500 <= code < 600:
        # It had the whole letter when it said that.
        return TryLater(AFTER, "the server answers with what is no SMTP", perhaps_sent=True)
    if _enhanced(text)[0] == 7:
        return bad_settings(_why("message", code, text))
    return permanent(_why("message", code, text))


def of_session(code: int, text: str) -> Delivery:
    """The refusal of the connection, of EHLO, STARTTLS or AUTH."""
    if 400 <= code < 500:
        return TryLater(AFTER, _why("connection", code, text))
    if not 500 <= code < 600:
        return _malformed()
    return bad_settings(_why("connection or the sign-in", code, text))


def _enhanced(text: str) -> tuple[int | None, int | None]:
    """Subject and detail of the enhanced code that the text begins with."""
    found = _ENHANCED.match(text)
    return (None, None) if found is None else (int(found[2]), int(found[3]))


def _why(what: str, code: int, text: str) -> str:
    found = _ENHANCED.match(text)
    return f"the server refuses the {what} with {code}{'' if found is None else f' {found[0]}'}"


def _malformed() -> TryLater:
    return TryLater(AFTER, "the server answers with what is no SMTP")
