"""Links by mail in a staffed hub, and a letter box."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.stepup.ask_for_link import AskForLink
from approvals_hub.stepup.send_links import SendLinks
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_link import AskedLink
from approvals_hub.stepup.use_link import LinkProof, UseLink
from identity.code_mail import Mail
from identity.one_time_code import NotSent, Sent
from tests.unit.hub_actors import PUBLIC_URL
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import ARRIVAL

KEY = bytes(range(32))
ADA = "ada@example.com"


@dataclass
class Links:
    """The use cases; `result` is what the letter box says to a mail."""

    house: StaffedHub
    result: Sent | NotSent = field(default_factory=Sent)
    box: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        hub = self.house.hub
        self.asks = AskForLink(hub.db, hub.clock, KEY, offered=True)
        self.sends = SendLinks(hub.db, hub.clock, PUBLIC_URL, self.take)
        self.uses = UseLink(hub.db, hub.accept_invitation.visits, hub.clock, KEY)

    async def take(self, address: str, mail: Mail) -> Sent | NotSent:
        """The letter box: an address and the token of the link."""
        self.box.append((address, mail.text.partition("#link=")[2].split()[0]))
        return self.result

    async def settle(self) -> None:
        """Give the owner an address."""
        me = self.house.owner.person_id
        await self.house.change("UPDATE people SET email = :email WHERE id = :id", email=ADA, id=me)

    async def ask(self, email: str = ADA, source: str = "192.0.2.1") -> AskedLink:
        return await self.asks(email, language="en", source=source)

    async def asked(self) -> tuple[AskedLink, str]:
        """What the page got, and the link's token."""
        page = await self.ask()
        await self.sends()
        return page, self.box[-1][1]

    async def use(self, token: str, *, secret: str | None = None, code: str | None = None) -> SignedIn:
        return await self.uses(LinkProof(token, secret, code), ARRIVAL)
