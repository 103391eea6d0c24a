"""The texts that are filled in on the server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from web.assets import Assets, read_assets
from web.render import (
    DATA_POLICY,
    NO_WORKER,
    PAGE_POLICY,
    SEALED,
    SHOWING,
    WORKER,
    manifest,
    security_headers,
    shell,
    worker,
)

STATIC = Path(__file__).parents[3] / "web" / "static"


@pytest.fixture(scope="module")
def assets() -> Assets:
    return read_assets(STATIC)


def test_every_file_that_the_shell_names_exists(assets: Assets) -> None:
    named = re.findall(rf"/app/static/{assets.version}/([\w./-]+)", shell(assets, offline=True))
    assert named
    assert [name for name in named if name not in assets.files] == []


def test_every_icon_that_the_manifest_names_exists(assets: Assets) -> None:
    icons = [icon["src"].split(f"{assets.version}/")[1] for icon in json.loads(manifest(assets))["icons"]]
    assert [name for name in icons if name not in assets.files] == []


def test_the_manifest_offers_an_icon_large_enough_to_install(assets: Assets) -> None:
    sizes = [icon["sizes"] for icon in json.loads(manifest(assets))["icons"]]
    assert {"192x192", "512x512"} <= set(sizes)


def test_nothing_is_left_to_fill_in(assets: Assets) -> None:
    assert "{{" not in shell(assets, offline=True) + shell(assets, offline=False) + manifest(assets)


def test_the_worker_keeps_every_file_but_itself(assets: Assets) -> None:
    first, _, rest = worker(assets, offline=True).partition("\n")
    told = json.loads(first.removeprefix("self.approvalsHub = "))
    assert told["version"] == assets.version
    parts = (SEALED, SHOWING, WORKER)
    assert set(told["files"]) == {assets.url(name) for name in assets.files if name not in (*parts, NO_WORKER)}
    assert rest.encode() == b"".join(assets.files[name].data for name in parts)


def test_a_hub_whose_pages_shall_not_be_kept_serves_the_worker_that_ends(assets: Assets) -> None:
    assert "unregister" in worker(assets, offline=False)
    assert 'data-worker="off"' in shell(assets, offline=False)
    assert 'data-worker="on"' in shell(assets, offline=True)


def test_the_worker_has_no_way_to_answer_a_question(assets: Assets) -> None:
    """What it may ask of the hub is this list: it says what became of a message, counts, and keeps its own address."""
    text = worker(assets, offline=True).partition("\n")[2]
    assert set(re.findall(r"/v1/[a-z-]+", text)) == {
        "/v1/tellings",
        "/v1/inbox",
        "/v1/devices",
        "/v1/challenges",
        "/v1/sessions",
    }
    assert not re.search(r"approve|not_me|statement_hash|/views|/step-ups", text, re.IGNORECASE)
    named = [line.strip() for line in text.splitlines() if re.search(r"deny|denial", line, re.IGNORECASE)]
    assert named == [
        "const BUTTONS = ['review', 'deny']",
        "const DENIAL = '/denial'",
        "const path = asks && action === 'deny' ? place + DENIAL : place",
        "const place = path.endsWith(DENIAL) ? path.slice(0, -DENIAL.length) : path",
    ], "the button leads to a page"
    assert re.findall(r"\S*/decisions\S*", text) == ["'/app/decisions')"], "the list of answers, to bring to the front"


@pytest.mark.parametrize("hole", ["unsafe-inline", "unsafe-eval", "data:", "blob:", "http:", "https:", "*"])
def test_the_pages_policy_has_no_hole(hole: str) -> None:
    assert hole not in PAGE_POLICY


@pytest.mark.parametrize("policy", [PAGE_POLICY, DATA_POLICY])
def test_a_policy_denies_what_it_does_not_name(policy: str) -> None:
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy


def test_scripts_may_not_be_made_from_text() -> None:
    assert "require-trusted-types-for 'script'" in PAGE_POLICY


def test_only_a_https_hub_insists_on_https() -> None:
    assert "Strict-Transport-Security" in security_headers(secure=True)
    assert "Strict-Transport-Security" not in security_headers(secure=False)
