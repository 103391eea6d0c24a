"""The verifier of proofs that others copy runs in a browser as it does in Node."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import Browser, Route

ROOT = Path(__file__).parents[2]
PLACE = "https://bank.example.com"
KINDS = {".mjs": "text/javascript", ".json": "application/json"}


async def from_the_tree(route: Route) -> None:
    """A counterparty's site: the files of this repository, and an empty page for all else."""
    path = ROOT / route.request.url.removeprefix(f"{PLACE}/")
    if path.suffix in KINDS:
        await route.fulfill(body=path.read_bytes(), content_type=KINDS[path.suffix])
    else:
        await route.fulfill(body="<!doctype html>", content_type="text/html")


async def test_a_browser_gives_every_good_proof_its_claims_and_every_attack_its_reason(browser: Browser) -> None:
    file = json.loads((ROOT / "tests/vectors/approvals_hub/proofs.json").read_text(encoding="utf-8"))
    context = await browser.new_context()
    await context.route("**/*", from_the_tree)
    page = await context.new_page()
    await page.goto(f"{PLACE}/")
    imports = f"import('{PLACE}/tests/contracts/proof_answers.mjs')"
    assert await page.evaluate(f"async file => (await {imports}).wrongAnswers(file)", file) == []
    await context.close()
