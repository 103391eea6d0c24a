"""One call to a vendor, whatever the vendor does."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from identity.errors import Misconfigured, ProviderDown
from identity.vendor_http import Answer, call, is_safe_url
from tests.fakes.mutual_tls import MutualTls
from tests.fakes.trouble import Trouble
from tests.fakes.vendor_server import VendorServer


class Vendor(VendorServer):
    """Answers what it is told to."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.response = lambda: web.json_response({"a": 1})

    async def answer(self, request: web.Request) -> web.Response:
        return self.response()

    def throttled(self) -> web.Response:
        return web.Response(status=429)

    def refusal(self) -> web.Response:
        return web.Response(status=401)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as found:
        yield found


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    found = Vendor()
    await found.open()
    yield found
    await found.close()


async def asked(
    session: ClientSession, vendor: Vendor, largest: int = 1000, tls: ssl.SSLContext | None = None
) -> Answer:
    return await call(session, "GET", vendor.base_url + "/x", vendor="Acme", largest=largest, tls=tls)


async def test_an_answer_is_given_whole(session: ClientSession, vendor: Vendor) -> None:
    answer = await asked(session, vendor)
    assert (answer.status, answer.object(), answer.is_json) == (200, {"a": 1}, True)


async def test_it_is_asked_for_json_that_is_not_compressed(session: ClientSession, vendor: Vendor) -> None:
    await asked(session, vendor)
    headers = vendor.seen[0].headers
    assert (headers["Accept"], headers["Accept-Encoding"]) == ("application/json", "identity")


async def test_an_answer_of_exactly_the_limit_is_read(session: ClientSession, vendor: Vendor) -> None:
    vendor.response = lambda: web.Response(body=b" " * 1000)
    assert len((await asked(session, vendor)).octets) == 1000


async def test_an_answer_that_is_larger_is_refused(session: ClientSession, vendor: Vendor) -> None:
    vendor.response = lambda: web.Response(body=b" " * 1001)
    with pytest.raises(ProviderDown, match="too large"):
        await asked(session, vendor)


async def test_an_answer_that_never_ends_is_given_up(session: ClientSession, vendor: Vendor) -> None:
    with vendor.plays(Trouble.FLOODS), pytest.raises(ProviderDown, match="too large"):
        await asked(session, vendor)


async def test_a_compressed_answer_that_would_become_huge_is_refused(session: ClientSession, vendor: Vendor) -> None:
    def bomb() -> web.Response:
        response = web.Response(body=b" " * 10_000_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    vendor.response = bomb
    with pytest.raises(ProviderDown, match="compressed"):
        await asked(session, vendor)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(session: ClientSession, vendor: Vendor, status: int) -> None:
    vendor.response = lambda: web.Response(status=status, headers={"Location": vendor.base_url + "/elsewhere"})
    with pytest.raises(Misconfigured, match=str(status)):
        await asked(session, vendor)
    assert [request.path for request in vendor.seen] == ["/x"]


@pytest.mark.parametrize("trouble", [Trouble.HANGS_UP, Trouble.NO_PROTOCOL])
async def test_a_vendor_that_breaks_off_is_down(session: ClientSession, vendor: Vendor, trouble: Trouble) -> None:
    with vendor.plays(trouble), pytest.raises(ProviderDown, match="Acme cannot be reached"):
        await asked(session, vendor)


async def test_a_vendor_that_is_not_there_is_down(session: ClientSession, vendor: Vendor) -> None:
    async with vendor.is_down():
        with pytest.raises(ProviderDown, match="Acme cannot be reached"):
            await asked(session, vendor)


@asynccontextmanager
async def secured(tls: ssl.SSLContext) -> AsyncIterator[Vendor]:
    vendor = Vendor(tls)
    await vendor.open()
    try:
        yield vendor
    finally:
        await vendor.close()


async def test_a_server_of_another_authority_is_refused(session: ClientSession, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    trusting_another = MutualTls(tmp_path / "other").client()
    async with secured(MutualTls(tmp_path).server()) as vendor:
        with pytest.raises(Misconfigured, match="certificates"):
            await asked(session, vendor, tls=trusting_another)


async def test_a_vendor_that_refuses_our_certificate_is_no_success(session: ClientSession, tmp_path: Path) -> None:
    mutual = MutualTls(tmp_path)
    # The reason is told as a wrong setting where it arrives; asyncio's server hangs up before it has sent it.
    async with secured(mutual.server()) as vendor:
        with pytest.raises((Misconfigured, ProviderDown)):
            await asked(session, vendor, tls=ssl.create_default_context(cafile=mutual.ca))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("", 2.0), ("7", 7.0), ("0", 1.0), ("999999999", 60.0), ("-1", 2.0), ("1e9", 2.0), ("Wed, 21 Oct", 2.0)],
)
def test_how_long_to_wait_is_what_the_vendor_says_within_reason(value: str, seconds: float) -> None:
    assert Answer(429, {"Retry-After": value}, b"").retry_after == seconds


@pytest.mark.parametrize(
    ("kind", "is_json"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/JSON", True),
        ("application/jwk-set+json", True),
        ("text/html", False),
        ("text/json+html", False),
        ("", False),
    ],
)
def test_only_json_is_json(kind: str, is_json: bool) -> None:
    assert Answer(200, {"Content-Type": kind}, b"{}").is_json is is_json


@pytest.mark.parametrize("octets", [b"", b"[]", b"7", b"\xff", b"{", b"[" * 100_000])
def test_what_is_no_object_is_none(octets: bytes) -> None:
    assert Answer(200, {}, octets).object() is None


@pytest.mark.parametrize(
    "url",
    [
        "https://id.example.se",
        "https://id.example.se:8443/a?b=c",
        "http://localhost:1/a",
        "http://127.0.0.1",
        "http://[::1]:5/",
    ],
)
def test_https_and_this_machine_are_safe(url: str) -> None:
    assert is_safe_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://id.example.se",
        "http://localhost.example.se",
        "http://127.0.0.1.example.se",
        "ftp://localhost",
        "javascript:alert(1)",
        "//id.example.se",
        "https://",
        "https:///path",
        "https://user@id.example.se",
        "https://user:secret@id.example.se",
        "https://id.example.se/#fragment",
        "https://id.example.se/#",
        "https://id.example.se/ a",
        "https://id.example.se/\n",
        "https://good.example\\@evil.example",
        "https://id.example.se:port",
        "https://[::1",
        "https://ıd.example.se",
        "https://id.example.se/" + "a" * 2000,
    ],
)
def test_every_other_address_is_not_safe(url: str) -> None:
    assert not is_safe_url(url)
