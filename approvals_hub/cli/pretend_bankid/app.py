"""The page that stands in for people's BankID app: choose who you are, read what you sign, sign or decline.

It listens on this computer alone, has no scripts, and says on every page that it is no BankID.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aiohttp import web

from approvals_hub.cli.pretend_bankid.certificates import Person
from approvals_hub.cli.pretend_bankid.orders import NotOpened, Order

if TYPE_CHECKING:
    from approvals_hub.cli.pretend_bankid.server import PretendBankID

ORDERS = "/orders/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.0625rem/1.5 system-ui, sans-serif;
color-scheme: light dark } .pretend { padding: .75rem 1rem; border: 3px dashed #a0231b; font-weight: 700 }
pre { padding: 1rem; border: 1px solid; white-space: pre-wrap; overflow-wrap: anywhere }
article { margin: 2rem 0 } button, select { min-height: 2.75rem; padding: 0 1.25rem; font: inherit }
label { display: block; margin: 1rem 0 }"""
WARNING = (
    "This is a pretend BankID. It belongs to the demo on this computer: no bank knows of it, and nobody here is real."
)


class PersonsApp:
    """The page."""

    def __init__(self, bankid: PretendBankID, people: list[Person]) -> None:
        """`people` are those whom one may be."""
        self._bankid = bankid
        self._people = {person.personal_number: person for person in people}
        self._runner: web.ServerRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port of this computer."""
        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        await web.TCPSite(self._runner, "localhost", 0).start()
        self.url = f"http://localhost:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Close every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.method, request.path:
            case "GET", "/":
                return self._list()
            case "GET", "/style.css":
                return web.Response(text=STYLE, content_type="text/css", headers=HEADERS)
            case "POST", path if path.startswith(ORDERS):
                return await self._act(request, path.removeprefix(ORDERS))
        return _page("<p>There is no such page.</p>", _BACK, status=404)

    def _list(self) -> web.Response:
        waiting = [order for order in self._bankid.orders.waiting() if order.opened_by is None]
        parts = [self._order(order) for order in waiting]
        return _page(
            *(parts or ["<p>Nothing waits here. Begin with BankID on the hub's page, then load this anew.</p>"])
        )

    def _order(self, order: Order) -> str:
        options = "".join(
            f'<option value="{escape(number)}">{escape(person.name)}</option>'
            for number, person in self._people.items()
        )
        kind = "sign" if order.kind == "sign" else "identify yourself"
        return (
            f"<article><h2>You are asked to {kind}</h2><pre>{escape(order.words)}</pre>"
            f'<form method="post" action="{ORDERS}{escape(order.order_ref)}">'
            f'<label>You are <select name="person">{options}</select></label>'
            '<button name="do" value="sign">Sign</button> <button name="do" value="decline">Decline</button>'
            "</form></article>"
        )

    async def _act(self, request: web.BaseRequest, order_ref: str) -> web.Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return web.Response(status=403, headers=HEADERS)
        form = await request.post()
        person = self._people.get(str(form.get("person")))
        orders = {order.order_ref: order for order in self._bankid.orders.waiting()}
        order = orders.get(order_ref)
        if person is None or order is None:
            return _page("<p>It has ended, or somebody was faster.</p>", _BACK, status=404)
        try:
            self._bankid.orders.take_up(order, person)
        except NotOpened as error:
            return _page(f"<p>{escape(str(error))}.</p>", _BACK, status=409)
        if form.get("do") != "sign":
            self._bankid.decline(order)
            return _page("<p>Declined.</p>", _BACK)
        back = self._bankid.approve(order)
        if back is None:
            return _page(f"<p>Signed as {escape(person.name)}. Go back to the hub's page.</p>", _BACK)
        return _page(f'<p>Signed as {escape(person.name)}. <a href="{escape(back)}">Go back to the hub</a></p>')


_BACK = '<p><a href="/">What else waits</a></p>'


def _page(*parts: str, status: int = 200) -> web.Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pretend BankID</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>'
        f'<body><h1>Pretend BankID</h1><p class="pretend">{WARNING}</p>{"".join(parts)}</body></html>'
    )
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
