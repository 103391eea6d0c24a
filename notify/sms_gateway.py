"""An SMS gateway described by settings: what is asked over HTTP, and how its answers are read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from notify import json_path
from notify.discreet import Discreet
from notify.exchange import require_url
from notify.sms_template import require_placeholders

HeaderName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]
HeaderValue = Annotated[str, msgspec.Meta(pattern=r"^[ -~]{0,1000}\Z")]
Secret = Annotated[str, msgspec.Meta(pattern=r"^[ -~]{1,1000}\Z")]
Path = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

IN_BODY = frozenset({"to", "from", "text", "id", "encoding"})
"""What may stand in braces within the body: the number, the sender, the text, the message's id, its encoding."""
IN_HEADERS = frozenset({"id"})
"""And within a header: `Idempotency-Key = "{id}"`."""
WRITTEN_BY_US = frozenset({"authorization", "content-type", "content-length", "host", "transfer-encoding"})


class Table(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings; it is shown without its values, among which are secrets."""

    def __repr__(self) -> str:
        """Without values."""
        return f"{type(self).__name__}(…)"


class Basic(Table, frozen=True, kw_only=True, tag_field="kind", tag="basic"):
    """A name and a password (RFC 7617)."""

    not_printed = ("password",)

    username: Secret
    password: Secret

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if ":" in self.username:
            raise ValueError("a user's name has no colon")


class Bearer(Table, frozen=True, kw_only=True, tag_field="kind", tag="bearer"):
    """A token (RFC 6750)."""

    not_printed = ("token",)

    token: Secret


class Header(Table, frozen=True, kw_only=True, tag_field="kind", tag="header"):
    """A header of the gateway's own."""

    not_printed = ("value",)

    name: HeaderName
    value: Secret


class Success(Table, frozen=True, kw_only=True):
    """When a message was taken."""

    status: tuple[int, int] = (200, 299)
    """The first and the last HTTP status that say so."""
    path: Path | None = None
    """Where the answer's JSON must have the value `equals`, as well."""
    equals: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError."""
        first, last = self.status
        if not 200 <= first <= last <= 299:
            raise ValueError("success is a range of statuses from 200 to 299")
        if (self.path is None) != (self.equals is None):
            raise ValueError("path and equals go together")
        if self.path is not None:
            json_path.parsed(self.path)


class Errors(Table, frozen=True, kw_only=True):
    """Where the answer's JSON has the gateway's own code for what went wrong, and what some of them mean.

    Of a problem type (RFC 9457, a URL), what stands behind its last # counts.
    """

    path: Path
    gone: tuple[str, ...] = ()
    """The number does not exist, takes no messages, or opted out."""
    retry: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """The account, the sender or the credentials are refused."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        json_path.parsed(self.path)


class HttpGateway(Table, frozen=True, kw_only=True, tag_field="kind", tag="http"):
    """Any gateway that takes one message by one request. Raises ValueError for what cannot be sent or would be unsafe.

    Values are put into the template after it was read, as texts of their own: a message is never syntax.
    """

    url: str
    """The whole URL, fixed: nothing is put into it."""
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[HeaderName, HeaderValue] = {}
    auth: Basic | Bearer | Header | None = None
    format: Literal["json", "form"] = "json"
    body: dict[str, Any]
    """The body's fields; texts in it hold `{to}`, `{from}`, `{text}`, `{id}`, `{encoding}`."""
    success: Success = Success()
    id_path: Path | None = None
    """Where the gateway's id for the message stands. An answer without it is none of the gateway's."""
    errors: Errors | None = None
    retry_on: tuple[int | Literal["5xx"], ...] = (429, "5xx")
    """Statuses after which trying again helps."""
    numbers: Literal["plus", "digits"] = "plus"
    """Whether numbers have their + there."""
    encodings: dict[Literal["gsm7", "ucs2"], str] = {}
    """What `{encoding}` is for either kind of text."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        require_url(self.url)
        used = require_placeholders(self.body, IN_BODY)
        require_placeholders(self.headers, IN_HEADERS)
        if not {"to", "text"} <= used:
            raise ValueError("the body has places for {to} and {text}")
        if "encoding" in used and len(self.encodings) < 2:
            raise ValueError("with {encoding} in the body, encodings says what it is for gsm7 and for ucs2")
        if self.format == "form" and not all(isinstance(value, str) for value in self.body.values()):
            raise ValueError("a form's fields are texts")
        if WRITTEN_BY_US & {name.lower() for name in self.headers}:
            raise ValueError("Authorization is set under auth, and the body's headers by its format")
        if self.id_path is not None:
            json_path.parsed(self.id_path)
