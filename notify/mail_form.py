"""The letter as it goes to a server (RFC 5322, MIME): text, HTML beside it, and the headers of what machines send."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from notify.mail_address import on_the_wire
from notify.message import Mail

# Seven bits: such a letter passes every server, whatever extensions it offers.
_POLICY = SMTP.clone(cte_type="7bit")
_NAME = re.compile(r"[^\x00-\x1f\x7f<>@\"\\\u2028\u2029]{0,100}")
UNDISCLOSED = "undisclosed-recipients:;"
"""The group without members (RFC 5322 section 3.4): several receivers do not learn of each other."""


@dataclass(frozen=True, slots=True)
class From:
    """Who writes. Raises ValueError for what is no address or no name of one line."""

    address: str
    name: str = ""
    reply_to: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError."""
        for address in (self.address, self.reply_to):
            if address is not None:
                on_the_wire(address)
        if not _NAME.fullmatch(self.name):
            raise ValueError("the sender's name is one line without quotes, brackets and @")

    @property
    def host(self) -> str:
        """What stands behind the @."""
        return on_the_wire(self.address).rpartition("@")[2]


def message_id(mail: Mail, sender: From) -> str:
    """The Message-ID, the same whenever the mail is sent again: receivers drop the second one (RFC 5322, 3.6.4)."""
    return f"<{mail.id}@{sender.host}>"


def letter(mail: Mail, sender: From, to: list[str], *, at: int) -> bytes:
    """The bytes after DATA. `to` are addresses on the wire; of several none is named. `at`: ms since 1970 UTC.

    Raises ValueError for what would end a header; `Mail` and `on_the_wire` let no such thing through.
    """
    form = EmailMessage(policy=_POLICY)
    form["From"] = _mailbox(sender.address, sender.name)
    form["To"] = _mailbox(to[0]) if len(to) == 1 else UNDISCLOSED
    if sender.reply_to is not None:
        form["Reply-To"] = _mailbox(sender.reply_to)
    form["Subject"] = mail.subject
    form["Date"] = format_datetime(datetime.fromtimestamp(at / 1000, UTC))
    form["Message-ID"] = message_id(mail, sender)
    # RFC 3834: nobody's holiday message answers. Exchange reads a header of its own for that.
    form["Auto-Submitted"] = "auto-generated"
    form["X-Auto-Response-Suppress"] = "All"
    form.set_content(mail.text)
    if mail.html is not None:
        form.add_alternative(mail.html, subtype="html")
    form["Content-Language"] = mail.language  # the last: setting a content takes away what begins with Content-
    return form.as_bytes()


def _mailbox(address: str, name: str = "") -> Address:
    return Address(display_name=name, addr_spec=on_the_wire(address))
