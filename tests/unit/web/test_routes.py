"""The page's addresses and the headers of everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from web.assets import read_assets
from web.render import DATA_POLICY, PAGE_POLICY
from web.routes import SCREENS, STATIC, add_pages

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
    "Server": "approvals-hub",
}
FILE = read_assets(STATIC).url("app/icon.svg")
Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> Client:
    app = web.Application()
    add_pages(app, public_url="https://hub.example")
    async with TestClient(TestServer(app)) as opened:
        yield opened


def screens() -> list[str]:
    return [path.replace("{id}", "esc_1").replace("{name}", "main") for path in SCREENS]


@pytest.mark.parametrize("path", screens())
async def test_every_screen_is_the_one_shell_under_the_strict_policy(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status == 200
    assert response.content_type == "text/html"
    assert response.headers["Content-Security-Policy"] == PAGE_POLICY
    assert response.headers["Cache-Control"] == "no-cache"


async def test_a_scanner_that_posts_to_what_the_link_of_a_mail_opens_finds_nothing_that_answers(client: Client) -> None:
    opened = [await (await client.get(path)).read() for path in ("/app/escalations/esc_1", "/app/escalations/esc_2")]
    assert opened[0] == opened[1], "the page itself knows of no question"
    assert b"<form" not in opened[0]
    for path in ("/app/escalations/esc_1", "/app/escalations/esc_1/denial"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert (await client.request(method, path)).status == 405, (method, path)


@pytest.mark.parametrize("path", [*screens(), "/", "/app", "/app/sw.js", "/app/manifest.webmanifest", FILE])
async def test_every_response_has_the_security_headers(client: Client, path: str) -> None:
    response = await client.get(path, allow_redirects=False)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_file_is_no_place_to_run_anything(client: Client) -> None:
    assert (await client.get(FILE)).headers["Content-Security-Policy"] == DATA_POLICY


async def test_a_report_is_answered_with_the_security_headers(client: Client) -> None:
    response = await client.post("/app/csp-reports", data=b"{}")
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


async def test_the_root_leads_to_the_page(client: Client) -> None:
    response = await client.get("/", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "/app/")


async def test_the_worker_is_asked_for_anew_each_time(client: Client) -> None:
    response = await client.get("/app/sw.js")
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.content_type == "text/javascript"


async def test_a_versioned_file_may_be_kept_for_ever(client: Client) -> None:
    response = await client.get(read_assets(STATIC).url("app/main.js"))
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (await response.read()) == read_assets(STATIC).files["app/main.js"].data


async def test_a_client_that_unpacks_nothing_gets_the_plain_file(client: Client) -> None:
    url = client.make_url(read_assets(STATIC).url("app/main.js"))
    async with ClientSession(auto_decompress=False) as session:
        async with session.get(url, headers={"Accept-Encoding": "identity"}) as plain:
            assert "Content-Encoding" not in plain.headers
            assert len(await plain.read()) == len(read_assets(STATIC).files["app/main.js"].data)
        async with session.get(url, headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("path", ["..%2f..%2froutes.py", "../routes.py", "app/../../routes.py", "app/", "package.json"])
async def test_no_path_leads_out_of_the_static_folder(client: Client, path: str) -> None:
    response = await client.get(f"/app/static/{read_assets(STATIC).version}/{path}")
    assert response.status == 404


async def test_the_files_of_another_version_are_gone(client: Client) -> None:
    assert (await client.get("/app/static/0000000000000000/app/main.js")).status == 404


async def test_a_page_reached_by_plain_http_on_this_computer_gets_no_transport_rule() -> None:
    app = web.Application()
    add_pages(app, public_url="http://localhost:8080")
    async with TestClient(TestServer(app)) as client:
        assert "Strict-Transport-Security" not in (await client.get("/app/")).headers


def test_every_screen_of_the_router_has_an_address_here() -> None:
    router = (Path(STATIC) / "app" / "router.js").read_text()
    patterns = [
        re.compile(found.replace("\\/", "/").replace("(?<", "(?P<"))
        for found in re.findall(r"path: /(.+)/, screen", router)
    ]
    assert len(patterns) == len(SCREENS)
    assert all(any(pattern.search(path) for path in screens()) for pattern in patterns)
    assert all(any(pattern.search(path) for pattern in patterns) for path in screens())
