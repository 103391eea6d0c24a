"""Several organisations over HTTP: where the session's token goes."""

from __future__ import annotations

from approvals_hub.api.call import COOKIE
from tests.unit.api.web_client import Web
from tests.unit.two_orgs import second_org

SWITCH = "/v1/sessions/in-another-org"
PAGE = {"Sec-Fetch-Site": "same-origin"}


async def test_a_page_gets_the_session_of_the_other_organisation_in_its_cookie_and_no_script_reads_it(api: Web) -> None:
    other = await second_org(api.house)
    ada = await api.house.person("Ada")
    await other.lets_in(ada, "approver")
    cookie = {"Cookie": f"{COOKIE}={await api.token(ada)}"}
    body = {"org_id": other.org_id, "transport": "cookie"}
    crossed = await api.call("POST", SWITCH, body, headers=cookie | {"Sec-Fetch-Site": "cross-site"})
    assert (crossed.status, crossed.code) == (403, "cross_site")
    reply = await api.call("POST", SWITCH, body, headers=cookie | PAGE)
    assert (reply.status, reply.json["session"]["token"]) == (201, None)
    assert reply.headers["Set-Cookie"].startswith(f"{COOKIE}=ses_")
    again = await api.call("GET", "/v1/orgs", headers=cookie)
    assert (again.status, again.code) == (401, "session_ended")


async def test_tokens_of_invitations_are_printed_by_nothing(api: Web) -> None:
    from approvals_hub.api.memberships import InvitationForm, JoinForm

    assert "inv_x" not in repr(InvitationForm(token="inv_x")) + repr(JoinForm(token="inv_x"))
