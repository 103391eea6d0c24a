"""An invitation that the hub sends by mail, over real HTTP and SMTP: what the mailbox alone is good for."""

from __future__ import annotations

import re
from pathlib import Path

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.tls import Authority
from tests.flows.conftest import url_of
from tests.flows.several import answers, ask
from tests.flows.test_step_up_codes import mail_table
from tests.flows.world import serve, set_up

ADA = "ada@example.com"


async def test_an_invitation_by_mail_leads_to_a_key_that_counts_once_its_digits_were_compared(
    database_place: Path | str, tmp_path: Path
) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_text(authority.pem())
    mails = SmtpServer(authority)
    await mails.open()
    try:
        async with serve(tmp_path, url_of(database_place), mail=mail_table(mails, tmp_path)) as world:
            await set_up(world)
            path = f"/v1/orgs/{world.org_id}/member-invites"
            asked = {"name": "Ada", "email": ADA, "by_mail": True, "language": "sv"}
            given = (await world.send("POST", path, by=world.owner, body=asked)).json()
            [mail] = mails.arrived
            assert given["mailed"] is True
            assert "bjuder in dig" in mail.headers["Subject"]
            found = re.search(r"/app/enrol#(inv_\S+)", mail.text)
            assert found is not None
            async with SoftwarePhone(world.base_url, name="Ada's phone") as phone:
                await phone.enrol(found[1])
                question = await ask(await world.agent())
                unread = await world.send("GET", "/v1/inbox", by=phone)
                assert unread.status in (401, 403), "the link alone opens nothing but the way to a key"
                confirmed = f"/v1/devices/{phone.device_id}/confirmation"
                await world.owner.call("POST", confirmed, await world.compared(phone.digits or ""))
                await phone.sign_in()
                assert await answers(phone, question) == "approved"
            async with mails.is_down():
                other = (await world.send("POST", path, by=world.owner, body={**asked, "name": "Bo"})).json()
            assert other["mailed"] is False
            assert other["url"].startswith(f"{world.base_url}/app/enrol#")
    finally:
        await mails.close()
