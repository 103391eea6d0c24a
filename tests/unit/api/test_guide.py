"""The texts for agents; that they are true is shown in tests/flows/test_guide.py."""

from __future__ import annotations

import pytest

from approvals_hub.api.guide import LLMS, SKILL, guide
from tests.unit.api.web_client import Web


@pytest.mark.parametrize("name", [LLMS, SKILL])
def test_a_text_names_this_hub_and_no_other(name: str) -> None:
    text = guide(name, "https://hub.example.com:8443/")
    assert "https://hub.example.com:8443/v1/" in text
    assert "{hub}" not in text
    assert "8443//" not in text


async def test_anybody_reads_them_with_the_headers_of_every_answer_and_no_query(api: Web) -> None:
    for path, media_type in (("/llms.txt", "text/plain"), ("/skill.md", "text/markdown")):
        reply = await api.send("GET", path)
        assert (reply.status, reply.headers["Content-Type"]) == (200, f"{media_type}; charset=utf-8")
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert (await api.send("GET", f"{path}?x=1")).status == 422
