"""The frame of every mail that the hub writes: head, colours for the light and the dark, one card with rows.

No remote picture and no style sheet: a picture tells who opened the mail. Tables lay it out, as mail clients want it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from string import Template

INK = "#14171a"
PAPER = "#ffffff"
GROUND = "#f2f4f6"
SOFT = "#4a545e"

_FRAME = Template("""\
<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>$title</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #14171a !important; }
  .card { background: #1f2428 !important; border-color: #3a4148 !important; }
  .ink { color: #f2f4f6 !important; }
  .soft { color: #b4bcc4 !important; }
  $dark
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f2f4f6">
$preview<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background:#f2f4f6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:480px;background:#ffffff;border:1px solid #d9dee3;border-radius:8px;\
font-family:Arial,Helvetica,sans-serif">
$rows
</table>
</td></tr>
</table>
</body>
</html>
""")
_PREVIEW = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">$text$filling</div>\n'
# Invisible letters behind the first line: a preview shows them instead of reading on.
_FILLING = "&#847;&zwnj;&nbsp;" * 80


def framed(rows: Iterable[str], *, title: str, language: str, dark: str, preview: str = "") -> str:
    """The whole page around rows of HTML. `title` and `preview` are text; `preview` is what a client shows of the mail
    in its list. `dark`: one rule of CSS for a class that only these rows have."""
    shown = Template(_PREVIEW).substitute(text=escape(preview), filling=_FILLING) if preview else ""
    return _FRAME.substitute(language=language, title=escape(title), dark=dark, preview=shown, rows="\n".join(rows))


def line(text: str, style: str, *, soft: bool = False) -> str:
    """One row of text, whatever it looks like; the lines in it stay lines."""
    kind, colour = ("soft", SOFT) if soft else ("ink", INK)
    said = escape(text).replace("\n", "<br>\n")
    return f'<tr><td class="{kind}" style="{style};color:{colour}">{said}</td></tr>'
