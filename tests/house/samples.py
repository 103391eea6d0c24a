"""One file per rule that breaks it, and one that looks like it but keeps it: a rule that cannot fail says nothing."""

from __future__ import annotations

from tests.house.tree import Source

FEATURE = "approvals_hub/tokens/redeem.py"
TEST = "tests/unit/tokens/test_redeem.py"

HANDLER = "approvals_hub/api/tokens.py"
PAGE = "web/static/app/card.js"
TEMPLATE = "web/templates/shell.html"

BREAKING = {
    "is_short": [Source(FEATURE, "x = 1\n" * 301)],
    "keeps_sql_in_stores": [
        Source(FEATURE, 'SQL = "SELECT jti FROM tokens"\n'),
        Source(FEATURE, 'SQL = """\n  update_ = 1"""\nOTHER = "UPDATE tokens SET state = :to WHERE jti = :jti"\n'),
        Source("approvals_hub/cli/keys.py", 'run("INSERT INTO keys VALUES (1)")\n'),
        Source(FEATURE, 'SQL = f"DELETE FROM tokens WHERE jti = {jti}"\n'),
    ],
    "keeps_its_tasks": [
        Source(FEATURE, "import asyncio\nasyncio.create_task(work())\n"),
        Source(FEATURE, "loop.create_task(work())\n"),
        Source(FEATURE, "from asyncio import ensure_future\nensure_future(work())\n"),
    ],
    "has_a_plain_name": [
        Source("approvals_hub/tokens/utils.py", ""),
        Source("approvals_hub/helpers/token.py", ""),
        Source("approvals_hub/tokens/token_manager.py", ""),
        Source(FEATURE, "class TokenManager: ...\n"),
    ],
    "leaves_nothing_open": [Source(FEATURE, "# TODO later\n"), Source(FEATURE, "raise NotImplementedError\n")],
    "leaves_no_test_out": [
        Source(TEST, "@pytest.mark.skip\ndef test_a_token_works_once(): ...\n"),
        Source(TEST, "pytest.importorskip('asyncpg')\n"),
    ],
    "mocks_nothing": [
        Source(TEST, "from unittest.mock import patch\n"),
        Source(TEST, "monkeypatch.setattr(redeem, 'now', lambda: 0)\n"),
    ],
    "gives_reasons": [
        Source(FEATURE, "x = 1  # noqa\n"),
        Source(FEATURE, "x = 1  # noqa: S608\n"),
        Source(FEATURE, "x = y  # type: ignore[attr-defined]\n"),
        Source(FEATURE, "x = y  # type: ignore  # the stub is wrong here\n"),
    ],
    "names_no_machine": [Source(FEATURE, 'PATH = "/home/anna/hub.db"\n')],
    "keeps_rules_pure": [
        Source("approvals_hub/tokens/token.py", "import asyncio\n"),
        Source("approvals_hub/tokens/token.py", "def f():\n    from approvals_hub.db.database import Tx\n"),
    ],
    "states_a_fact": [Source(TEST, "def test_redeem(): ...\n"), Source(TEST, "async def test_it_works(): ...\n")],
    "keeps_status_codes_in_one_file": [
        Source(HANDLER, "return json_response(body, status=409)\n"),
        Source(HANDLER, "raise web.HTTPNotFound\n"),
    ],
    "keeps_routes_on_one_page": [Source(HANDLER, "app.router.add_post('/v1/tokens/redeem', redeem)\n")],
    "compares_secrets_in_constant_time": [
        Source(FEATURE, "ok = row['x'] == expected_mac\n"),
        Source(FEATURE, "if given.digits != device.digits: ...\n"),
    ],
    "turns_no_text_into_code": [
        Source(PAGE, "card.innerHTML = name\n"),
        Source(PAGE, "link.href = 'javascript:' + code\n"),
    ],
    "fetches_nothing_from_elsewhere": [
        Source(PAGE, 'import { h } from "https://cdn.example/h.js"\n'),
        Source(TEMPLATE, '<script src="//cdn.example/h.js"></script>\n'),
        Source("web/static/app/app.css", '@font-face { src: url("https://fonts.example/a.woff2") }\n'),
    ],
    "holds_no_inline_code": [
        Source(TEMPLATE, "<script>start()</script>\n"),
        Source(TEMPLATE, '<button onclick="approve()">Yes</button>\n'),
        Source(TEMPLATE, '<p style="color: red">No</p>\n'),
    ],
}

KEEPING = {
    "is_short": [Source(FEATURE, "x = 1\n" * 300)],
    "keeps_sql_in_stores": [
        Source("approvals_hub/tokens/store.py", 'SQL = "SELECT jti FROM tokens"\n'),
        Source("approvals_hub/audit/tile_store.py", 'SQL = "SELECT hash FROM tiles"\n'),
        Source("approvals_hub/db/sqlite.py", 'SQL = "CREATE TABLE t (a TEXT)"\n'),
        Source(FEATURE, '"""Select one of the ways from here."""\n'),
    ],
    "keeps_its_tasks": [
        Source(FEATURE, "self.task = asyncio.create_task(work())\n"),
        Source(
            FEATURE, "async def f():\n    async with asyncio.TaskGroup() as group:\n        group.create_task(work())\n"
        ),
    ],
    "has_a_plain_name": [Source(FEATURE, "class Redeem: ...\n")],
    "leaves_nothing_open": [Source(FEATURE, "# done\n")],
    "leaves_no_test_out": [Source(TEST, "@pytest.mark.needs('node')\ndef test_node_agrees_on_it(): ...\n")],
    "mocks_nothing": [Source(TEST, "monkeypatch.setenv('TZ', 'UTC')\n")],
    "gives_reasons": [
        Source(FEATURE, "x = 1  # noqa: S608 - the names come from a constant tuple\n"),
        Source(FEATURE, "x = y  # type: ignore[attr-defined]  # the stub misses this member\n"),
        Source(FEATURE, "import asyncpg  # type: ignore[import-untyped]\n"),
        Source(FEATURE, "# The stub misses this member.\nx = y  # type: ignore[attr-defined]\n"),
    ],
    "names_no_machine": [Source(FEATURE, 'PATH = "/var/lib/approvals-hub"\nURL = "https://a.example/home/x/"\n')],
    "keeps_rules_pure": [
        Source("approvals_hub/tokens/token.py", "import json\n"),
        Source("approvals_hub/tokens/redeem.py", "import asyncio\nasync def redeem(): ...\n"),
    ],
    "states_a_fact": [Source(TEST, "def test_a_token_is_redeemed_once(): ...\n")],
    "keeps_status_codes_in_one_file": [
        Source(HANDLER, "return json_response(body, status=201)\n"),
        Source("approvals_hub/api/problems.py", "return json_response(body, status=409)\n"),
        Source("approvals_hub/cli/demo.py", "done = answer.status == 409\n"),
        Source(HANDLER, "try: ...\nexcept web.HTTPRequestEntityTooLarge: ...\n"),
    ],
    "keeps_routes_on_one_page": [
        Source("approvals_hub/api/routes.py", "router.add_route(row.method, row.path, call)\n")
    ],
    "compares_secrets_in_constant_time": [
        Source(FEATURE, "hmac.compare_digest(given.mac, mac)\n"),
        Source(FEATURE, "if action_hash == token.action_hash: ...\n"),
    ],
    "turns_no_text_into_code": [Source(PAGE, "card.textContent = name\n")],
    "fetches_nothing_from_elsewhere": [Source(PAGE, 'import { card } from "./card.js"\n')],
    "holds_no_inline_code": [Source(TEMPLATE, '<script type="module" src="/app/start.js"></script>\n')],
}
