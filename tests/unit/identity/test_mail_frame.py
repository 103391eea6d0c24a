"""The frame that every mail of the hub has."""

from __future__ import annotations

from identity.mail_frame import framed, line
from tests.unit.identity.test_code_mail import Seen

HOSTILE = "$rows</td><img src=x onerror=alert(1)>"


def test_whatever_a_row_a_title_or_a_preview_looks_like_is_text() -> None:
    rows = [line(HOSTILE, "padding:0")]
    html = framed(rows, title=HOSTILE, language="sv", dark=".x { color: #ffffff; }", preview=HOSTILE)
    seen = Seen(html)
    assert "img" not in seen.tags
    assert seen.text.count("$rows</td><img") == 3
    assert 'lang="sv"' in html


def test_lines_of_a_row_stay_lines_and_a_mail_without_a_preview_hides_nothing() -> None:
    html = framed([line("one\ntwo", "padding:0", soft=True)], title="t", language="en", dark="")
    assert "one<br>\ntwo" in html
    assert "display:none" not in html
