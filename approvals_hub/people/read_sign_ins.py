"""Whoever may export the log reads who signed in, when, from which network and client, by what, and what failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from approvals_hub.audit import store as audit
from approvals_hub.audit import table
from approvals_hub.audit.table import Manifest
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import visit_store as store
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.sign_in_report import (
    COLUMNS,
    FORMAT,
    TABLE_FORMAT,
    Count,
    Header,
    Line,
    SignInView,
    WantedSignIns,
    line_of,
    logged,
    row_of,
    view_of,
)
from approvals_hub_client.note import Signer

PAGE = 500
"""Sign-ins that are read at a time."""


@dataclass(frozen=True, slots=True)
class ReadSignIns:
    """Writes reports. Who reads one is recorded by the caller, before the first line goes out.

    Entries written within the last second may not be sealed yet, and are not in it.
    """

    db: Database
    visits: KeepVisits
    clock: Clock
    signer: Callable[[str], Signer]
    page: int = PAGE

    async def lines(self, org_id: str, wanted: WantedSignIns) -> AsyncIterator[bytes]:
        """The report as JSON Lines, in pieces, as of now. Memory does not grow with the log.

        Raises Unavailable, also in the midst of it: a report without its last line is none.
        """
        header, count = await self._header(org_id, wanted), Count()
        yield count.add(line_of(Line(header=header)))
        async for found in self._pages(header, wanted):
            yield count.add(b"".join(line_of(Line(sign_in=each)) for each in found), *found)
        yield line_of(Line(end=count.end()))

    async def table(self, org_id: str, wanted: WantedSignIns) -> AsyncIterator[bytes]:
        """The same as CSV; the log's key signs its last row, over all rows before it."""
        header, count = await self._header(org_id, wanted), Count()
        yield count.add(table.row(COLUMNS))
        async for found in self._pages(header, wanted):
            yield count.add(b"".join(map(row_of, found)), *found)
        end = count.end()
        manifest = Manifest(TABLE_FORMAT, header.created, header.query, end.sign_ins, header.size, end.digest)
        yield table.last_row(manifest, self.signer(org_id))

    async def _header(self, org_id: str, wanted: WantedSignIns) -> Header:
        created = to_text(self.clock.now())

        async def read(tx: Tx) -> int:
            return (await audit.head(tx, org_id)).size

        size = await self.db.read(read, org=org_id)
        return Header(format=FORMAT, org_id=org_id, created=created, size=size, query=wanted.query())

    async def _pages(self, header: Header, wanted: WantedSignIns) -> AsyncIterator[list[SignInView]]:
        first, org_id = 0, header.org_id
        while True:

            async def read(tx: Tx, first: int = first) -> list[SignInView]:
                return await self._page_in(tx, header, wanted, first)

            found = await self.db.read(read, org=org_id)
            if found:
                yield found
            if len(found) < self.page:
                return
            first = found[-1].index + 1

    async def _page_in(self, tx: Tx, header: Header, wanted: WantedSignIns, first: int) -> list[SignInView]:
        org_id = header.org_id
        rows = await store.sign_ins(
            tx,
            org_id,
            first,
            header.size,
            since=wanted.since,
            until=wanted.until,
            person=wanted.person,
            limit=self.page,
        )
        found = [logged(index, body) for index, body in rows]
        places = [(each.person_id, each.visit) for each in found if each.visit is not None]
        visits = await self.visits.read_in(tx, org_id, places)
        opened = sorted({each.session_id for each in found if each.session_id is not None})
        sessions = await store.sessions_of(tx, org_id, opened)
        names = await store.names_of(tx, org_id, sorted({each.person_id for each in found}))
        return [
            view_of(
                each,
                visits.get((each.person_id, each.visit or "")),
                sessions.get(each.session_id or ""),
                names.get(each.person_id),
            )
            for each in found
        ]
