"""The HTML of a mail that leads to a page, in Swedish and English: the same card as a mail with a code, readable in the
light and in the dark.

No remote picture tells who opened it, and the one link holds nothing that decides: scanners follow links.
"""

from __future__ import annotations

from html import escape
from string import Template
from urllib.parse import urlsplit

_OPEN = {"sv": "Öppna sidan", "en": "Open the page"}
_FOOT = {
    "sv": "Skickat av Approvals Hub på $host. Inget avgörs genom att svara på brevet.",
    "en": "Sent by Approvals Hub at $host. Nothing is decided by answering this mail.",
}
_HTML = Template("""\
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
  .key { background: #f2f4f6 !important; color: #14171a !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f2f4f6">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background:#f2f4f6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:480px;background:#ffffff;border:1px solid #d9dee3;border-radius:8px;\
font-family:Arial,Helvetica,sans-serif">
<tr><td class="soft" style="padding:24px 24px 0;font-size:14px;color:#4a545e">$who</td></tr>
<tr><td class="ink" style="padding:8px 24px 0;font-size:18px;line-height:26px;color:#14171a">$title</td></tr>
<tr><td class="ink" style="padding:12px 24px 0;font-size:15px;line-height:22px;color:#14171a;\
overflow-wrap:anywhere">$text</td></tr>
<tr><td style="padding:16px 24px 0"><a class="key" href="$link" style="display:inline-block;padding:12px 20px;\
background:#14171a;color:#ffffff;border-radius:6px;font-size:16px;text-decoration:none">$open</a></td></tr>
<tr><td class="soft" style="padding:12px 24px 0;font-size:13px;line-height:18px;color:#4a545e;\
overflow-wrap:anywhere">$link</td></tr>
<tr><td class="soft" style="padding:16px 24px 24px;font-size:14px;line-height:20px;color:#4a545e">$foot</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
""")


def mail_card(*, organisation: str, title: str, text: str, link: str, language: str) -> str:
    """The whole page. `text` may have several lines; everything is text here, whatever it looks like. Any language but
    `sv` is English."""
    chosen = language if language in _OPEN else "en"
    foot = Template(_FOOT[chosen]).substitute(host=urlsplit(link).netloc)
    said = {"who": organisation, "title": title, "text": text, "link": link, "open": _OPEN[chosen], "foot": foot}
    escaped = {name: escape(value) for name, value in said.items()}
    escaped["text"] = escaped["text"].replace("\n", "<br>\n")
    return _HTML.substitute(escaped, language=chosen)
