"""What an agent that knows nothing of this hub reads: `/llms.txt`, and `/skill.md` with every step as code.

The texts lie beside this module; a test follows them to the letter (tests/flows/test_guide.py). They are public, hold
nothing of any organisation, and name this hub by its public URL.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web

from approvals_hub.api.call import Call
from approvals_hub.api.headers import answer_headers

LLMS: Final = "llms.txt"
SKILL: Final = "skill.md"
MARKDOWN: Final = "text/markdown"
_HUB: Final = "{hub}"


async def llms(call: Call[None]) -> web.Response:
    """What an AI agent must know of this hub, on one page (llmstxt.org)."""
    return _text(call, LLMS, "text/plain")


async def skill(call: Call[None]) -> web.Response:
    """How an AI agent asks before it acts, step by step, with code."""
    return _text(call, SKILL, MARKDOWN)


def guide(name: str, public_url: str) -> str:
    """One of the texts, for the hub at this URL."""
    return _template(name).replace(_HUB, public_url.rstrip("/"))


def _text(call: Call[None], name: str, media_type: str) -> web.Response:
    headers = answer_headers(secure=call.api.served.secure, media_type=f"{media_type}; charset=utf-8")
    return web.Response(body=guide(name, call.api.served.public_url).encode(), headers=headers)


@cache
def _template(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
