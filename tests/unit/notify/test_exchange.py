"""One question over HTTP: limits, redirects, TLS, and what a broken connection means."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession, TCPConnector, web

from notify.delivery import AFTER, LONGEST_AFTER, Cause, Failed, TryLater
from notify.exchange import LARGEST, Answer, Request, ask, refused, require_url
from notify.sending import Attempt
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble
from tests.fakes.vendor_server import VendorServer

NOW = 1_800_000_000_000
Answering = Callable[[web.Request], Awaitable[web.Response]]


class Scripted(VendorServer):
    """Answers as the test says."""

    answering: Answering

    async def answer(self, request: web.Request) -> web.Response:
        return await self.answering(request)

    def throttled(self) -> web.Response:
        return web.Response(status=429)

    def refusal(self) -> web.Response:
        return web.Response(status=401)


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    found = Scripted()
    await found.open()
    yield found
    await found.close()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as found:
        yield found


async def asked(session: ClientSession, server: VendorServer, attempt: Attempt | None = None) -> object:
    request = Request("POST", f"{server.base_url}/send", {"X-Ours": "1"}, b"body")
    return await ask(session, request, attempt or Attempt())


def answering(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Answering:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return answer


async def test_the_answer_has_status_headers_and_the_whole_body(server: Scripted, session: ClientSession) -> None:
    server.answering = answering(201, b'{"id": "7"}', {"X-Theirs": "1"})
    attempt = Attempt()
    answer = await asked(session, server, attempt)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["X-Theirs"], answer.json()) == (201, "1", {"id": "7"})
    assert attempt.on_its_way
    (request,) = server.seen
    assert (request.method, request.headers["X-Ours"]) == ("POST", "1")


async def test_a_redirect_is_not_followed_and_the_message_not_taken_elsewhere(
    server: Scripted, session: ClientSession
) -> None:
    for status in (301, 302, 303, 307, 308):
        server.answering = answering(status, headers={"Location": "/elsewhere"})
        answer = await asked(session, server)
        assert isinstance(answer, Answer)
        assert answer.status == status
    assert {request.path for request in server.seen} == {"/send"}


@pytest.mark.parametrize("path", ["/a%2fb%7e?sig=%2f-_~&x=%41", "/a+b?c=d+e", "/"])
async def test_a_url_that_is_exact_goes_out_letter_for_letter(
    server: Scripted, session: ClientSession, path: str
) -> None:
    server.answering = answering(200)
    await ask(session, Request("POST", server.base_url + path, {}, b"", exact=True), Attempt())
    assert server.seen[-1].raw_path == path


async def test_a_url_without_a_path_asks_for_the_root(server: Scripted, session: ClientSession) -> None:
    server.answering = answering(200)
    for url, path in ((server.base_url, "/"), (f"{server.base_url}?a=b", "/?a=b")):
        await ask(session, Request("POST", url, {}, b"", exact=True), Attempt())
        assert server.seen[-1].raw_path == path


@pytest.mark.parametrize(("size", "kept"), [(LARGEST, True), (LARGEST + 1, False), (10 * LARGEST, False)])
async def test_a_body_is_read_up_to_the_limit(server: Scripted, session: ClientSession, size: int, kept: bool) -> None:
    server.answering = answering(200, b" " * size)
    answer = await asked(session, server)
    assert isinstance(answer, Answer)
    assert (answer.body is not None) == kept
    assert answer.json() is None


@pytest.mark.parametrize("bomb", ["gzip", "deflate"])
async def test_a_compressed_body_is_counted_as_it_unfolds(server: Scripted, session: ClientSession, bomb: str) -> None:
    async def folded(request: web.Request) -> web.Response:
        response = web.Response(body=b" " * 20_000_000)
        response.enable_compression(web.ContentCoding(bomb))
        return response

    server.answering = folded
    answer = await asked(session, server)
    assert isinstance(answer, Answer)
    assert answer.body is None


@pytest.mark.parametrize("trouble", [Trouble.HANGS_UP, Trouble.NO_PROTOCOL])
async def test_a_connection_that_breaks_off_leaves_open_whether_it_was_taken(
    server: Scripted, session: ClientSession, trouble: Trouble
) -> None:
    with server.plays(trouble):
        result = await asked(session, server)
    assert isinstance(result, TryLater)
    assert result.perhaps_sent


async def test_a_server_that_is_down_has_taken_nothing(server: Scripted, session: ClientSession) -> None:
    async with server.is_down():
        result = await asked(session, server)
    assert result == TryLater(AFTER, "the server cannot be reached")


@pytest.mark.parametrize("names", [("127.0.0.1",), ("evil.example",)])
async def test_a_server_whose_certificate_does_not_verify_gets_nothing(names: tuple[str, ...]) -> None:
    own, others = Authority(), Authority()
    server = Scripted(own.server(*names))
    await server.open()
    trusted = others if names == ("127.0.0.1",) else own
    async with ClientSession(connector=TCPConnector(ssl=trusted.trusting())) as session:
        result = await asked(session, server)
    assert isinstance(result, Failed)
    assert (result.cause, "does not verify" in result.why) == (Cause.SETTINGS, True)
    assert server.seen == []
    await server.close()


async def test_tls_at_a_port_without_it_is_for_an_operator(server: Scripted, session: ClientSession) -> None:
    request = Request("POST", server.base_url.replace("http:", "https:"), {}, b"")
    result = await ask(session, request, Attempt())
    assert isinstance(result, Failed)
    assert result.cause is Cause.SETTINGS


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("17", 17.0),
        ("0", 1.0),
        ("999999999999", LONGEST_AFTER),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),  # 1_800_000_030
        ("Fri, 15 Jan 2027 07:00:00 GMT", 1.0),
        ("Fri, 15 Jan 2027 08:00:30 -0000", 30.0),
        ("soon", AFTER),
        ("-5", AFTER),
        ("1.5", AFTER),
        ("٣", AFTER),
        ("", AFTER),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float) -> None:
    assert Answer(429, {"Retry-After": text}, b"").retry_after(now=NOW) == seconds


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"{", b"[" * 100_000, b'{"a": NaN}', b'"\xed\xa0\x80"', None])
def test_what_is_no_json_is_nothing(body: bytes | None) -> None:
    assert Answer(200, {}, body).json() is None


def test_json_is_read_as_it_stands() -> None:
    assert Answer(200, {}, json.dumps({"å": [1, None, True]}).encode()).json() == {"å": [1, None, True]}


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/",
        "ftp://api.example.com/",
        "https://",
        "https:///path",
        "https://user@api.example.com/",
        "https://user:pass@api.example.com/",
        "https://api.example.com/#part",
        "http://localhost.evil.example/",
        "http://127.0.0.1@evil.example/",
        "//api.example.com",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_url_that_is_read_on_the_way_or_hides_its_host_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="the URL"):
        require_url(url)


@pytest.mark.parametrize("url", ["https://api.example.com/a?b=c", "http://127.0.0.1:8080", "http://[::1]:1/"])
def test_https_is_good_and_so_is_this_machine(url: str) -> None:
    require_url(url)


@pytest.mark.parametrize(
    ("status", "ours"), [(301, True), (308, True), (401, True), (402, True), (403, True), (404, True), (400, False)]
)
def test_a_refusal_of_us_is_told_from_one_of_the_message(status: int, ours: bool) -> None:
    assert (refused(status) is not None) == ours
