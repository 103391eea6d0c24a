"""The letter as it goes to a server (RFC 5322, MIME): text, HTML beside it, and the headers of what machines send.

It is put together here: the standard library's own form parses every header that it is handed, and takes four times as
long for a letter as the server does to take it.
"""

from __future__ import annotations

import os
import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from notify.mail_address import on_the_wire
from notify.message import Mail

_NAME = re.compile(r"[^\x00-\x1f\x7f<>@\"\\\u2028\u2029]{0,100}")
_PLAIN = re.compile(r"(?! )(?!.*=\?)(?!.*[!-~]{61})[ -~]*(?<! )")
"""What stands in a header as it is: words that fit into a line. What looks like an encoded word (RFC 2047) is a text,
and is encoded, as is a space at either end."""
UNDISCLOSED = "undisclosed-recipients:;"
"""The group without members (RFC 5322 section 3.4): several receivers do not learn of each other."""
LINE = 78
"""Characters that a line should have at most (RFC 5322 section 2.1.1)."""


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

    All of it is seven bits: such a letter passes every server, whatever extensions it offers. Raises ValueError for
    what would end a header; `Mail` and `on_the_wire` let no such thing through.
    """
    head = [
        *_written_by(sender),
        f"To: {to[0] if len(to) == 1 else UNDISCLOSED}",
        _field("Subject", mail.subject),
        f"Date: {format_datetime(datetime.fromtimestamp(at // 1000, UTC))}",
        f"Message-ID: {message_id(mail, sender)}",
        # RFC 3834: nobody's holiday message answers. Exchange reads a header of its own for that.
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        f"Content-Language: {mail.language}",
        "MIME-Version: 1.0",
    ]
    text = _part("plain", mail.text)
    if mail.html is None:
        return _lines(head) + text
    # In no encoded part, as = is encoded there; in no other, as nobody knows it before.
    boundary = f"=_{os.urandom(16).hex()}"
    head += [f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    # The line end before a boundary is the boundary's (RFC 2046 section 5.1.1).
    border = f"--{boundary}".encode()
    parts = (border + b"\r\n" + text, border + b"\r\n" + _part("html", mail.html), border + b"--\r\n")
    return _lines(head) + b"\r\n".join(parts)


def _part(kind: str, text: str) -> bytes:
    """A text with its headers and the line end behind it, in lines that every server takes."""
    lines = text.encode().splitlines() or [b""]
    body = b"\r\n".join(lines) + b"\r\n"
    encoding = "7bit"
    if not body.isascii() or max(map(len, lines)) > LINE:
        encoding, body = "quoted-printable", b2a_qp(body, istext=True)
    kinds = [f'Content-Type: text/{kind}; charset="utf-8"', f"Content-Transfer-Encoding: {encoding}", ""]
    return _lines(kinds) + body


def _lines(head: list[str]) -> bytes:
    """Raises ValueError for a line that is two; one that is folded is one."""
    unfolded = "".join(head).replace("\r\n ", "")
    if "\r" in unfolded or "\n" in unfolded:
        raise ValueError("a header has one line")
    return ("\r\n".join(head) + "\r\n").encode("ascii")


def _field(name: str, text: str) -> str:
    """A header of free text, in encoded words where need be, folded (RFC 5322 section 2.2.3, RFC 2047)."""
    plain = _PLAIN.fullmatch(text) is not None
    if plain and len(name) + 2 + len(text) <= LINE:
        return f"{name}: {text}"
    charset = "us-ascii" if plain else "utf-8"
    return f"{name}: {Header(text, charset, LINE - 2, name).encode(linesep=chr(13) + chr(10))}"


@lru_cache(maxsize=64)
def _written_by(sender: From) -> tuple[str, ...]:
    """From, and Reply-To where answers go elsewhere: the same in every letter."""
    address = on_the_wire(sender.address)
    name = f'"{sender.name}"' if _PLAIN.fullmatch(sender.name) else Header(sender.name, "utf-8").encode(linesep="\r\n")
    written = f"From: {name} <{address}>" if sender.name else f"From: {address}"
    if sender.reply_to is None:
        return (written,)
    return written, f"Reply-To: {on_the_wire(sender.reply_to)}"
