"""New sessions."""

from __future__ import annotations

from approvals_hub.people.visit import CLIENT_LIMIT, Visitor
from approvals_hub.stepup.open_session import new_session_secrets
from tests.fakes.front_door import FrontDoor


def test_every_session_has_its_own_id_and_token() -> None:
    one, two = new_session_secrets(), new_session_secrets()
    assert one.session_id != two.session_id
    assert one.token != two.token
    assert len(one.token) >= len("ses_") + 43  # 256 bits in base64url


async def test_what_a_client_says_about_itself_is_cut(door: FrontDoor) -> None:
    link = await door.set_up()
    await door.accept(link.token, Visitor("x" * 1000, "192.0.2.1"))
    [row] = await door.rows("SELECT client, address FROM sessions")
    assert (row["client"], row["address"]) == ("x" * CLIENT_LIMIT, "192.0.2.1")


async def test_an_invitations_session_is_worth_nothing_but_low(door: FrontDoor) -> None:
    link = await door.set_up()
    await door.accept(link.token, Visitor())
    [row] = await door.rows("SELECT acr, amr, scope, device_id FROM sessions")
    assert (row["acr"], row["amr"], row["scope"], row["device_id"]) == ("LOW", "", "enrolment", None)


async def test_no_name_and_no_address_enters_the_log(door: FrontDoor) -> None:
    link = await door.set_up()
    await door.accept(link.token, Visitor("Grace's phone", "192.0.2.7"))
    [event] = await door.events("session.opened")
    assert "192.0.2.7" not in str(event)
    assert "Grace" not in str(event)
