"""The report of sign-ins: who came in or was refused, when, from where, by what; as lines, and as a table for people.

```
{"header":{…}}     the organisation, when it was written, the size of the log that it is made of, what was asked for
{"sign_in":{…}}    one entry of the log, with what lies beside it
{"end":{…}}        how many there were, of how many the place is erased, the SHA-256 of all lines before
```
Nothing in the lines is signed by the hub: `index` names the entry, and the log commits to the place (`visit`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Literal

import msgspec

from approvals_hub.audit import table
from approvals_hub.core.clock import to_text
from approvals_hub.people.visit import Visit

FORMAT = "approvals-hub.sign-ins.v1"
TABLE_FORMAT = "approvals-hub.sign-ins-table.v1"


class WantedSignIns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ones: from `since` on and before `until` (milliseconds), of this person."""

    since: int | None = None
    until: int | None = None
    person: str | None = None

    def query(self) -> dict[str, str]:
        """What was given, as texts."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return {name: to_text(value) if isinstance(value, int) else value for name, value in given.items()}


class SignInView(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in or refusal. `code` says why it was refused; `name` is null where the person was never a member.

    `client`, `network` and `salt` are null where the person's key was destroyed, where the entry has no `visit`, and
    for a refusal within a session, which names the session instead. The times are the session's.
    """

    index: int
    ts: str
    outcome: Literal["signed_in", "refused"]
    code: str | None
    person_id: str
    name: str | None
    method: str | None
    scope: str | None
    acr: str | None
    device_id: str | None
    session_id: str | None
    client: str | None
    network: str | None
    last_seen_at: str | None
    ended_at: str | None
    expires_at: str | None
    visit: str | None
    salt: str | None


COLUMNS = SignInView.__struct_fields__


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`query` is empty where every sign-in of the log's first `size` entries is here."""

    format: str
    org_id: str
    created: str
    size: int
    query: dict[str, str]


class End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the report held; without it the report is cut."""

    sign_ins: int
    erased: int
    digest: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Any line: one of its members is there."""

    header: Header | None = None
    sign_in: SignInView | None = None
    end: End | None = None


class Count:
    """What the end says, gathered line by line or row by row."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.sign_ins = 0
        self.erased = 0
        self._digest = sha256()

    def add(self, piece: bytes, *found: SignInView) -> bytes:
        """Count what these bytes hold, and give them back; the end is not counted."""
        self._digest.update(piece)
        self.sign_ins += len(found)
        self.erased += sum(each.visit is not None and each.salt is None for each in found)
        return piece

    def end(self) -> End:
        """What the last line must be."""
        return End(sign_ins=self.sign_ins, erased=self.erased, digest=self._digest.hexdigest())


_encode = msgspec.json.Encoder().encode
_decode_entry = msgspec.json.Decoder(dict[str, Any]).decode


def line_of(line: Line) -> bytes:
    """A line, as it is written."""
    return _encode(line) + b"\n"


def row_of(view: SignInView) -> bytes:
    """The same as a row of the table, in the order of `COLUMNS`."""
    return table.row(msgspec.structs.astuple(view))


class LoggedSignIn(msgspec.Struct, frozen=True):
    """An entry of the log, as far as the report reads it."""

    index: int
    entry: dict[str, Any]

    @property
    def person_id(self) -> str:
        """Whose sign-in it was."""
        return str(self.entry["actor_id"])

    @property
    def session_id(self) -> str | None:
        """The session that was opened, or within which somebody was refused."""
        return _text(self.entry["detail"].get("session_id"))

    @property
    def visit(self) -> str | None:
        """The commitment to where it came from."""
        return _text(self.entry["detail"].get("visit"))


def logged(index: int, body: bytes) -> LoggedSignIn:
    """The entry of stored bytes."""
    return LoggedSignIn(index, _decode_entry(body))


def view_of(found: LoggedSignIn, visit: Visit | None, session: Any, name: str | None) -> SignInView:
    """An entry with what lies beside it."""
    detail = found.entry["detail"]
    return SignInView(
        index=found.index,
        ts=found.entry["ts"],
        outcome="signed_in" if found.entry["kind"] == "session.opened" else "refused",
        code=found.entry["decision"],
        person_id=found.person_id,
        name=name,
        method=_text(detail.get("method")),
        scope=_text(detail.get("scope")),
        acr=_text(detail.get("acr")),
        device_id=_text(detail.get("device_id")),
        session_id=found.session_id,
        client=None if visit is None else visit.client,
        network=None if visit is None else visit.network,
        last_seen_at=_time(session, "last_seen_at"),
        ended_at=_time(session, "ended_at"),
        expires_at=_time(session, "expires_at"),
        visit=found.visit,
        salt=None if visit is None else visit.salt,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _time(session: Any, name: str) -> str | None:
    return None if session is None or session[name] is None else to_text(session[name])
