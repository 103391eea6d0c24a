"""The operations by which owners and admins hear of what happens to the keys and agents of their organisation."""

from __future__ import annotations

from approvals_hub.api import notices
from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items, PageQuery
from approvals_hub.core.errors import Forbidden, NotFound

PERSON, Org = Caller.PERSON, "/v1/orgs/{org}"
ROLE = (Forbidden, NotFound)

# fmt: off
NOTICES: tuple[Route, ...] = (
    Route("GET", f"{Org}/notices", notices.notices, PERSON, PageQuery, Items[notices.NoticeView], 200, ROLE),
    Route("PUT", f"{Org}/notices/read", notices.read, PERSON, notices.NoticesRead, notices.NoticesReadView, 200, ROLE),
    Route("GET", f"{Org}/expected-factors", notices.expected, PERSON, None, Items[notices.ExpectedFactorView], 200,
          ROLE),
)
# fmt: on
